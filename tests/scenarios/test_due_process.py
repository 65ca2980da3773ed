"""An inspector pauses a run, the developer appeals, others decide, a quorum ends it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.supervision.oversight.test_report import inspector

from assent.authorisation.permit import LeaseRefused, PermitRevoked, PermitState
from assent.authorisation.review import Interest, InterestDeclaration
from assent.authorisation.secretariat import declare_interest, read_permit
from assent.authorisation.treaty import MatterUnknown
from assent.supervision.oversight import (
    AppealMalformed,
    AppealOfAnother,
    AppealOpen,
    AppealUnsigned,
    AppealUntimely,
    InspectorConflicted,
    InspectorNotInOffice,
    InspectorNotNamed,
    InspectorUndeclared,
    RunAppeal,
    RunUnknown,
    name_inspector,
    parse_appeal,
    withdraw_inspector,
)
from assent.supervision.oversight.run import RunStanding, RunState
from assent.supervision.pause import (
    InspectorPauseSpent,
    NoAppealOpen,
    OrderLapseWrong,
    OrderQuorumNotMet,
    OrderSignerExcluded,
    PanelNotIndependent,
    Paused,
    PauseOrder,
    RunFacts,
    Scope,
    ScopeKind,
    draft_pause,
    draft_resume,
    draft_termination,
    feed_after,
    file_appeal,
    find_standing,
    issue_order,
)
from assent.testing.applications import DEVELOPER
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.states import PANEL, STATES, SeededSigner

ONE, TWO = "inspector-1", "inspector-2"
QUORUM = STATES[:3]


class Played(SimulatedOffice):
    """An agency with two inspectors, a permit, and a gate that reads its feed."""

    permit_id: str
    run: Scope

    def begin(self) -> "Played":
        """Grant a permit and let it start."""
        self.treaty.form["inspectors"] = [inspector(ONE), inspector(TWO)]
        self.amend()
        self.permit_id = self.grant()
        permit = read_permit(self.office, self.permit_id).permit
        self.lease(self.permit_id, permit.caps.sites[0])
        self.run = Scope(kind=ScopeKind.RUN, name=permit.run_id)
        return self

    def declare(self, who: str, kind: Interest = Interest.NONE) -> None:
        """Put a declaration into the register."""
        said = InterestDeclaration(
            member=who,
            developer=DEVELOPER,
            kind=kind,
            text="as asked",
            since=self.now.date(),
        )
        event = declare_interest(said, OFFICER, self.now)
        self.office.begin("interest", self.now, [event])

    def name(self, who: str = ONE) -> None:
        """Name an inspector on the run."""
        name_inspector(self.office, self.permit_id, who, OFFICER, self.now)

    def inspected(self) -> "Played":
        """Have the first inspector declared and named."""
        self.declare(ONE)
        self.name(ONE)
        return self

    def issue(self, order: PauseOrder, names: Sequence[str] = QUORUM) -> PauseOrder:
        """Issue an order that these signed."""
        envelope = order.unsigned
        for name in names:
            envelope = envelope.signed_by(SeededSigner(name))
        return issue_order(self.office, envelope, self.now).order

    def drafted(self) -> PauseOrder:
        """Return an inspector's order, unsigned."""
        return draft_pause(
            self.office, self.run, "It deceives.", self.now, by_inspector=True
        )

    def pause(self, who: str = ONE) -> PauseOrder:
        """Have an inspector pause the run."""
        return self.issue(self.drafted(), [who])

    def pause_by_quorum(self) -> PauseOrder:
        """Have three states pause the run."""
        order = draft_pause(self.office, self.run, "Confirmed.", self.now)
        return self.issue(order)

    def appeal(
        self, against: PauseOrder, signer: str = "labs", **changes: object
    ) -> None:
        """Have the developer appeal."""
        made = RunAppeal(
            permit_id=self.permit_id,
            run_id=str(self.run.name),
            order=against.number,
            order_digest=against.digest,
            grounds="The evaluation was of another checkpoint.",
            made=self.now,
        )
        envelope = replace(made, **changes).signed_by(SeededSigner(signer))  # type: ignore[arg-type]
        file_appeal(self.office, envelope, "labs", self.now)

    def standing(self) -> RunStanding:
        """Return where the run stands."""
        return find_standing(self.office, self.permit_id, self.now)

    @property
    def stopped_by(self) -> list[int]:
        """The numbers of the orders that stop the run at a gate which read the feed."""
        paused = Paused()
        for item in feed_after(self.office, 0):
            paused, _ = paused.receive(
                item.envelope, self.treaty.treaty, self.now, item.proof
            )
        facts = RunFacts(run_id=self.run.name, site="s", party="KEN", flop=1)
        return [order.number for order in paused.holds(facts, self.now)]

    @property
    def logged_kinds(self) -> list[str]:
        """The kinds of the log's entries."""
        return [entry.kind for entry in self.public_log]


@pytest.fixture
def played() -> Played:
    return Played().begin()


def test_an_inspector_of_the_run_pauses_it_until_the_days_of_the_treaty_are_over(
    played: Played,
) -> None:
    order = played.inspected().pause()
    assert order.lapses == order.issued + timedelta(days=14)
    assert played.stopped_by == [1]
    assert played.standing().state is RunState.PAUSED
    assert "It deceives." in played.standing().held_by[0]
    played.wait(days=14)
    assert played.stopped_by == []
    assert played.standing().state is RunState.RUNNING


def test_a_quorum_confirms_it_and_the_run_stays_paused(played: Played) -> None:
    played.inspected().pause()
    played.pause_by_quorum()
    played.wait(days=14)
    assert played.stopped_by == [2]
    assert played.standing().state is RunState.PAUSED


def test_an_inspector_who_declared_nothing_is_refused(played: Played) -> None:
    with pytest.raises(InspectorUndeclared):
        played.name(ONE)
    with pytest.raises(InspectorNotNamed):
        played.pause(ONE)
    assert played.stopped_by == []


def test_an_inspector_with_an_interest_is_refused(played: Played) -> None:
    played.declare(ONE, Interest.EMPLOYMENT)
    with pytest.raises(InspectorConflicted, match="employment"):
        played.name(ONE)


def test_an_interest_that_is_declared_later_ends_what_an_inspector_may_do(
    played: Played,
) -> None:
    played.inspected()
    played.declare(ONE, Interest.FAMILY)
    with pytest.raises(InspectorConflicted, match="family"):
        played.pause(ONE)


def test_an_inspector_of_another_run_is_refused(played: Played) -> None:
    played.inspected()
    played.declare(TWO)
    with pytest.raises(InspectorNotNamed):
        played.pause(TWO)
    withdraw_inspector(played.office, played.permit_id, ONE, OFFICER, played.now)
    with pytest.raises(InspectorNotNamed):
        played.pause(ONE)


def test_who_left_office_inspects_no_more(played: Played) -> None:
    played.inspected()
    order = played.drafted()
    played.treaty.form["inspectors"][0]["until"] = "2026-05-15T00:00:00Z"
    played.amend()
    with pytest.raises(OrderQuorumNotMet, match="No inspector in office"):
        played.issue(order, [ONE])
    with pytest.raises(InspectorNotInOffice):
        played.name(ONE)


def test_an_inspector_pauses_one_run_once_and_no_longer_than_the_treaty_says(
    played: Played,
) -> None:
    played.inspected()
    longer = replace(played.drafted(), lapses=played.now + timedelta(days=15))
    with pytest.raises(OrderLapseWrong):
        played.issue(longer, [ONE])
    played.pause()
    played.wait(days=20)
    with pytest.raises(InspectorPauseSpent):
        played.pause()
    played.wait(days=8)
    played.pause()
    other = Scope(kind=ScopeKind.RUN, name="nobody's run")
    order = draft_pause(played.office, other, "?", played.now, by_inspector=True)
    with pytest.raises(RunUnknown):
        played.issue(order, [ONE])


def test_a_treaty_without_the_matter_gives_inspectors_no_pause(played: Played) -> None:
    played.inspected()
    order = played.drafted()
    del played.treaty.form["matters"]["inspector-pause"]
    played.amend()
    with pytest.raises(MatterUnknown):
        played.issue(order, [ONE])


def test_a_member_does_not_pass_for_an_inspector(played: Played) -> None:
    played.inspected()
    with pytest.raises(OrderQuorumNotMet):
        played.issue(played.drafted(), STATES[:5])


def test_a_developer_appeals_and_a_quorum_grants_it(played: Played) -> None:
    played.inspected()
    order = played.pause()
    played.appeal(order)
    assert played.standing().state is RunState.APPEALED
    case_id = played.permit_id.replace("permit", "run")
    card = played.card(case_id)
    assert (card.state, card.waiting_for) == ("appealed", "members")
    # Twenty working days of the treaty's calendar after the first of June.
    assert card.due is not None
    assert card.due.date().isoformat() == "2026-06-29"
    resumed = draft_resume(played.office, 1, "The evaluation was wrong.", played.now)
    played.issue(resumed)
    assert played.card(case_id).state == "kept"
    assert played.stopped_by == [1]  # until the log holds it
    played.work()
    assert played.stopped_by == []
    assert played.standing().state is RunState.RUNNING
    assert {"inspector-named", "run-appeal", "run-appeal-decided"} <= set(
        played.logged_kinds
    )


def test_those_who_decided_do_not_decide_the_appeal(played: Played) -> None:
    first = played.pause_by_quorum()
    played.appeal(first)
    biased = draft_pause(played.office, played.run, "Again.", played.now)
    assert biased.excluded == set(QUORUM)  # who draws it up need not think of it
    with pytest.raises(PanelNotIndependent, match="AUS, BRA, CAN"):
        played.issue(replace(biased, excluded=frozenset()))
    with pytest.raises(OrderSignerExcluded):
        played.issue(biased)
    end = draft_termination(played.office, str(played.run.name), "!", played.now)
    with pytest.raises(PanelNotIndependent):
        played.issue(replace(end, excluded=frozenset()))
    granted = draft_resume(played.office, 1, "Heard.", played.now, on_appeal=True)
    played.issue(granted, PANEL[:2])
    played.work()
    assert played.stopped_by == []


def test_whoever_gave_an_order_may_take_it_back_though_it_is_appealed(
    played: Played,
) -> None:
    played.appeal(played.pause_by_quorum())
    played.issue(draft_resume(played.office, 1, "A mistake.", played.now))
    played.work()
    assert played.standing().state is RunState.RUNNING


def test_an_application_that_was_granted_tells_of_the_run(played: Played) -> None:
    played.pause_by_quorum()
    application = read_permit(played.office, played.permit_id).permit.case_id
    told = find_standing(played.office, application, played.now)
    assert told == played.standing()
    assert told.state is RunState.PAUSED


def test_an_appeal_that_is_not_decided_in_time_is_overdue(played: Played) -> None:
    played.appeal(played.pause_by_quorum())
    assert not played.standing().overdue
    played.now = played.now.replace(month=6, day=30)
    (due,) = played.standing().overdue
    assert due.date().isoformat() == "2026-06-29"
    assert any("overdue" in line for line in played.standing().words)
    played.issue(draft_resume(played.office, 1, "Late.", played.now))
    played.work()
    assert not played.standing().overdue


def test_a_panel_decides_nothing_that_nobody_appealed(played: Played) -> None:
    played.pause_by_quorum()
    order = draft_resume(played.office, 1, "Unasked.", played.now, on_appeal=True)
    with pytest.raises(NoAppealOpen):
        played.issue(order, PANEL[:2])


def test_an_appeal_that_is_dismissed_leaves_the_run_paused(played: Played) -> None:
    played.inspected()
    order = played.pause()
    played.appeal(order)
    played.pause_by_quorum()  # the members confirm what the inspector did
    assert played.standing().state is RunState.PAUSED
    assert played.stopped_by == [1, 2]


def test_only_the_developer_appeals_once_against_what_holds_its_run(
    played: Played,
) -> None:
    played.inspected()
    order = played.pause()
    with pytest.raises(AppealUnsigned):
        played.appeal(order, signer="somebody-else")
    with pytest.raises(AppealOfAnother):
        played.appeal(order, run_id="another")
    with pytest.raises(AppealOfAnother):
        played.appeal(order, order=2)
    with pytest.raises(AppealOfAnother):
        played.appeal(order, order_digest=f"sha256:{'0' * 64}")
    with pytest.raises(AppealUntimely):
        played.appeal(order, made=played.now + timedelta(hours=1))
    played.appeal(order)
    with pytest.raises(AppealOpen):
        played.appeal(order)
    played.wait(days=14)
    with pytest.raises(AppealOfAnother):
        played.appeal(order)


@pytest.mark.parametrize("data", [b"", b"{}", b"x" * 20_001])
def test_what_is_no_appeal_is_refused(data: bytes) -> None:
    with pytest.raises(AppealMalformed):
        parse_appeal(data)


def test_a_termination_is_final(played: Played) -> None:
    played.inspected()
    order = played.pause()
    end = draft_termination(played.office, str(played.run.name), "Danger.", played.now)
    assert end.lapses is None
    with pytest.raises(OrderQuorumNotMet):
        played.issue(end, QUORUM[:2])
    played.issue(end)
    case = read_permit(played.office, played.permit_id)
    assert case.state is PermitState.REVOKED
    assert played.standing().state is RunState.TERMINATED
    with pytest.raises(LeaseRefused):
        played.lease(played.permit_id, case.permit.caps.sites[0])
    with pytest.raises(PermitRevoked):
        played.verify(played.permit_id)
    with pytest.raises(AppealOfAnother):
        played.appeal(end)
    played.issue(draft_resume(played.office, order.number, "Over.", played.now))
    played.work()
    played.wait(days=400)
    assert played.stopped_by == [2]  # for ever
    assert "permit-terminated" in played.logged_kinds
    assert played.standing().state is RunState.TERMINATED


def test_a_termination_decides_the_appeal(played: Played) -> None:
    played.inspected()
    played.appeal(played.pause())
    end = draft_termination(played.office, str(played.run.name), "Danger.", played.now)
    played.issue(end)
    assert played.card(played.permit_id.replace("permit", "run")).state == "kept"
    assert played.standing().state is RunState.TERMINATED
