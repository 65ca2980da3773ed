"""From an application to a permit that anybody verifies, or to a refusal with reasons.

Everything is asserted of what people see: the permit's file, the public log, the cards.
"""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from tests.agency_stores import Found

from assent.authorisation.application import (
    TransitionRefused,
    amend,
    answer_consultation,
    appeal,
    application_of,
    check_deadlines,
    clone,
    close_consultation,
    decision_clock,
    end_of,
    fold,
    fold_consultation,
    open_consultation,
    provide_information,
    request_information,
    start_review,
    submit,
    withdraw,
)
from assent.authorisation.review import VoteNotOpen, ballot_of, review_file_of
from assent.authorisation.review.deciding import (
    Choice,
    VoteOnAnotherDecision,
    VoteTooLate,
    verify_record,
)
from assent.authorisation.secretariat import propose_permit, record_vote, refuse
from assent.authorisation.terms import Caps
from assent.testing.applications import (
    DEVELOPER,
    application_form,
    requested,
    run_properties,
)
from assent.testing.office import MORNING, OFFICER, SimulatedOffice
from assent.testing.states import SimulatedTreaty
from assent.vocabulary import NotAllowed, NotFound


def narrow(**changes: Any) -> Caps:  # noqa: ANN401 - the fields of Caps
    given = {
        "flop": 5 * 10**15,
        "weights": 10**7,
        "chips": {"h100_sxm": 4},
        "sites": ("site-nairobi-1",),
        "not_before": datetime(2026, 6, 1, tzinfo=UTC),
        "not_after": datetime(2026, 12, 1, tzinfo=UTC),
    }
    return Caps(**{**given, **changes})


def proposed(agency: SimulatedOffice, **changes: Any) -> str:  # noqa: ANN401 - any field
    """Apply, be reviewed, and have the permit put to the vote."""
    case_id = agency.apply(**changes)
    agency.assess(case_id)
    agency.propose(case_id)
    return case_id


# Granted


def test_a_permit_is_granted_logged_and_verified_with_nothing_but_the_first_root(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    assert agency.card(case_id).waiting_for == "members"
    assert agency.vote(case_id, "AUS", "BRA").record is None
    record = agency.vote(case_id, "CAN").record
    assert record is not None
    assert agency.card(case_id).waiting_for == "agency"
    assert agency.public_log == []
    agency.work()

    found = agency.verify("permit-2026-0001")
    assert found.permit.case_id == case_id
    assert found.permit.caps.flop == 6 * 10**15
    assert found.signers == ("AUS", "BRA", "CAN")
    assert len(found.witnesses) == 2
    (entry,) = agency.public_log
    assert (entry.kind, entry.subject) == ("permit", "permit-2026-0001")
    assert entry.developer == DEVELOPER
    # Anybody counts the votes again, by the document that the log names.
    kept = agency.records.get(entry.documents["decision"].digest)
    assert verify_record(kept, agency.treaty.treaty).digest == record.digest
    # Nobody waits for anything any more.
    assert agency.card(case_id).state == "granted"
    assert agency.card(case_id).waiting_for == "nobody"
    assert agency.card("permit-2026-0001").state == "in_force"
    assert agency.work().announced == ()


def test_the_file_of_a_permit_is_given_out_again_and_again_and_issued_once(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    for _ in range(3):
        agency.wait(hours=20)
        agency.verify(permit_id)
    kinds = [one.event.kind for one in agency.office.read(permit_id)]
    assert kinds == ["permit_decided", "permit_logged", "permit_issued"]


# Granted with conditions


def test_a_conditional_permit_carries_its_limits_and_narrower_caps(
    agency: SimulatedOffice,
) -> None:
    learning = run_properties(reinforcement_learning_flop="300000000000000")
    points = [
        {"at_flop": flop, "evaluations": ["cyber_offence"]}
        for flop in ("1000000000000000", "3000000000000000")
    ]
    case_id = agency.apply(
        run_properties=learning,
        oversight={"flop_share_ppm": 1_000, "points": points},
    )
    agency.assess(case_id)
    agency.propose(case_id, narrow())
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    permit = agency.verify("permit-2026-0001").permit
    assert permit.caps == narrow()
    assert [made.id for made in permit.conditions] == [
        "no_deployment",
        "reinforcement_learning_share",
    ]
    limit = permit.conditions[1].limit
    assert limit is not None
    # A tenth of what is permitted, not of what was asked for.
    assert (limit.quantity, limit.at_most) == (
        "flop_reinforcement_learning",
        5 * 10**14,
    )
    assert permit.oversight_points[-1].at_flop == 5 * 10**15
    assert permit.evaluations_due


@pytest.mark.parametrize(
    "wider",
    [
        {"flop": 6 * 10**15 + 1},
        {"weights": 10**7 + 1},
        {"chips": {"h100_sxm": 9}},
        {"chips": {"h200_sxm": 1}},
        {"sites": ("site-nairobi-1", "site-bergen-2")},
        {"not_after": datetime(2027, 6, 3, tzinfo=UTC)},
        {"not_before": datetime(2026, 5, 31, tzinfo=UTC)},
    ],
)
def test_nothing_is_proposed_that_is_wider_than_what_was_asked_for(
    wider: dict[str, Any],
) -> None:
    agency = SimulatedOffice()
    case_id = agency.apply()
    agency.assess(case_id)
    with pytest.raises(NotAllowed, match="beyond what was asked for"):
        agency.propose(case_id, narrow(**wider))
    assert agency.card(case_id).state == "under_review"


# Refused


def test_a_vote_that_fails_refuses_in_public_and_leaves_no_permit(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    counted = agency.vote(case_id, "CAN", "DEU", "FRA", choice=Choice.REJECT)
    assert counted.record is not None
    assert counted.record.outcome == "refused"
    agency.work()
    (entry,) = agency.public_log
    assert (entry.kind, entry.subject) == ("refusal", case_id)
    assert "out of reach" in entry.metadata["reason"]
    assert agency.card(case_id).state == "refused"
    with pytest.raises(NotFound):
        agency.bundle("permit-2026-0001")


def test_members_who_keep_silent_refuse_when_the_vote_is_over(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    last = datetime(2026, 6, 15, 23, 59, 59, tzinfo=UTC)  # ten working days
    assert agency.card(case_id).due == last
    agency.wait(seconds=(last - agency.now).total_seconds())
    assert agency.work().closed == ()
    agency.wait(seconds=1)
    with pytest.raises(VoteTooLate):
        agency.vote(case_id, "CAN")
    (closed,) = agency.work().closed
    assert closed.record is not None
    assert closed.record.outcome == "refused"
    assert agency.public_log[0].kind == "refusal"
    assert agency.card(case_id).waiting_for == "nobody"


def test_rules_refuse_without_a_vote_and_name_every_reason(
    agency: SimulatedOffice,
) -> None:
    hazards = {
        "self_proliferation": {"trained_for": True, "expected": "none"},
        "weapons_acquisition": {"trained_for": False, "expected": "none"},
    }
    forbidden = run_properties(hazards=hazards, autonomy="open_ended", data="unlawful")
    case_id = agency.apply(run_properties=forbidden)
    agency.assess(case_id)
    agency.judge(case_id, accepted=False)
    with pytest.raises(NotAllowed, match="nothing may be proposed"):
        agency.propose(case_id)
    weighing = refuse(agency.office, case_id, OFFICER, agency.now)
    told = " ".join(weighing.reasons)
    for reason in (
        "Never allowed: systems that are trained to copy or spread themselves.",
        "autonomy is unacceptable",
        "data is unacceptable",
        "The safety case fails at top",
    ):
        assert reason in told
    file = review_file_of(agency.office.read(case_id))
    assert file.refused_because == weighing.reasons
    agency.work()
    (entry,) = agency.public_log
    assert entry.kind == "refusal"
    assert entry.metadata["reason"] == told
    assert agency.records.get(entry.documents["review"].digest) == weighing.encoded


def test_a_good_application_cannot_be_refused_without_a_vote(
    agency: SimulatedOffice,
) -> None:
    case_id = agency.apply()
    agency.assess(case_id)
    with pytest.raises(NotAllowed, match="may_be_proposed"):
        refuse(agency.office, case_id, OFFICER, agency.now)


# Asked, and changed


def test_the_deadline_moves_by_exactly_the_working_days_a_question_was_open(
    found: Found,
) -> None:
    treaty = SimulatedTreaty()
    treaty.form["calendar"]["closed"].append("2026-06-10")  # a Wednesday
    agency = found(treaty)
    case_id = agency.apply()  # on Monday, 1 June
    assert agency.card(case_id).due == end_of(date(2026, 6, 30))
    agency.wait(days=4)  # Friday
    named: Any = {"answer_working_days": 5, "treaty": treaty.treaty}
    agency.act(case_id, request_information, "rfi-1", "Who holds keys?", **named)
    card = agency.card(case_id)
    assert (card.state, card.waiting_for) == ("information_requested", "applicant")
    assert card.due == end_of(date(2026, 6, 15))  # the 10th is closed
    agency.wait(days=3)  # Monday
    agency.act(case_id, request_information, "rfi-2", "And spares?", **named)
    agency.act(case_id, provide_information, "rfi-1", "Two people.", actor=DEVELOPER)
    assert agency.card(case_id).waiting_for == "applicant"
    with pytest.raises(NotAllowed):
        agency.propose(case_id)
    agency.wait(days=3)  # Thursday
    agency.act(case_id, provide_information, "rfi-2", "One.", actor=DEVELOPER)
    card = agency.card(case_id)
    assert (card.state, card.waiting_for) == ("under_review", "officer")
    # Open from Friday to Thursday: Monday, Tuesday and Thursday do not count.
    assert card.due == end_of(date(2026, 7, 3))
    case = fold(agency.office.read(case_id))
    clock = decision_clock(case, treaty.treaty, agency.now.date())
    assert clock is not None
    assert not clock.is_stopped
    assert check_deadlines(case, treaty.treaty, date(2026, 7, 3)) == []
    (late,) = check_deadlines(case, treaty.treaty, date(2026, 7, 4))
    assert late.owed_by == "agency"


def test_an_amendment_during_the_vote_voids_it_and_members_vote_again(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    early = agency.cast(case_id, "CAN", Choice.APPROVE)
    less = application_form(requested=requested(weights="9000000"))
    agency.act(
        case_id,
        amend,
        application_of(less),
        "A smaller model.",
        treaty=agency.treaty.treaty,
        actor=DEVELOPER,
    )
    assert agency.card(case_id).state == "under_review"
    with pytest.raises(VoteNotOpen):
        record_vote(agency.office, case_id, early, "CAN", agency.now)
    # What was judged was the other plan.
    with pytest.raises(NotAllowed, match="Judge the claim"):
        agency.propose(case_id)
    agency.assess(case_id)
    agency.propose(case_id)
    assert ballot_of(agency.office.read(case_id)).votes == {}
    with pytest.raises(VoteOnAnotherDecision, match="decision-2026-0001"):
        record_vote(agency.office, case_id, early, "CAN", agency.now)
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    found = agency.verify("permit-2026-0002")
    assert found.permit.caps.weights == 9 * 10**6
    assert [entry.subject for entry in agency.public_log] == ["permit-2026-0002"]
    first, second = fold(agency.office.read(case_id)).versions
    assert (first.number, second.number) == (1, 2)
    assert [change.path for change in second.changes] == ["/requested/weights"]


# Taken back, and begun again


def test_an_application_is_withdrawn_cloned_and_granted(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    agency.act(case_id, withdraw, "No chips this year.", actor=DEVELOPER)
    assert agency.card(case_id).state == "withdrawn"
    assert agency.card(case_id).waiting_for == "nobody"
    with pytest.raises(NotAllowed):
        agency.vote(case_id, "CAN")
    with pytest.raises(TransitionRefused):
        agency.act(case_id, appeal, "Let me in.", treaty=agency.treaty.treaty)
    agency.work()
    assert agency.public_log == []

    old = fold(agency.office.read(case_id))
    begun = clone(old, actor=DEVELOPER, now=agency.now)
    copy_id = agency.office.begin("application", agency.now, begun)
    agency.act(copy_id, submit, agency.treaty.treaty, actor=DEVELOPER)
    agency.act(copy_id, start_review, OFFICER)
    agency.assess(copy_id)
    agency.propose(copy_id)
    agency.vote(copy_id, "AUS", "BRA", "CAN")
    agency.work()
    assert agency.card(copy_id).details["cloned_from"] == case_id
    assert agency.verify("permit-2026-0002").permit.case_id == copy_id
    assert fold(agency.office.read(case_id)) == old


def test_a_consultation_stays_confidential_and_travels_into_the_application(
    agency: SimulatedOffice,
) -> None:
    office = agency.office
    asked = open_consultation(
        DEVELOPER, "A plan", "What would you ask?", {}, actor="Ada", now=MORNING
    )
    consultation_id = office.begin("consultation", MORNING, asked)
    assert agency.card(consultation_id).waiting_for == "officer"
    answer = partial(answer_consultation, answer="Who holds it?", actor=OFFICER)
    thank = partial(close_consultation, reason="Thank you.", actor="Ada")
    for verb in (answer, thank):
        said = verb(fold_consultation(office.read(consultation_id)), now=MORNING)
        with agency.docket.writing() as transaction:
            office.add(transaction, consultation_id, said)
    consulted = fold_consultation(office.read(consultation_id))
    reference = {"case_id": consultation_id, "digest": consulted.digest}
    permit_id = agency.grant(consultation=reference)
    permit = agency.verify(permit_id).permit
    application = fold(office.read(permit.case_id)).application
    # The permit names the application, and that the last word of the consultation.
    assert permit.application_digest == application.digest
    assert application.consultation == consulted.reference
    assert agency.card(permit.case_id).details["consultation"] == consultation_id
    assert not any("Who holds it?" in str(entry) for entry in agency.public_log)


def test_a_second_proposal_cannot_be_put_beside_the_first(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    with pytest.raises(NotAllowed, match="put_to_vote"):
        propose_permit(agency.office, case_id, OFFICER, agency.now)
    assert agency.card(case_id).due == end_of(date(2026, 6, 15))
