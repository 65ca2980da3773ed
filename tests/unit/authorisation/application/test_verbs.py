"""What developers and officers can do, and what a case then says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.unit.authorisation.application.cases import (
    CASE,
    DAY,
    DEVELOPER,
    NOW,
    OFFICER,
    SHA,
    TREATY,
    Case,
    application,
    document,
    drafted,
    submitted,
    under_review,
)

from assent.authorisation.application import (
    APPEAL_WORKING_DAYS,
    EVENTS_MAX,
    AppealTooLate,
    ApplicationIncomplete,
    ChangeKind,
    State,
    TransitionRefused,
    add_document,
    add_note,
    amend,
    appeal,
    clone,
    disclose,
    draft,
    edit,
    evidence_of,
    provide_information,
    request_information,
    start_review,
    submit,
    withdraw,
    withdraw_request,
)
from assent.authorisation.treaty import MatterUnknown
from assent.testing.states import SimulatedTreaty
from assent.vocabulary import DocumentInvalid, NotAllowed, NotFound


def ask(case: Case, request_id: str, days: int = 10) -> None:
    case.do(
        request_information,
        request_id,
        "What of the chips?",
        answer_working_days=days,
        treaty=TREATY,
    )


def added(name: str = "extra", sha: str = SHA) -> Any:  # noqa: ANN401 - evidence
    return evidence_of({**document()["evidence"][0], "id": name, "digest": sha})


def test_a_draft_is_edited_and_nothing_is_lost() -> None:
    case = drafted(title="First")
    case.do(edit, application(title="Second"))
    assert case.folded.application.title == "Second"
    assert case.folded.versions == ()
    assert [one.event.body["document"]["title"] for one in case.history] == [  # type: ignore[index,call-overload] # plain
        "First",
        "Second",
    ]


def test_submitting_makes_the_first_version_and_starts_the_clock() -> None:
    case = submitted()
    [version] = case.folded.versions
    assert (version.number, version.application) == (1, application())
    assert version.changes == ()
    assert case.folded.submitted == NOW
    assert case.folded.state is State.SUBMITTED


def test_an_incomplete_draft_is_not_submitted() -> None:
    case = drafted(oversight=None)
    with pytest.raises(ApplicationIncomplete, match="oversight"):
        case.do(submit, TREATY)
    assert case.folded.state is State.DRAFT


def test_what_is_submitted_is_edited_no_more() -> None:
    with pytest.raises(TransitionRefused, match="submitted"):
        submitted().do(edit, application(title="Second"))


def test_an_amendment_is_a_new_version_with_its_changes() -> None:
    case = under_review()
    case.do(amend, application(purpose="Another."), "The plan changed.", treaty=TREATY)
    first, second = case.folded.versions
    assert first.application.purpose == application().purpose
    assert (second.number, second.reason) == (2, "The plan changed.")
    [change] = second.changes
    assert (change.path, change.kind) == ("/purpose", ChangeKind.CHANGED)
    assert case.folded.application.purpose == "Another."
    assert case.folded.state is State.UNDER_REVIEW


def test_an_amendment_during_a_vote_voids_the_proposal() -> None:
    case = under_review()
    case.happen("proposed", proposal={"closes": "2026-03-20T23:59:59Z"})
    assert case.folded.vote_closes == datetime(2026, 3, 20, 23, 59, 59, tzinfo=UTC)
    case.do(amend, application(purpose="Another."), "Why", treaty=TREATY)
    assert case.folded.state is State.UNDER_REVIEW
    assert case.folded.vote_closes is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "says already"),
        ({"run_id": "run-2", "declaration": {"a": 1}}, "the run"),
        ({"matter": "horizon-exception"}, "the matter"),
        ({"developer": document()["developer"] | {"name": "Rival"}}, "name"),
        ({"cloned_from": "application-2026-0007"}, "origin"),
    ],
)
def test_an_amendment_stays_the_same_application(
    changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(NotAllowed, match=text):
        under_review().do(amend, application(**changes), "Why", treaty=TREATY)


def test_an_amendment_is_as_complete_as_an_application() -> None:
    with pytest.raises(ApplicationIncomplete, match="purpose"):
        submitted().do(amend, application(purpose=""), "Why", treaty=TREATY)


def test_an_amendment_takes_up_an_added_document_but_not_another_of_its_name() -> None:
    case = submitted()
    case.do(add_document, added())
    listed = [*document()["evidence"], added().plain]
    case.do(amend, application(evidence=listed), "Listed.", treaty=TREATY)
    other = [*document()["evidence"], added(sha="sha256:" + "0" * 64).plain]
    with pytest.raises(NotAllowed, match="another document called 'extra'"):
        case.do(amend, application(evidence=other), "Swapped.", treaty=TREATY)


def test_an_officer_takes_the_application_up() -> None:
    assert under_review().folded.officer == OFFICER
    with pytest.raises(TransitionRefused):
        under_review().do(start_review, "Another officer")


def test_the_review_goes_on_with_the_last_answer() -> None:
    case = under_review()
    ask(case, "rfi-1")
    ask(case, "rfi-2")
    case.do(provide_information, "rfi-2", "Here.", ["plan"])
    waiting = case.folded
    assert waiting.state is State.INFORMATION_REQUESTED
    assert [one.request_id for one in waiting.open_requests] == ["rfi-1"]
    case.do(provide_information, "rfi-1", "There.")
    assert case.folded.state is State.UNDER_REVIEW
    answered = case.folded.requests["rfi-2"]
    assert (answered.answer, answered.evidence) == ("Here.", ("plan",))
    assert answered.due == date(2026, 3, 16)


def test_withdrawing_the_last_request_lets_the_review_go_on() -> None:
    case = under_review()
    ask(case, "rfi-1")
    case.do(withdraw_request, "rfi-1", "Found it myself.")
    assert case.folded.state is State.UNDER_REVIEW
    assert case.folded.requests["rfi-1"].answer is None
    assert case.folded.requests["rfi-1"].withdrawn_because == "Found it myself."


def test_a_request_is_answered_once_and_its_name_used_once() -> None:
    case = under_review()
    ask(case, "rfi-1")
    ask(case, "rfi-2")
    case.do(provide_information, "rfi-1", "Here.")
    with pytest.raises(NotFound, match="no open request 'rfi-1'") as refusal:
        case.do(provide_information, "rfi-1", "Again.")
    assert "rfi-2" in refusal.value.remedy
    with pytest.raises(NotAllowed, match="rfi-1"):
        ask(case, "rfi-1")


@pytest.mark.parametrize("days", [0, 251])
def test_the_time_to_answer_has_bounds(days: int) -> None:
    with pytest.raises(DocumentInvalid, match="working days"):
        ask(under_review(), "rfi-1", days)


def test_requests_have_plain_names() -> None:
    with pytest.raises(DocumentInvalid, match="no name"):
        ask(under_review(), "rfi 1\n")


def test_an_answer_refers_to_documents_of_the_case() -> None:
    case = under_review()
    ask(case, "rfi-1")
    with pytest.raises(NotFound, match="'extra'"):
        case.do(provide_information, "rfi-1", "See there.", ["extra"])
    case.do(add_document, added())
    case.do(provide_information, "rfi-1", "See there.", ["extra"])


def test_a_document_is_never_put_in_the_place_of_another() -> None:
    case = submitted()
    case.do(add_document, added())
    for name in ("extra", "plan"):
        with pytest.raises(NotAllowed, match=name):
            case.do(add_document, added(name))
    assert list(case.folded.evidence) == ["plan", "extra"]


def test_sealed_fields_are_disclosed_to_inspectors_in_office() -> None:
    case = under_review()
    case.do(disclose, "ito", SHA, ["/declaration/model"], treaty=TREATY)
    [disclosure] = case.folded.disclosures
    assert (disclosure.inspector, disclosure.fields) == ("ito", ("/declaration/model",))
    assert case.folded.disclosed_to == {"ito"}
    with pytest.raises(NotAllowed, match="no inspector in office"):
        case.do(disclose, "stranger", SHA, ["/a"], treaty=TREATY)
    case.now = NOW.replace(month=12)
    with pytest.raises(NotAllowed, match="no inspector in office"):
        case.do(disclose, "ito", SHA, ["/a"], treaty=TREATY)


@pytest.mark.parametrize(("sha", "fields"), [("sha256:ab", ["/a"]), (SHA, [])])
def test_a_disclosure_says_which_file_and_which_fields(
    sha: str, fields: list[str]
) -> None:
    with pytest.raises(DocumentInvalid, match="disclosure"):
        submitted().do(disclose, "ito", sha, fields, treaty=TREATY)


def test_notes_are_hidden_from_the_applicant_unless_they_say_so() -> None:
    case = under_review()
    case.do(add_note, "Doubtful.")
    case.do(add_note, "Please be patient.", is_visible_to_applicant=True)
    assert [note.is_visible_to_applicant for note in case.folded.notes] == [False, True]


@pytest.mark.parametrize(
    "text", ["", " \n", "x" * 20_001, "bell \a", "turned \u202e around", "half \ud800"]
)
def test_words_say_something_and_end(text: str) -> None:
    with pytest.raises(DocumentInvalid, match="note"):
        under_review().do(add_note, text)


def test_what_is_withdrawn_can_be_cloned() -> None:
    case = submitted()
    case.do(withdraw, "No money.")
    assert case.folded.state is State.WITHDRAWN
    fresh = Case()
    fresh.add(clone(case.folded, actor=DEVELOPER, now=NOW))
    assert fresh.folded.state is State.DRAFT
    assert fresh.folded.application.cloned_from == CASE
    assert fresh.folded.application.title == application().title


def test_what_is_decided_is_not_withdrawn() -> None:
    case = under_review()
    case.happen("proposed", "decision_granted")
    with pytest.raises(TransitionRefused, match="granted"):
        case.do(withdraw, "No money.")


def refused() -> Case:
    case = under_review()
    case.happen("refused_by_rule")
    return case


def test_a_refusal_is_appealed_until_the_last_second_of_the_last_day() -> None:
    last = TREATY.calendar.add(NOW.date(), APPEAL_WORKING_DAYS)
    case = refused()
    case.now = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)
    case.do(appeal, "Wrong rule.", ["plan"], treaty=TREATY)
    assert case.folded.state is State.UNDER_APPEAL
    assert case.folded.appeal is not None
    assert case.folded.appeal.evidence == ("plan",)

    late = refused()
    late.now = case.now + timedelta(seconds=1)
    with pytest.raises(AppealTooLate, match=str(last)):
        late.do(appeal, "Wrong rule.", treaty=TREATY)


def test_an_appeal_is_refused_finally_or_granted() -> None:
    case = refused()
    with pytest.raises(NotFound, match="'extra'"):
        case.do(appeal, "Wrong rule.", ["extra"], treaty=TREATY)
    case.do(appeal, "Wrong rule.", treaty=TREATY)
    case.now += DAY
    case.happen("proposed", "decision_refused")
    assert case.folded.state is State.REFUSED_FINALLY
    assert case.folded.refused == NOW
    with pytest.raises(TransitionRefused, match="refused_finally"):
        case.do(appeal, "Again.", treaty=TREATY)


def test_a_treaty_without_appeals_takes_none() -> None:
    simulated = SimulatedTreaty()
    del simulated.form["matters"]["appeal"]
    with pytest.raises(MatterUnknown):
        refused().do(appeal, "Wrong rule.", treaty=simulated.treaty)


def test_events_say_who_acted_and_when() -> None:
    [event] = draft(application(), actor="Ada of Example Labs", now=NOW + DAY)
    assert (event.actor, event.time) == ("Ada of Example Labs", NOW + DAY)


def test_lines_of_a_text_end_alike() -> None:
    case = under_review()
    case.do(add_note, "One.\r\nTwo.")
    assert case.folded.notes[0].text == "One.\nTwo."


def test_a_case_that_has_grown_too_long_can_still_be_answered_and_ended() -> None:
    case = under_review()
    ask(case, "rfi-1")
    long = replace(case.folded, events=EVENTS_MAX)
    for verb, given in (
        (add_note, ["Hm."]),
        (add_document, [added()]),
    ):
        with pytest.raises(NotAllowed, match=f"{EVENTS_MAX:,}"):
            verb(long, *given, actor=OFFICER, now=NOW)
    assert provide_information(long, "rfi-1", "So.", actor=DEVELOPER, now=NOW)
    assert withdraw(long, "No money.", actor=DEVELOPER, now=NOW)
    almost = replace(long, events=EVENTS_MAX - 1)
    assert add_note(almost, "Hm.", actor=OFFICER, now=NOW)
