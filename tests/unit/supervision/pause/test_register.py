"""What is paused follows from the orders alone, whatever way they came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.treaty import Matter
from assent.supervision.pause import (
    Outcome,
    Paused,
    PauseOrder,
    Reception,
    ResumeOfNothing,
    RunFacts,
    check_next,
)
from assent.supervision.pause.errors import OrderOutOfTurn
from assent.testing.states import DIRECTOR, STATES
from assent.testing.supervision.orders import (
    DEVELOPER,
    EVERYTHING,
    ISSUED,
    SITE,
    follow,
    make_order,
    pausing_treaty,
    prove_order,
    resume,
    sign_order,
)
from assent.testing.trust import NOW
from assent.vocabulary.envelope import Envelope

HERE = RunFacts(
    run_id="r",
    developers=frozenset({DEVELOPER.name or ""}),
    site="site-nairobi-1",
    party="KEN",
    flop=1,
)
THERE = replace(HERE, site="site-bergen-2", party="NOR")

ONE = make_order(SITE)
TWO = follow(ONE, DEVELOPER)
THREE = resume(ONE, TWO)
FOUR = follow(
    THREE,
    EVERYTHING,
    matter=Matter.EMERGENCY_PAUSE,
    lapses=ISSUED + timedelta(days=14),
)
FIVE = resume(TWO, FOUR)
ORDERS = (ONE, TWO, THREE, FOUR, FIVE)


@dataclass(frozen=True)
class Parcel:
    """An order on its way: in an envelope, with a proof or without."""

    envelope: Envelope
    proof: bytes | None = None


def signers(order: PauseOrder) -> Sequence[str]:
    return [DIRECTOR] if order.matter is Matter.EMERGENCY_PAUSE else STATES[:6]


@cache
def bare(number: int) -> Parcel:
    order = ORDERS[number - 1]
    return Parcel(sign_order(order, signers(order)))


@cache
def proved(number: int) -> Parcel:
    envelope = bare(number).envelope
    return Parcel(envelope, prove_order(ORDERS[number - 1], envelope))


def receive(paused: Paused, parcel: Parcel) -> tuple[Paused, Reception]:
    return paused.receive(parcel.envelope, pausing_treaty(), NOW, parcel.proof)


def all_of(*parcels: Parcel) -> Paused:
    paused = Paused()
    for parcel in parcels:
        paused, _ = receive(paused, parcel)
    return paused


def numbers(paused: Paused, facts: RunFacts = HERE) -> list[int]:
    return [order.number for order in paused.holds(facts, NOW)]


def test_nothing_is_paused_at_first() -> None:
    assert numbers(Paused()) == []
    assert Paused().newest == 0
    assert Paused().missing == ()


def test_a_pause_stops_what_it_covers_at_once_and_unlogged() -> None:
    paused, reception = receive(Paused(), bare(1))
    assert reception.outcome is Outcome.ACCEPTED
    assert reception.is_news
    assert numbers(paused) == [1]
    assert numbers(paused, THERE) == []
    assert paused.newest == 1


def test_what_comes_twice_is_reported_and_changes_nothing() -> None:
    once = all_of(bare(1))
    again, reception = receive(once, bare(1))
    assert reception.outcome is Outcome.REPLAYED
    assert not reception.is_news
    assert again == once


def test_a_pause_ahead_of_missing_orders_holds_at_once() -> None:
    paused, reception = receive(Paused(), bare(4))
    assert reception.outcome is Outcome.AHEAD
    assert numbers(paused) == [4]
    assert paused.missing == (1, 2, 3)
    assert paused.newest == 0


def test_a_resume_waits_for_the_log() -> None:
    paused = all_of(bare(1), bare(2), bare(3))
    assert numbers(paused) == [1, 2]
    assert [order.number for order in paused.waiting(NOW)] == [3]
    paused, reception = receive(paused, proved(3))
    assert reception.outcome is Outcome.PROVED
    assert numbers(paused) == [2]
    assert paused.waiting(NOW) == ()


def test_a_resume_waits_for_every_order_before_it() -> None:
    paused = all_of(bare(1), proved(3))
    assert numbers(paused) == [1]
    assert paused.missing == (2,)
    paused, _ = receive(paused, bare(2))
    assert numbers(paused) == [2]


def test_a_resume_takes_effect_when_it_says() -> None:
    later = resume(ONE, ONE, effective=NOW + timedelta(hours=1))
    envelope = sign_order(later)
    paused = all_of(bare(1), Parcel(envelope, prove_order(later, envelope)))
    assert [o.number for o in paused.in_force(NOW + timedelta(minutes=59))] == [1]
    assert paused.in_force(NOW + timedelta(hours=1)) == ()


def test_a_resume_ends_the_pause_of_its_own_scope_only() -> None:
    other = resume(ONE, ONE, scope=EVERYTHING)
    envelope = sign_order(other)
    paused = all_of(bare(1), Parcel(envelope, prove_order(other, envelope)))
    assert numbers(paused) == [1]
    assert [order.number for order in paused.waiting(NOW)] == [2]


def test_an_emergency_pause_ends_by_itself() -> None:
    paused = all_of(bare(4))
    end = ISSUED + timedelta(days=14)
    assert paused.in_force(end - timedelta(seconds=1)) == (FOUR,)
    assert paused.in_force(end) == ()


def test_a_later_pause_of_the_same_scope_is_not_ended_by_an_earlier_resume() -> None:
    again = follow(THREE, SITE)
    paused = all_of(bare(1), bare(2), proved(3), Parcel(sign_order(again)))
    assert numbers(paused) == [2, 4]


def test_a_forgery_changes_nothing_and_is_reported() -> None:
    before = all_of(bare(1), bare(2))
    for forged in (
        sign_order(THREE, STATES[:5]),
        sign_order(follow(TWO, EVERYTHING), ["mallory"] * 9),
        sign_order(follow(TWO, EVERYTHING, matter=Matter.PAUSE_SITE)),
        Envelope(b"junk", ONE.unsigned.payload_type),
        Envelope(b"{}", "application/vnd.assent.lease+json"),
    ):
        after, reception = receive(before, Parcel(forged))
        assert reception.outcome is Outcome.REFUSED
        assert reception.error is not None
        assert after is before


def test_a_spoilt_proof_does_not_undo_a_pause() -> None:
    paused, reception = receive(Paused(), Parcel(bare(1).envelope, b"spoilt"))
    assert reception.outcome is Outcome.ACCEPTED
    assert reception.error is not None
    assert numbers(paused) == [1]


def test_a_spoilt_proof_lets_nothing_resume() -> None:
    paused = all_of(bare(1), bare(2), Parcel(bare(3).envelope, proved(1).proof))
    assert numbers(paused) == [1, 2]


def test_two_orders_of_one_number_both_stop_and_are_told() -> None:
    other = make_order(EVERYTHING)
    paused = all_of(bare(1), Parcel(sign_order(other)))
    assert paused.forks == (1,)
    assert len(paused.holds(HERE, NOW)) == 2
    # A resume in one line ends the pause of that line, never that of the other.
    paused = all_of(bare(1), Parcel(sign_order(other)), bare(2), proved(3))
    assert [order.scope for order in paused.holds(THERE, NOW)] == [
        EVERYTHING,
        DEVELOPER,
    ]


def test_the_order_before_is_named_by_its_digest_not_by_its_number() -> None:
    other = make_order(EVERYTHING)
    paused = all_of(Parcel(sign_order(other)), bare(2), proved(3))
    assert paused.newest == 1
    assert THREE in paused.waiting(NOW)


PARCELS = st.lists(
    st.sampled_from(
        [
            *(bare(n) for n in range(1, 6)),
            *(proved(n) for n in range(1, 6)),
            Parcel(sign_order(THREE, STATES[:5]), proved(3).proof),  # too few signed
            Parcel(sign_order(FIVE, STATES[:6]), proved(3).proof),  # another's proof
            Parcel(sign_order(resume(FOUR, FIVE), [DIRECTOR])),  # no quorum to resume
        ]
    ),
    max_size=24,
)


@given(PARCELS, st.randoms(use_true_random=False))
def test_any_way_of_coming_ends_in_the_same_state(
    parcels: list[Parcel], random: "object"
) -> None:
    shuffled = list(parcels) + list(parcels[:3])
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = all_of(*parcels), all_of(*shuffled)
    assert first == second
    for facts in (HERE, THERE, RunFacts()):
        assert first.holds(facts, NOW) == second.holds(facts, NOW)


@given(PARCELS)
def test_never_resumes_more_than_the_orders_say(parcels: list[Parcel]) -> None:
    held = {order.number for order in all_of(*parcels).in_force(NOW)}
    came = {n for n in (1, 2, 4) if bare(n) in parcels or proved(n) in parcels}
    seen = {n for n in range(1, 6) if bare(n) in parcels or proved(n) in parcels}
    allowed = {
        ended
        for ended, by in ((1, 3), (2, 5))
        if proved(by) in parcels and set(range(1, by)) <= seen
    }
    assert held == came - allowed


@given(PARCELS)
def test_one_more_order_never_lets_a_pause_go_that_it_does_not_name(
    parcels: list[Parcel],
) -> None:
    paused = Paused()
    for parcel in parcels:
        before = set(paused.in_force(NOW))
        paused, _ = receive(paused, parcel)
        gone = {order.number for order in before - set(paused.in_force(NOW))}
        assert gone <= {1, 2}


def test_the_agency_issues_in_turn() -> None:
    check_next(ONE, [])
    check_next(THREE, [ONE, TWO])
    for order, before in ((TWO, []), (ONE, [ONE]), (THREE, [ONE])):
        with pytest.raises(OrderOutOfTurn):
            check_next(order, before)
    with pytest.raises(OrderOutOfTurn):
        check_next(follow(make_order(EVERYTHING)), [ONE])


def test_the_agency_resumes_a_pause_of_that_scope_once() -> None:
    with pytest.raises(ResumeOfNothing):
        check_next(resume(ONE, ONE, scope=EVERYTHING), [ONE])
    with pytest.raises(ResumeOfNothing):
        check_next(resume(THREE, FOUR), [ONE, TWO, THREE, FOUR])
    with pytest.raises(ResumeOfNothing, match="already"):
        check_next(resume(ONE, FOUR), [ONE, TWO, THREE, FOUR])
