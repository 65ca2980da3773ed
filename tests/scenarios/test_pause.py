"""From a draft to gates that stopped, and back: the pause button pressed in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from assent.authorisation.secretariat import announce, fold_notice
from assent.authorisation.treaty import Matter
from assent.supervision.pause import (
    CASE,
    FeedItem,
    OrderLapsed,
    OrderOutOfTurn,
    OrderQuorumNotMet,
    OrderSignerExcluded,
    Outcome,
    Paused,
    PauseOrder,
    ResumeOfNothing,
    RunFacts,
    Scope,
    ScopeKind,
    draft_pause,
    draft_resume,
    feed_after,
    issue_order,
    issued_orders,
)
from assent.testing.memory_records import MemoryRecords
from assent.testing.office import SimulatedOffice
from assent.testing.states import DIRECTOR, STATES, SeededSigner
from assent.vocabulary import NotAllowed
from assent.vocabulary.envelope import Envelope

EVERYTHING = Scope(kind=ScopeKind.EVERYTHING)
KENYA = Scope(kind=ScopeKind.PARTY, name="KEN")
LARGE = Scope(kind=ScopeKind.CLASS, flop_above=10**25)
HERE = RunFacts(
    run_id="r", developers=frozenset({"ab" * 32}), site="s", party="KEN", flop=10**26
)
SMALL = RunFacts(site="t", party="NOR", flop=10**20, is_exempt=True)


@dataclass
class Gate:
    """A gate that reads the agency's feed, and forgets nothing."""

    agency: SimulatedOffice
    paused: Paused = field(default_factory=Paused)
    position: int = 0

    def read(self) -> list[Outcome]:
        """Take what is new."""
        return [
            self.take(item) for item in feed_after(self.agency.office, self.position)
        ]

    def take(self, item: FeedItem) -> Outcome:
        """Take one item."""
        self.paused, reception = self.paused.receive(
            item.envelope, self.agency.treaty.treaty, self.agency.now, item.proof
        )
        self.position = max(self.position, item.position)
        return reception.outcome

    def stops(self, facts: RunFacts = HERE) -> list[int]:
        """Return the numbers of the orders that stop a run now."""
        return [order.number for order in self.paused.holds(facts, self.agency.now)]


def signed(order: PauseOrder, names: Sequence[str] = STATES[:3]) -> Envelope:
    envelope = order.unsigned
    for name in names:
        envelope = envelope.signed_by(SeededSigner(name))
    return envelope


def pause(agency: SimulatedOffice, scope: Scope = EVERYTHING) -> PauseOrder:
    order = draft_pause(agency.office, scope, "Evidence of danger.", agency.now)
    return issue_order(agency.office, signed(order), agency.now).order


def test_a_quorum_stops_everything_and_lets_it_go_on() -> None:
    agency = SimulatedOffice()
    gate = Gate(agency)
    order = pause(agency)
    # The gate stops on signatures alone, before anything is logged.
    assert agency.public_log == []
    assert gate.read() == [Outcome.ACCEPTED]
    assert gate.stops() == gate.stops(SMALL) == [1]
    agency.work()
    assert gate.read() == [Outcome.PROVED]
    resumed = draft_resume(agency.office, 1, "It was contained.", agency.now)
    issue_order(agency.office, signed(resumed), agency.now)
    # To go on it takes the public log.
    assert gate.read() == [Outcome.ACCEPTED]
    assert gate.stops() == [1]
    agency.work()
    assert gate.read() == [Outcome.PROVED]
    assert gate.stops() == []
    entries = agency.public_log
    assert [(entry.kind, entry.subject) for entry in entries] == [
        ("pause-order", "pause-order-1"),
        ("pause-order", "pause-order-2"),
    ]
    kept = agency.records.get(entries[0].documents["pause-order"].digest)
    assert kept == signed(order).encoded
    assert entries[0].metadata["action"] == "pause"
    assert entries[1].metadata["ends"] == "1"
    assert issued_orders(agency.office) == (order, resumed)


def test_too_few_signatures_issue_nothing() -> None:
    agency = SimulatedOffice()
    order = draft_pause(agency.office, LARGE, "Evidence.", agency.now)
    with pytest.raises(OrderQuorumNotMet):
        issue_order(agency.office, signed(order, STATES[:2]), agency.now)
    assert feed_after(agency.office, 0) == []
    agency.work()
    assert agency.public_log == []


def test_a_member_who_stands_aside_is_not_counted() -> None:
    agency = SimulatedOffice()
    order = draft_pause(agency.office, KENYA, "Why.", agency.now, excluded=["BRA"])
    with pytest.raises(OrderSignerExcluded):
        issue_order(agency.office, signed(order), agency.now)
    others = [name for name in STATES[:4] if name != "BRA"]
    assert issue_order(agency.office, signed(order, others), agency.now).is_new


def test_the_director_alone_pauses_for_a_fortnight_and_no_longer() -> None:
    agency = SimulatedOffice()
    gate = Gate(agency)
    order = draft_pause(
        agency.office, EVERYTHING, "Now.", agency.now, is_emergency=True
    )
    assert order.matter is Matter.EMERGENCY_PAUSE
    issue_order(agency.office, signed(order, [DIRECTOR]), agency.now)
    gate.read()
    agency.wait(days=13, hours=23)
    assert gate.stops() == [1]
    agency.wait(hours=1)
    assert gate.stops() == []
    with pytest.raises(OrderLapsed):
        issue_order(SimulatedOffice().office, signed(order, [DIRECTOR]), agency.now)
    # The director does not resume, nor pause by the states' procedure.
    resumed = draft_resume(agency.office, 1, "Enough.", agency.now)
    with pytest.raises(OrderQuorumNotMet):
        issue_order(agency.office, signed(resumed, [DIRECTOR]), agency.now)


def test_issued_again_it_stays_at_its_place() -> None:
    agency = SimulatedOffice()
    order = draft_pause(agency.office, KENYA, "Why.", agency.now)
    first = issue_order(agency.office, signed(order), agency.now)
    again = issue_order(agency.office, signed(order, STATES[:5]), agency.now)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.position == first.position == 1
    agency.work()
    assert len(agency.public_log) == 1


def test_of_two_drafts_with_one_number_the_second_is_drawn_up_again() -> None:
    agency = SimulatedOffice()
    one = draft_pause(agency.office, KENYA, "Why.", agency.now)
    two = draft_pause(agency.office, LARGE, "Why.", agency.now)
    issue_order(agency.office, signed(one), agency.now)
    with pytest.raises(OrderOutOfTurn):
        issue_order(agency.office, signed(two), agency.now)
    pause(agency, LARGE)
    assert [order.number for order in issued_orders(agency.office)] == [1, 2]


def test_nothing_is_resumed_twice_or_that_was_not_paused() -> None:
    agency = SimulatedOffice()
    with pytest.raises(OrderOutOfTurn):
        draft_resume(agency.office, 1, "Why.", agency.now)
    pause(agency)
    resumed = draft_resume(agency.office, 1, "Why.", agency.now)
    issue_order(agency.office, signed(resumed), agency.now)
    for number in (1, 2):
        with pytest.raises(ResumeOfNothing):
            draft_resume(agency.office, number, "Why.", agency.now)


def test_a_relay_that_reorders_replays_and_forges_changes_nothing() -> None:
    agency = SimulatedOffice()
    pause(agency, KENYA)
    pause(agency, LARGE)
    agency.work()
    issue_order(
        agency.office,
        signed(draft_resume(agency.office, 1, "Done.", agency.now)),
        agency.now,
    )
    agency.work()
    honest, abused = Gate(agency), Gate(agency)
    honest.read()
    items = feed_after(agency.office, 0)
    forged = FeedItem(99, signed(_resume_of_two(agency), ["x"]))
    for item in (forged, items[-1], *reversed(items), forged, *items):
        abused.take(item)
    assert abused.paused == honest.paused
    assert abused.stops() == honest.stops() == [2]


def test_a_gate_that_missed_one_order_does_not_resume() -> None:
    agency = SimulatedOffice()
    pause(agency, KENYA)
    pause(agency, EVERYTHING)
    resumed = draft_resume(agency.office, 1, "Done.", agency.now)
    issue_order(agency.office, signed(resumed), agency.now)
    agency.work()
    gate = Gate(agency)
    for item in feed_after(agency.office, 0):
        if item.envelope.payload != feed_after(agency.office, 1)[0].envelope.payload:
            gate.take(item)
    assert gate.paused.missing == (2,)
    assert gate.stops() == [1]
    gate.take(feed_after(agency.office, 1)[0])
    assert gate.stops() == [2]


def test_a_key_that_is_replaced_leaves_an_order_as_good_as_it_was() -> None:
    agency = SimulatedOffice()
    pause(agency)
    agency.work()
    agency.wait(days=1)
    agency.rekey("AUS", "AUS-next")
    late = Gate(agency)
    assert set(late.read()) == {Outcome.REFUSED, Outcome.ACCEPTED}
    assert late.stops() == [1]


def _resume_of_two(agency: SimulatedOffice) -> PauseOrder:
    return draft_resume(agency.office, 2, "Forged.", agency.now)


class Crash(Exception):
    """The machine stops."""


STEPS = ("verify", "keep", "issue", "issued")
LOG_STEPS = ("read", "append", "publish", "prove", "record", "done")


def _crash_at(wanted: str) -> Callable[[str], None]:
    def step(name: str) -> None:
        if name == wanted:
            raise Crash(name)

    return step


@pytest.mark.parametrize("crash", STEPS)
def test_a_crash_at_any_step_of_issuing_loses_nothing(crash: str) -> None:
    agency = SimulatedOffice()
    envelope = signed(draft_pause(agency.office, EVERYTHING, "Why.", agency.now))
    with pytest.raises(Crash):
        issue_order(agency.office, envelope, agency.now, _crash_at(crash))
    is_issued = crash == "issued"
    assert len(feed_after(agency.office, 0)) == is_issued
    again = issue_order(agency.office, envelope, agency.now)
    assert again.is_new is not is_issued
    _owed_once_and_logged(agency)


@pytest.mark.parametrize("crash", LOG_STEPS)
def test_a_crash_on_the_way_to_the_log_loses_nothing(crash: str) -> None:
    agency = SimulatedOffice()
    pause(agency)
    with pytest.raises(Crash):
        announce(agency.office, agency.now, _crash_at(crash))
    assert feed_after(agency.office, 0)[0].position == 1
    agency.wait(seconds=10)
    _owed_once_and_logged(agency)


def test_a_disk_that_fails_within_the_transaction_issues_nothing_half() -> None:
    class Failing(MemoryRecords):
        def put_all(self, documents: Sequence[bytes]) -> list[str]:
            raise Crash(len(documents))

    agency = SimulatedOffice(records=Failing())
    envelope = signed(draft_pause(agency.office, EVERYTHING, "Why.", agency.now))
    with pytest.raises(Crash):
        issue_order(agency.office, envelope, agency.now)
    assert feed_after(agency.office, 0) == []
    with agency.docket.reading() as transaction:
        assert transaction.case_ids() == []


def test_what_was_not_issued_cannot_be_logged() -> None:
    agency = SimulatedOffice()
    pause(agency)
    agency.work()
    history = agency.office.read(CASE)
    again = history[-1].event
    with agency.docket.writing() as transaction:
        assert not agency.office.fits(transaction, CASE, again)
    with pytest.raises(NotAllowed):
        agency.office.card([*history, history[-1]])


def _owed_once_and_logged(agency: SimulatedOffice) -> None:
    agency.work()
    items = feed_after(agency.office, 0)
    assert [(item.position, item.proof is not None) for item in items] == [
        (1, False),
        (2, True),
    ]
    assert [entry.subject for entry in agency.public_log] == ["pause-order-1"]
    with agency.docket.reading() as transaction:
        notices = [
            fold_notice(transaction.events(name))
            for name in transaction.case_ids()
            if name.startswith("notice-")
        ]
    assert [notice.state for notice in notices] == ["logged"]
    gate = Gate(agency)
    gate.read()
    assert gate.stops() == [1]
    agency.wait(minutes=1)
    assert gate.stops() == [1]
    assert agency.now - gate.paused.in_force(agency.now)[0].issued < timedelta(days=1)
