"""A run stops at its oversight point until inspectors report that it may go on."""

from dataclasses import replace

import pytest
from tests.unit.supervision.oversight.test_report import inspector

from assent.authorisation.permit import PermitCase, allotment
from assent.authorisation.secretariat import (
    Motion,
    announce,
    lease,
    read_permit,
)
from assent.authorisation.treaty import Matter
from assent.supervision.oversight import (
    Evaluation,
    EvaluationReport,
    NoPointAhead,
    PointAhead,
    ReportOfAnother,
    ReportUnsigned,
    file_report,
    point_ahead,
)
from assent.supervision.oversight.run import RunState
from assent.supervision.pause import (
    Scope,
    ScopeKind,
    draft_pause,
    draft_resume,
    find_standing,
    issue_order,
)
from assent.testing.office import SimulatedOffice
from assent.testing.permits import DIGEST
from assent.testing.states import STATES, SeededSigner
from assent.vocabulary.envelope import Envelope


def office() -> SimulatedOffice:
    played = SimulatedOffice()
    played.treaty.form["inspectors"] = [inspector("inspector-1")]
    played.amend()
    return played


def report(case: PermitCase, *, passed: bool = True) -> EvaluationReport:
    point = case.next_point
    assert point is not None
    return EvaluationReport(
        permit_id=case.case_id,
        permit_digest=case.permit.digest,
        run_id=case.permit.run_id,
        at_flop=point.at_flop,
        checkpoint=DIGEST,
        evaluations=tuple(
            Evaluation(name=name, passed=passed, evidence=DIGEST)
            for name in point.evaluations
        ),
        inspector="inspector-1",
        interests="none",
        words="Evaluated as the permit asks.",
        reported=case.permit.caps.not_before,
    )


def filed(played: SimulatedOffice, made: EvaluationReport) -> PointAhead:
    signed = made.signed_by(SeededSigner("inspector-1"))
    return file_report(played.office, made.permit_id, signed, "inspector-1", played.now)


def test_the_next_stretch_is_unlocked_by_reports_alone() -> None:
    played = office()
    permit_id = played.grant()
    case = read_permit(played.office, permit_id)
    point = case.next_point
    assert point is not None
    assert case.flop_unlocked == point.at_flop < case.permit.caps.flop
    ahead = filed(played, report(case))
    assert ahead.lacking == ()
    after = read_permit(played.office, permit_id)
    assert after.flop_unlocked > case.flop_unlocked
    site = case.permit.caps.sites[0]
    made, _ = lease(
        played.office, permit_id, site, SeededSigner("service-lease"), played.now
    )
    assert made.flop == allotment(after, site)


def test_what_was_failed_keeps_it_shut_until_it_is_passed() -> None:
    played = office()
    permit_id = played.grant()
    case = read_permit(played.office, permit_id)
    ahead = filed(played, report(case, passed=False))
    assert all("was failed" in one for one in ahead.lacking)
    assert read_permit(played.office, permit_id).flop_unlocked == case.flop_unlocked
    assert filed(played, report(case)).lacking == ()


def test_a_part_of_the_evaluations_is_not_enough() -> None:
    played = office()
    permit_id = played.grant()
    case = read_permit(played.office, permit_id)
    whole = report(case)
    other = Evaluation(name="something-else", passed=True, evidence=DIGEST)
    ahead = filed(played, replace(whole, evaluations=(other,)))
    assert [one.split()[0] for one in ahead.lacking] == [
        evaluation.name for evaluation in whole.evaluations
    ]
    assert "until more is known" in ahead.words


def test_a_report_on_a_point_that_was_passed_opens_nothing_more() -> None:
    played = office()
    permit_id = played.grant()
    case = read_permit(played.office, permit_id)
    made = report(case)
    filed(played, made)
    with pytest.raises((ReportOfAnother, NoPointAhead)):
        filed(played, made)


def test_every_report_is_owed_to_the_public_log() -> None:
    played = office()
    permit_id = played.grant()
    filed(played, report(read_permit(played.office, permit_id)))
    (announced,) = announce(played.office, played.now)
    entry = announced.notice.entry
    assert (entry.kind, entry.subject) == ("evaluation-report", permit_id)
    assert entry.metadata["outcome"] == "passed"
    assert "words" not in entry.metadata


def test_a_stranger_opens_nothing() -> None:
    played = office()
    permit_id = played.grant()
    case = read_permit(played.office, permit_id)
    with pytest.raises(ReportUnsigned):
        file_report(
            played.office,
            permit_id,
            report(case).signed_by(SeededSigner("labs")),
            "labs",
            played.now,
        )
    assert point_ahead(case, played.office.read(permit_id)).found == {}


def quorum(envelope: Envelope) -> Envelope:
    for name in STATES[:3]:
        envelope = envelope.signed_by(SeededSigner(name))
    return envelope


def standing(played: SimulatedOffice, case_id: str) -> RunState:
    return find_standing(played.office, case_id, played.now).state


def test_where_a_run_stands_follows_from_what_happened_to_it() -> None:
    played = office()
    applied = played.apply()
    assert standing(played, applied) is RunState.PLANNED
    permit_id = played.grant()
    assert standing(played, permit_id) is RunState.AUTHORISED
    case = read_permit(played.office, permit_id)
    played.lease(permit_id, case.permit.caps.sites[0])
    assert standing(played, permit_id) is RunState.RUNNING
    filed(played, report(case, passed=False))
    assert standing(played, permit_id) is RunState.STOPPED_AT_POINT
    scope = Scope(kind=ScopeKind.RUN, name=case.permit.run_id)
    order = draft_pause(played.office, scope, "Danger.", played.now)
    issue_order(played.office, quorum(order.unsigned), played.now)
    assert standing(played, permit_id) is RunState.PAUSED
    resumed = draft_resume(played.office, 1, "Contained.", played.now)
    issue_order(played.office, quorum(resumed.unsigned), played.now)
    assert standing(played, permit_id) is RunState.PAUSED  # not in the log yet
    played.work()
    assert standing(played, permit_id) is RunState.STOPPED_AT_POINT
    filed(played, report(case))
    assert standing(played, permit_id) is RunState.RUNNING
    played.move(permit_id, Motion(matter=Matter.REVOCATION, reason="Over."))
    found = find_standing(played.office, permit_id, played.now)
    assert found.state is RunState.TERMINATED
    assert found.words[-1] == "What may happen next: nothing, this is final."


def test_an_order_about_another_run_or_state_pauses_no_run() -> None:
    played = office()
    permit_id = played.grant()
    for scope in (
        Scope(kind=ScopeKind.RUN, name="another"),
        Scope(kind=ScopeKind.PARTY, name="KEN"),
    ):
        order = draft_pause(played.office, scope, "Danger.", played.now)
        issue_order(played.office, quorum(order.unsigned), played.now)
    assert standing(played, permit_id) is RunState.AUTHORISED
    site = read_permit(played.office, permit_id).permit.caps.sites[0]
    order = draft_pause(
        played.office, Scope(kind=ScopeKind.SITE, name=site), "Danger.", played.now
    )
    issue_order(played.office, quorum(order.unsigned), played.now)
    assert standing(played, permit_id) is RunState.PAUSED
