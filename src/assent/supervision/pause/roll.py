"""A relay's signed word that it verified the acknowledgements of the gates behind it.

acknowledgements + relay's key -> bytes;  bytes + known relays and gates -> VerifiedRoll

    {"agency":"agency.example","called":"2026-06-01T12:00:02Z","count":1000,"format":"assent-pause-roll/1","order_digest":"sha256:…","order_number":7,"relay":"relay-nairobi","root":"9f86…"}

The first line is the statement in its envelope; each line after it is one gate's own
signed acknowledgement, in the order of the gates' names. The root is that of the Merkle
tree of RFC 6962 over these lines, so one signature binds the relay to every one of them
and any one can be shown to stand in it. A roll says what the *relay* swears: that each
gate signed. Whoever counts reach for good verifies the gates' own signatures.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from assent.authorisation.permit.fields import (
    AGENCY,
    DIGEST,
    SLUG,
    instant_of,
    int_of,
    mapping_of,
    text_of,
)
from assent.supervision.pause.ack import (
    ACK_TYPE,
    Ack,
    parse_ack,
    verify_of,
    verify_times,
)
from assent.supervision.pause.errors import (
    AckOfUnknownGate,
    AckUnsigned,
    RollMalformed,
    RollOfUnknownRelay,
    RollUnsigned,
)
from assent.supervision.pause.order import PauseOrder
from assent.supervision.pause.ports import GateRecord
from assent.translog.merkle import Edge, leaf_hash
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import (
    Envelope,
    PublicKey,
    Signer,
    parse_envelope,
    verify_envelope,
)

FORMAT = "assent-pause-roll/1"
ROLL_TYPE = "application/vnd.assent.pause-roll+json"
ROLL_ACKS_MAX = 4_096  # of one roll; a relay with more gates sends several
ROLL_BYTES_MAX = 8_000_000  # as many acknowledgements, with room to spare
_ROOT = re.compile(r"[0-9a-f]{64}")
_FIELDS = {"format", "agency", "relay", "order_number", "order_digest"} | {
    "called",
    "count",
    "root",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """A relay's word.

    Attributes:
        agency: whose order it is.
        relay: the relay, as the agency knows it.
        order_number: the order, and its digest.
        order_digest: see `order_number`.
        called: when the relay put it together.
        count: how many acknowledgements there are.
        root: of the Merkle tree over them, hexadecimal.

    """

    agency: str
    relay: str
    order_number: int
    order_digest: str
    called: datetime
    count: int
    root: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The roll as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "relay": self.relay,
            "order_number": self.order_number,
            "order_digest": self.order_digest,
            "called": format_instant(self.called),
            "count": self.count,
            "root": self.root,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRoll:
    """A roll that a known relay signed, and what the gates behind it are to have said.

    Attributes:
        roll: the statement.
        acks: those that may count; the gates' signatures were verified by the relay,
            and were not here.
        refusals: why others do not.

    """

    roll: Roll
    acks: tuple[Ack, ...]
    refusals: tuple[AssentError, ...]


def sign_roll(
    order: PauseOrder,
    acks: Iterable[Envelope],
    relay: str,
    signer: Signer,
    now: datetime,
) -> bytes:
    """Return a relay's roll of acknowledgements that it verified, as it is sent.

    Args:
        order: the order that they are of.
        acks: one of each gate.
        relay: what the relay calls itself.
        signer: the relay's key.
        now: the time.

    """
    named = sorted((parse_ack(ack.payload).gate, ack.encoded) for ack in acks)
    lines = [line for _, line in named]
    roll = Roll(
        agency=order.agency,
        relay=relay,
        order_number=order.number,
        order_digest=order.digest,
        called=now,
        count=len(lines),
        root=_root(lines).hex(),
    )
    statement = Envelope(canonical_bytes(roll.plain), ROLL_TYPE).signed_by(signer)
    return b"\n".join([statement.encoded, *lines])


def roll_order(data: bytes) -> int:
    """Return the number of the order that a roll is of; nothing is believed yet.

    Raises:
        RollMalformed: if it is no roll.

    """
    return _read(data)[0].order_number


def roll_lines(data: bytes) -> list[bytes]:
    """Return the signed acknowledgements in a roll, believed in nothing."""
    return data.split(b"\n")[1:]


def verify_roll(  # noqa: PLR0913 - what it is verified by
    data: bytes,
    relays: Mapping[str, PublicKey],
    gates: Mapping[str, GateRecord],
    order: PauseOrder,
    now: datetime,
    *,
    order_digest: str | None = None,
) -> VerifiedRoll:
    """Return a roll that a known relay signed, of this order.

    Args:
        data: as it was sent.
        relays: the keys of known relays, by name.
        gates: known gates, by name.
        order: the order that the agency issued under that number.
        now: when it arrived.
        order_digest: of the order, if it is at hand.

    Raises:
        RollMalformed: if it is none, or its root is not that of its lines.
        RollOfUnknownRelay: if no such relay is known.
        RollUnsigned, SignatureInvalid: if the relay's key did not sign it.
        AckOfAnotherOrder: if it is of another order, or another agency's.

    """
    digest = order_digest or order.digest
    # (1) It is a roll.
    roll, envelope, lines = _read(data)
    # (2) A known relay signed it; (3) it is of this order.
    _verify_relay(roll, envelope, relays)
    verify_of(roll, order, digest)
    # (4) The relay swore to these very lines.
    if roll.count != len(lines) or roll.root != _root(lines).hex():
        _malformed("its root is not that of the acknowledgements with it")
    # (5) Each that counts is of a gate behind the relay, of this order, in its time.
    acks, refusals = [], []
    for line in lines:
        try:
            ack = _ack(line, roll, gates)
            verify_of(ack, order, digest)
            verify_times(ack, order, now)
        except AssentError as error:
            refusals.append(error)
        else:
            acks.append(ack)
    return VerifiedRoll(roll=roll, acks=tuple(acks), refusals=tuple(refusals))


def _verify_relay(
    roll: Roll, envelope: Envelope, relays: Mapping[str, PublicKey]
) -> None:
    if (key := relays.get(roll.relay)) is None:
        raise RollOfUnknownRelay(
            f"The agency knows no relay {roll.relay:.100}.",
            remedy="Register it: `assent pause relay register`.",
        )
    if not verify_envelope(envelope, ROLL_TYPE, [key]):
        raise RollUnsigned(
            f"The key of {roll.relay} did not sign the roll.",
            remedy="Sign it with the key that is registered.",
        )


def _ack(line: bytes, roll: Roll, gates: Mapping[str, GateRecord]) -> Ack:
    envelope = parse_envelope(line)
    if envelope.payload_type != ACK_TYPE:
        _malformed(f"a line is of type {envelope.payload_type:.120}")
    ack = parse_ack(envelope.payload)
    gate = gates.get(ack.gate)
    if gate is None or gate.relay != roll.relay:
        raise AckOfUnknownGate(
            f"The agency knows no gate {ack.gate:.100} behind {roll.relay}.",
            remedy="Register it: `assent pause gate NAME --key KEY --relay RELAY`.",
        )
    if gate.key.key_id not in {one.key_id for one in envelope.signatures}:
        raise AckUnsigned(
            f"The key of {ack.gate} did not sign its line in the roll.",
            remedy="Have the relay verify what it swears to.",
        )
    return ack


def _read(data: bytes) -> tuple[Roll, Envelope, Sequence[bytes]]:
    if len(data) > ROLL_BYTES_MAX:
        _malformed(f"it is longer than {ROLL_BYTES_MAX:,} bytes")
    first, *lines = data.split(b"\n")
    if not 1 <= len(lines) <= ROLL_ACKS_MAX:
        _malformed(f"it holds not 1 to {ROLL_ACKS_MAX:,} acknowledgements")
    try:
        envelope = parse_envelope(first)
        given = mapping_of(parse_canonical(envelope.payload), "it", _FIELDS)
        if envelope.payload_type != ROLL_TYPE or given["format"] != FORMAT:
            _malformed(f"it is of another type than {ROLL_TYPE}")
        roll = Roll(
            agency=text_of(given["agency"], AGENCY, "agency"),
            relay=text_of(given["relay"], SLUG, "relay"),
            order_number=int_of(given["order_number"], 1, INTEGER_SAFE_MAX, "number"),
            order_digest=text_of(given["order_digest"], DIGEST, "order_digest"),
            called=instant_of(given["called"], "called"),
            count=int_of(given["count"], 1, ROLL_ACKS_MAX, "count"),
            root=text_of(given["root"], _ROOT, "root"),
        )
    except RollMalformed:
        raise
    except AssentError as error:
        _malformed(error.message.removesuffix("."))
    return roll, envelope, lines


def _root(lines: Sequence[bytes]) -> bytes:
    edge = Edge()
    edge.append(map(leaf_hash, lines))
    return edge.root()


def _malformed(why: str) -> NoReturn:
    raise RollMalformed(
        f"This is no roll of acknowledgements: {why}.",
        remedy="Have the relay send it again.",
    )
