"""A run stops at its oversight point until inspectors report that it may go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.unit.supervision.oversight.test_report import inspector

from assent.authorisation.permit import LeaseRefused, PermitCase, allotment
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
    ReportUntimely,
    file_report,
    points_ahead,
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
from assent.testing.applications import application_form
from assent.testing.office import SimulatedOffice
from assent.testing.permits import DIGEST
from assent.testing.states import STATES, SeededSigner
from assent.vocabulary import NotAllowed
from assent.vocabulary.envelope import Envelope


def office() -> SimulatedOffice:
    played = SimulatedOffice()
    played.treaty.form["inspectors"] = [inspector("inspector-1")]
    played.amend()
    return played


def report(
    case: PermitCase, *, passed: bool = True, kind: str = "at_flop"
) -> EvaluationReport:
    point = next(one for one in case.points_ahead if kind in one.mark)
    return EvaluationReport(
        permit_id=case.case_id,
        permit_digest=case.permit.digest,
        run_id=case.permit.run_id,
        mark=point.mark,
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
    (ahead,) = points_ahead(case, played.office.read(permit_id))
    assert ahead.found == {}


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


def with_points(played: SimulatedOffice) -> str:
    """Grant a permit with a point of each kind; a date every two days of it."""
    planned = application_form()["oversight"]
    due = {"evaluations": ["deception"]}
    plan = {
        **planned,
        "dates": [{"at": "2026-06-04T00:00:00Z", **due}],
        "every": {"days": 2, **due},
        "losses": [{"at_loss": "2.5", **due}, {"at_loss": "1.5", **due}],
    }
    return played.grant(oversight=plan)


def test_a_permit_says_when_and_at_which_loss_its_run_stops() -> None:
    played = office()
    permit = read_permit(played.office, with_points(played)).permit
    first, last = permit.caps.not_before, permit.caps.not_after
    ats = [one.at for one in permit.oversight_dates]
    step, named = timedelta(days=2), datetime(2026, 6, 4, tzinfo=UTC)
    every = {first + step * n for n in range(1, 1_000) if first + step * n < last}
    assert every
    assert set(ats) == every | {named}
    assert ats == sorted(ats)
    assert [str(one.at_loss) for one in permit.oversight_losses] == ["2.5", "1.5"]
    assert played.verify(permit.permit_id).permit == permit


def test_a_date_stops_a_run_until_inspectors_report_after_it() -> None:
    played = office()
    permit_id = with_points(played)
    case = read_permit(played.office, permit_id)
    site, date = case.permit.caps.sites[0], case.next_date
    assert date is not None
    made, _ = played.lease(permit_id, site)
    assert made.expires <= date.at
    early = report(case, kind="at")
    with pytest.raises(ReportUntimely):
        filed(played, early)
    played.wait(seconds=(date.at - played.now).total_seconds())
    assert standing(played, permit_id) is RunState.STOPPED_AT_POINT
    with pytest.raises(LeaseRefused, match="is not passed"):
        played.lease(permit_id, site)
    assert filed(played, replace(early, reported=played.now)).lacking == ()
    assert standing(played, permit_id) is RunState.RUNNING
    made, _ = played.lease(permit_id, site)
    assert made.expires > date.at


def test_reports_on_losses_open_one_after_another() -> None:
    played = office()
    permit_id = with_points(played)
    case = read_permit(played.office, permit_id)
    site = case.permit.caps.sites[0]
    assert played.lease(permit_id, site)[0].loss == Decimal("2.5")
    filed(played, report(case, kind="at_loss"))
    assert played.lease(permit_id, site)[0].loss == Decimal("1.5")
    with pytest.raises(ReportOfAnother):
        filed(played, report(case, kind="at_loss"))
    filed(played, report(read_permit(played.office, permit_id), kind="at_loss"))
    assert played.lease(permit_id, site)[0].loss is None
    assert read_permit(played.office, permit_id).flop_unlocked == case.flop_unlocked


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"dates": [{"at": "2030-01-01T00:00:00Z", "evaluations": ["x"]}]}, "dates.1"),
        (
            {"losses": [{"at_loss": t, "evaluations": ["x"]} for t in ("1", "2")]},
            "losses",
        ),
        ({"every": {"days": 9, "evaluations": []}}, "oversight"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_not_submitted(
    changes: dict[str, object], path: str
) -> None:
    plan = {**application_form()["oversight"], **changes}
    with pytest.raises(NotAllowed, match=path):
        office().apply(oversight=plan)
