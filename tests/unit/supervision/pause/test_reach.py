"""An acknowledgement counts once, signed by a known gate, of an order it was sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assent.supervision.pause import (
    Ack,
    AckMalformed,
    AckOfAnotherOrder,
    AckOfUnknownGate,
    AckOutOfTime,
    AckReplayed,
    AckUnsigned,
    Reach,
    parse_ack,
    reach_of,
    verify_ack,
)
from assent.testing.states import SeededSigner
from assent.testing.supervision.orders import ISSUED, make_ack, make_order, sign_order
from assent.testing.trust import NOW
from assent.vocabulary import SignatureInvalid, canonical_bytes
from assent.vocabulary.envelope import Envelope

ORDER = make_order()
GATES = {f"gate-{n}": SeededSigner(f"gate-{n}").key for n in range(1, 5)}
REACH = Reach(order=ORDER, gates=GATES)
ACK = Ack(
    agency="agency.example",
    gate="gate-1",
    order_number=1,
    order_digest=ORDER.digest,
    received=NOW,
    reported=NOW,
)


def test_counts_those_who_acknowledged_and_names_those_who_did_not() -> None:
    reach = REACH.taking(make_ack(ORDER, "gate-2", running=2, checkpointing=1), NOW)
    reach = reach.taking(make_ack(ORDER, "gate-1"), NOW)
    assert reach.share == 0.5
    assert reach.missing == ("gate-3", "gate-4")
    assert reach.running == 3


def test_of_no_gates_none_was_reached() -> None:
    reach = Reach(order=ORDER, gates={})
    assert reach.share == 0.0
    assert reach.time_to(ISSUED, 500_000) is None
    assert reach.shares(ISSUED, (1.0,)) == (0.0,)


def test_a_later_word_of_the_same_gate_takes_the_place_of_the_first() -> None:
    reach = REACH.taking(make_ack(ORDER, running=5), NOW)
    later = NOW + timedelta(seconds=30)
    reach = reach.taking(make_ack(ORDER, at=later, running=0), later)
    assert (reach.share, reach.running) == (0.25, 0)
    assert reach.acks["gate-1"].arrived == NOW
    with pytest.raises(AckReplayed):
        reach.taking(make_ack(ORDER, running=5), later)


def test_the_same_acknowledgement_does_not_count_twice() -> None:
    reach = REACH.taking(make_ack(ORDER), NOW)
    with pytest.raises(AckReplayed):
        reach.taking(make_ack(ORDER), NOW)


@pytest.mark.parametrize(
    ("envelope", "error"),
    [
        (lambda: make_ack(ORDER, "gate-9"), AckOfUnknownGate),
        (lambda: make_ack(ORDER, signer="gate-2"), AckUnsigned),
        (lambda: Envelope(make_ack(ORDER).payload, make_ack(ORDER).payload_type),
         AckUnsigned),
        (lambda: make_ack(ORDER, order_number=2), AckOfAnotherOrder),
        (lambda: make_ack(ORDER, order_digest=f"sha256:{'11' * 32}"),
         AckOfAnotherOrder),
        (lambda: make_ack(ORDER, agency="other.example"), AckOfAnotherOrder),
        (lambda: make_ack(ORDER, at=ISSUED - timedelta(seconds=301)), AckOutOfTime),
        (lambda: make_ack(ORDER, at=NOW + timedelta(seconds=301)), AckOutOfTime),
        (lambda: sign_order(ORDER), AckMalformed),
    ],
    ids=[f"case {n}" for n in range(9)],
)  # fmt: skip
def test_what_does_not_count(
    envelope: Callable[[], Envelope], error: type[Exception]
) -> None:
    with pytest.raises(error):
        REACH.taking(envelope(), NOW)


def test_a_changed_acknowledgement_is_not_signed() -> None:
    good = make_ack(ORDER, running=7)
    bad = Envelope(
        good.payload.replace(b'"running":7', b'"running":0'),
        good.payload_type,
        good.signatures,
    )
    with pytest.raises(SignatureInvalid):
        REACH.taking(bad, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "assent-pause-ack/2"},
        {"gate": "Gate 1"},
        {"order_number": 0},
        {"order_digest": ""},
        {"received": "soon"},
        {"reported": "2026-06-01T11:59:59Z"},  # before it was received
        {"running": -1},
        {"stopped": 10**9 + 1},
        {"checkpointing": "3"},
        {"more": 1},
    ],
)
def test_refuses_what_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(AckMalformed):
        parse_ack(canonical_bytes({**ACK.plain, **changes}))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"x" * 5_000])
def test_refuses_what_is_no_document(data: bytes) -> None:
    with pytest.raises(AckMalformed):
        parse_ack(data)


def test_reads_what_it_writes() -> None:
    assert parse_ack(canonical_bytes(ACK.plain)) == ACK


def test_shares_over_time() -> None:
    arrivals = {"gate-1": 0.5, "gate-2": 1.0, "gate-3": 4.0}
    verified = [
        verify_ack(
            make_ack(ORDER, gate, at=ISSUED),
            GATES,
            ORDER,
            ISSUED + timedelta(seconds=time_s),
        )
        for gate, time_s in arrivals.items()
    ]
    reach = reach_of(ORDER, GATES, verified)
    assert reach.shares(ISSUED, (0.0, 0.5, 2.0, 5.0)) == (0.0, 0.25, 0.5, 0.75)
    assert reach.time_to(ISSUED, 500_000) == 1.0
    assert reach.time_to(ISSUED, 750_000) == 4.0
    assert reach.time_to(ISSUED, 750_001) is None
    assert reach.time_to(ISSUED, 0) == 0.5


def test_folding_them_in_any_order_gives_the_same() -> None:
    late = NOW + timedelta(seconds=9)
    acks = [
        verify_ack(make_ack(ORDER, running=4), GATES, ORDER, NOW),
        verify_ack(make_ack(ORDER, at=late, running=1), GATES, ORDER, late),
        verify_ack(make_ack(ORDER, "gate-3"), GATES, ORDER, NOW),
    ]
    forwards, backwards = (reach_of(ORDER, GATES, x) for x in (acks, acks[::-1]))
    assert forwards == backwards
    assert forwards.running == 1
    assert forwards.acks["gate-1"].arrived == NOW


def test_a_gate_that_is_no_longer_known_is_not_counted() -> None:
    ack = verify_ack(make_ack(ORDER), GATES, ORDER, NOW)
    gone = {name: key for name, key in GATES.items() if name != "gate-1"}
    assert reach_of(ORDER, gone, [ack]).share == 0.0
    assert replace(REACH, gates=gone).missing == tuple(sorted(gone))
