"""A relay's roll binds it to what each gate signed, and counts for no more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from assent.supervision.pause import (
    ROLL_ACKS_MAX,
    AckOfAnotherOrder,
    AckOfUnknownGate,
    AckOutOfTime,
    AckUnsigned,
    GateRecord,
    RollMalformed,
    RollOfUnknownRelay,
    RollUnsigned,
    VerifiedRoll,
    read_reach,
    roll_lines,
    roll_order,
    sign_roll,
    verify_roll,
)
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import ISSUED, follow, make_ack, make_order
from assent.testing.trust import NOW
from assent.translog.merkle import (
    leaf_hash,
    node_hash,
    prove_inclusion,
    range_hash,
    verify_inclusion,
)
from assent.vocabulary import SignatureInvalid
from assent.vocabulary.envelope import Envelope

ORDER = make_order()
RELAYS = {"relay-1": SeededSigner("relay-1").key}
GATES = {
    name: GateRecord(name, SeededSigner(name).key, relay=relay)
    for name, relay in [
        ("gate-1", "relay-1"),
        ("gate-2", "relay-1"),
        ("gate-3", "relay-1"),
        ("gate-4", "relay-2"),
    ]
}
ACKS = [make_ack(ORDER, f"gate-{n}", running=n) for n in (3, 1, 2)]


def roll(*acks: Envelope, signer: str = "relay-1", relay: str = "relay-1") -> bytes:
    return sign_roll(ORDER, acks or ACKS, relay, SeededSigner(signer), NOW)


def verified(data: bytes) -> VerifiedRoll:
    return verify_roll(data, RELAYS, GATES, ORDER, NOW)


def test_a_roll_says_what_each_gate_signed() -> None:
    found = verified(roll())
    assert [ack.gate for ack in found.acks] == ["gate-1", "gate-2", "gate-3"]
    assert [ack.running for ack in found.acks] == [1, 2, 3]
    assert (found.roll.relay, found.roll.count, found.refusals) == ("relay-1", 3, ())
    assert roll_order(roll()) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_each_line_can_be_shown_to_stand_in_the_root(count: int) -> None:
    acks = [make_ack(ORDER, f"gate-{n}") for n in range(count)]
    data = sign_roll(ORDER, acks, "relay-1", SeededSigner("relay-1"), NOW)
    hashes = [leaf_hash(line) for line in roll_lines(data)]

    def node(level: int, position: int) -> bytes:
        if level == 0:
            return hashes[position]
        return node_hash(*(node(level - 1, 2 * position + side) for side in (0, 1)))

    root = bytes.fromhex(verified(data).roll.root)
    assert root == range_hash(0, count, node)
    for place, leaf in enumerate(hashes):
        proof = prove_inclusion(place, count, node)
        verify_inclusion(place, count, leaf, proof, root)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (lambda: b"", RollMalformed),
        (lambda: roll().split(b"\n")[0], RollMalformed),
        (lambda: make_ack(ORDER).encoded + b"\n" + ACKS[0].encoded, RollMalformed),
        (lambda: roll() + b"\n" + ACKS[0].encoded, RollMalformed),
        (lambda: b"\n".join(roll().split(b"\n")[:-1]), RollMalformed),
        (lambda: roll().replace(roll().split(b"\n")[2], ACKS[0].encoded),
         RollMalformed),
        (lambda: b"\n" * (ROLL_ACKS_MAX + 1), RollMalformed),
        (lambda: b"x" * 8_000_001, RollMalformed),
        (lambda: roll(relay="relay-9"), RollOfUnknownRelay),
        (lambda: roll(signer="mallory"), RollUnsigned),
        (lambda: sign_roll(follow(ORDER), ACKS, "relay-1", SeededSigner("relay-1"),
                           NOW), AckOfAnotherOrder),
    ],
    ids=[f"case {n}" for n in range(11)],
)  # fmt: skip
def test_a_roll_that_does_not_hold_is_refused(
    data: Callable[[], bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        verified(data())


def test_a_statement_that_was_changed_is_not_signed() -> None:
    one, other = roll(ACKS[0]), roll(ACKS[1])
    forged = one.replace(one.split(b'"sig":"')[1][:88], other.split(b'"sig":"')[1][:88])
    with pytest.raises(SignatureInvalid):
        verified(forged)


@pytest.mark.parametrize(
    ("ack", "error"),
    [
        (make_ack(ORDER, "gate-9"), AckOfUnknownGate),
        (make_ack(ORDER, "gate-4"), AckOfUnknownGate),  # behind another relay
        (make_ack(ORDER, "gate-1", signer="mallory"), AckUnsigned),
        (make_ack(follow(ORDER), "gate-1"), AckOfAnotherOrder),
        (make_ack(ORDER, "gate-1", at=ISSUED - timedelta(hours=1)), AckOutOfTime),
    ],
    ids=["unknown", "not behind it", "forged", "other order", "too early"],
)
def test_a_line_that_does_not_count_leaves_the_others(
    ack: Envelope, error: type[Exception]
) -> None:
    found = verified(roll(ack, ACKS[2]))
    assert [one.gate for one in found.acks] == ["gate-2"]
    assert [type(one) for one in found.refusals] == [error]


def test_a_line_that_is_none_does_not_count() -> None:
    other = Envelope(ACKS[0].payload, "application/vnd.assent.permit+json").signed_by(
        SeededSigner("gate-3")
    )
    found = verified(roll(other, ACKS[2]))
    assert [type(one) for one in found.refusals] == [RollMalformed]


def test_reach_counts_by_the_gates_own_signatures_and_shows_who_swore_falsely() -> None:
    store = MemoryReachStore()
    store.put_gates(*GATES.values())
    store.put_relay("relay-1", RELAYS["relay-1"])
    # It names the gate's key, and the signature is of something else.
    honest, other = make_ack(ORDER, "gate-1"), make_ack(ORDER, "gate-1", running=9)
    false = Envelope(honest.payload, honest.payload_type, other.signatures)
    data = roll(false, ACKS[2])
    assert len(verified(data).acks) == 2  # the relay swears that both are signed
    store.add_roll(1, "relay-1", data, NOW)
    reach = read_reach(store, ORDER)
    assert set(reach.acks) == {"gate-2"}
    assert dict(reach.false_oaths) == {"relay-1": 1}
    # What the gate says itself counts, whatever a relay said before.
    store.add_acks([(1, "gate-1", honest, NOW)])
    assert set(read_reach(store, ORDER).acks) == {"gate-1", "gate-2"}
