"""A history that cannot have happened is no case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.application.cases import (
    CASE,
    NOW,
    OFFICER,
    SHA,
    TREATY,
    Case,
    application,
    drafted,
    submitted,
    under_review,
)

from assent.authorisation.application import Kind, State, amend, fold, withdraw
from assent.authorisation.docket import CaseDamaged, Event, RecordedEvent, chain
from assent.vocabulary import NotFound, digest


def event(kind: str, **body: Any) -> Event:  # noqa: ANN401 - any plain value
    return Event(kind=kind, time=NOW, actor=OFFICER, body=body)


ASKED = {"id": "rfi-1", "question": "Why?", "due": "2026-03-16"}
OTHER = application(purpose="Another.")


@pytest.mark.parametrize(
    ("start", "forged"),
    [
        (Case, event("submitted")),
        (drafted, event("teleported")),
        (drafted, event("drafted")),
        (drafted, event("edited")),
        (drafted, event("edited", document=[1], digest=SHA)),
        (drafted, event("edited", document=OTHER.plain, digest=SHA)),
        (drafted, event("submitted", document=OTHER.plain, digest=OTHER.digest)),
        (
            submitted,
            event(
                "amended",
                document=OTHER.plain,
                digest=OTHER.digest,
                former=OTHER.digest,
                reason="Skips a version.",
            ),
        ),
        (submitted, event("review_started", officer=7)),
        (submitted, event("document_added", document=None)),
        (
            submitted,
            event("document_added", document=application().evidence[0].plain),
        ),
        (submitted, event("disclosed", inspector="ito", digest=SHA, fields="abc")),
        (submitted, event("disclosed", inspector="ito", digest=SHA, fields=[1])),
        (submitted, event("note_added", text="No word on who sees it.")),
        (under_review, event("information_requested", **{**ASKED, "due": "soon"})),
        (under_review, event("information_provided", id="rfi-1", answer="Because.")),
        (under_review, event("information_complete")),
        (under_review, event("proposed", proposal={"closes": "soon"})),
    ],
    ids=[
        "first event is no draft",
        "unknown kind",
        "drafted twice",
        "no document",
        "document that is none",
        "another digest",
        "submitted what was not drafted",
        "amends another version",
        "officer is a number",
        "added document is none",
        "added document of a known id",
        "fields are a text",
        "fields are numbers",
        "note for nobody",
        "no date",
        "answer to no request",
        "complete without requests",
        "vote that closes never",
    ],
)
def test_what_cannot_have_happened_means_damage(
    start: Callable[[], Case], forged: Event
) -> None:
    case = start()
    events = [*case.history, *chain(CASE, case.history, [forged])]
    with pytest.raises(CaseDamaged, match=f"Event {len(events)} of {CASE}"):
        fold(events)


def test_the_wait_ends_only_with_the_last_answer() -> None:
    case = under_review()
    case.add([event("information_requested", **ASKED)])
    with pytest.raises(CaseDamaged, match="still open"):
        case.add([event("information_complete")])


def test_no_request_is_asked_or_answered_twice() -> None:
    case = under_review()
    case.add([event("information_requested", **ASKED)])
    with pytest.raises(CaseDamaged, match="a second time"):
        fold([*case.history, *chain(CASE, case.history, [case.history[-1].event])])
    answer = event("information_provided", id="rfi-1", answer="So.", evidence=[])
    case.add([answer])
    with pytest.raises(CaseDamaged, match="no open request"):
        case.add([answer])


def test_no_events_are_no_case() -> None:
    with pytest.raises(NotFound):
        fold([])


def test_a_beginning_of_a_case_is_a_case() -> None:
    case = under_review()
    states = [fold(case.history[:end]).state.value for end in (1, 2, 3)]
    assert states == ["draft", "submitted", "under_review"]


Tamper = Callable[[list[RecordedEvent]], list[RecordedEvent]]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda events: events[1:],
        lambda events: [events[0], *events[2:]],
        lambda events: [events[1], events[0], *events[2:]],
        lambda events: [*events, events[-1]],
        lambda events: [replace(events[0], case_id="application-2026-0002"), *events],
        lambda events: [
            events[0],
            replace(
                events[1],
                event=replace(events[1].event, time=NOW + timedelta(seconds=1)),
            ),
            *events[2:],
        ],
    ],
    ids=["no first", "no second", "swapped", "twice", "another's", "later"],
)
def test_events_that_do_not_form_their_chain_mean_damage(tamper: Tamper) -> None:
    with pytest.raises(CaseDamaged):
        fold(tamper(under_review().history))


BODIES = st.dictionaries(
    st.sampled_from(["id", "answer", "document", "digest", "proposal", "fields", "x"]),
    st.none() | st.text(max_size=5) | st.integers() | st.lists(st.none(), max_size=2),
)


@given(st.sampled_from(Kind), BODIES)
def test_whatever_an_event_says_the_case_is_whole_or_damaged(
    kind: Kind, body: dict[str, Any]
) -> None:
    case = under_review()
    events = [*case.history, *chain(CASE, case.history, [event(kind.value, **body)])]
    try:
        folded = fold(events)
    except CaseDamaged:
        return
    assert folded.events == 4
    assert folded.last_digest == events[-1].digest


def test_a_case_knows_its_last_event() -> None:
    case = submitted()
    case.do(withdraw, "No money.")
    assert case.folded.events == len(case.history) == 3
    assert case.folded.last_digest == case.history[-1].digest


def test_a_document_of_a_release_that_knew_fewer_fields_is_still_the_same() -> None:
    older = {
        name: value for name, value in application().plain.items() if name != "provider"
    }
    body = {"document": older, "digest": digest(older)}
    begun = [event("drafted", **body), event("submitted", **body)]
    case = fold(chain("application-2026-0001", [], begun))
    assert case.state is State.SUBMITTED
    assert case.application.provider == ""
    later = amend(case, OTHER, "Why", treaty=TREATY, actor=OFFICER, now=NOW)
    again = fold(chain("application-2026-0001", [], [*begun, *later]))
    assert [version.number for version in again.versions] == [1, 2]
