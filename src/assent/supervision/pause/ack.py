"""A gate's signed word that an order reached it, and what became of its jobs.

Ack <-> canonical JSON;  signed ack + known gates + order + now -> VerifiedAck

    {"agency":"agency.example","checkpointing":2,"format":"assent-pause-ack/1","gate":"gate-nairobi-1","order_digest":"sha256:…","order_number":7,"received":"2026-06-01T12:00:01Z","reported":"2026-06-01T12:00:03Z","running":1,"stopped":12}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn, Protocol

from assent.authorisation.permit.fields import (
    AGENCY,
    DIGEST,
    SLUG,
    instant_of,
    int_of,
    mapping_of,
    statement_of,
    text_of,
)
from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.supervision.pause.errors import (
    AckMalformed,
    AckOfAnotherOrder,
    AckOfUnknownGate,
    AckOutOfTime,
    AckUnsigned,
)
from assent.supervision.pause.order import PauseOrder
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, PublicKey, Signer, verify_envelope

FORMAT = "assent-pause-ack/1"
ACK_TYPE = "application/vnd.assent.pause-ack+json"
ACK_BYTES_MAX = 4_000  # ten short fields
JOBS_MAX = 10**9  # of one gate: more than any scheduler holds
_FIELDS = frozenset(
    {
        "agency",
        "checkpointing",
        "format",
        "gate",
        "order_digest",
        "order_number",
        "received",
        "reported",
        "running",
        "stopped",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """A gate's word that an order reached it, and what has become of its jobs.

    Attributes:
        agency: whose order it is.
        gate: the gate, as the agency knows it.
        order_number: the order, and its digest.
        order_digest: see `order_number`.
        received: when the gate had verified the order.
        reported: when the jobs were counted.
        stopped: jobs that the order covers, by where they stand: ended; saving a
            checkpoint within the grace; still running.
        checkpointing: see `stopped`.
        running: see `stopped`.

    """

    agency: str
    gate: str
    order_number: int
    order_digest: str
    received: datetime
    reported: datetime
    stopped: int = 0
    checkpointing: int = 0
    running: int = 0

    @property
    def plain(self) -> dict[str, Plain]:
        """The acknowledgement as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "gate": self.gate,
            "order_number": self.order_number,
            "order_digest": self.order_digest,
            "received": format_instant(self.received),
            "reported": format_instant(self.reported),
            "stopped": self.stopped,
            "checkpointing": self.checkpointing,
            "running": self.running,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAck:
    """An acknowledgement that counts, and when it arrived at the agency."""

    ack: Ack
    arrived: datetime


def sign_ack(ack: Ack, signer: Signer) -> Envelope:
    """Return an acknowledgement signed by a gate's key."""
    return Envelope(canonical_bytes(ack.plain), ACK_TYPE).signed_by(signer)


def parse_ack(data: bytes) -> Ack:
    """Return the acknowledgement whose canonical bytes these are.

    Raises:
        AckMalformed: if they are none's.

    """
    ack = statement_of(data, ACK_BYTES_MAX, _ack, _malformed)
    if ack.reported < ack.received:
        _malformed("jobs were counted before the order was received")
    return ack


def verify_ack(
    envelope: Envelope,
    gates: Mapping[str, PublicKey],
    order: PauseOrder,
    now: datetime,
    order_digest: str | None = None,
) -> VerifiedAck:
    """Return an acknowledgement that a known gate signed, of this order.

    Args:
        envelope: the signed acknowledgement.
        gates: the keys of known gates, by name.
        order: the order that the agency issued under that number.
        now: when it arrived.
        order_digest: of the order, if it is at hand.

    Raises:
        AckMalformed: if it is none.
        AckOfUnknownGate: if no such gate is known.
        AckUnsigned, SignatureInvalid: if the gate's key did not sign it.
        AckOfAnotherOrder: if it is of another order, or another agency's.
        AckOutOfTime: if it is dated before the order, or later than now.

    """
    # (1) It is an acknowledgement.
    if envelope.payload_type != ACK_TYPE:
        _malformed(f"it is of type {envelope.payload_type:.120}")
    ack = parse_ack(envelope.payload)
    # (2) A known gate signed it.
    if (key := gates.get(ack.gate)) is None:
        raise AckOfUnknownGate(
            f"The agency knows no gate {ack.gate:.100}.",
            remedy="Register it: `assent pause gate`.",
        )
    if not verify_envelope(envelope, ACK_TYPE, [key]):
        raise AckUnsigned(
            f"The key of {ack.gate} did not sign the acknowledgement.",
            remedy="Sign it with the key that is registered.",
        )
    # (3) It is of this order.
    verify_of(ack, order, order_digest or order.digest)
    # (4) Its times can be true.
    verify_times(ack, order, now)
    return VerifiedAck(ack=ack, arrived=now)


class OfOrder(Protocol):
    """What names the order that it is of: an acknowledgement, a relay's roll."""

    @property
    def agency(self) -> str:
        """Whose order it is."""

    @property
    def order_number(self) -> int:
        """Its number."""

    @property
    def order_digest(self) -> str:
        """Its digest."""


def verify_of(said: OfOrder, order: PauseOrder, order_digest: str) -> None:
    """Refuse what is of another order than this.

    Raises:
        AckOfAnotherOrder: if it is.

    """
    named = (said.agency, said.order_number, said.order_digest)
    if named != (order.agency, order.number, order_digest):
        raise AckOfAnotherOrder(
            f"Order {said.order_number} of {said.agency}, {said.order_digest}, is"
            " acknowledged, and was not issued.",
            remedy="Show the agency what was received: somebody forged an order.",
        )


def verify_times(ack: Ack, order: PauseOrder, now: datetime) -> None:
    """Refuse an acknowledgement whose times cannot be true.

    Raises:
        AckOutOfTime: if it is dated before the order, or later than now.

    """
    skew = timedelta(seconds=CLOCK_SKEW_S)
    if ack.received < order.issued - skew or ack.reported > now + skew:
        raise AckOutOfTime(
            f"{ack.gate} acknowledges at {format_instant(ack.reported)} what was drawn"
            f" up at {format_instant(order.issued)}; it is {format_instant(now)}.",
            remedy="Set the gate's clock.",
        )


def _ack(value: Any) -> Ack:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")

    def jobs(name: str) -> int:
        return int_of(given[name], 0, JOBS_MAX, name)

    return Ack(
        agency=text_of(given["agency"], AGENCY, "agency"),
        gate=text_of(given["gate"], SLUG, "gate"),
        order_number=int_of(given["order_number"], 1, INTEGER_SAFE_MAX, "order_number"),
        order_digest=text_of(given["order_digest"], DIGEST, "order_digest"),
        received=instant_of(given["received"], "received"),
        reported=instant_of(given["reported"], "reported"),
        stopped=jobs("stopped"),
        checkpointing=jobs("checkpointing"),
        running=jobs("running"),
    )


def _malformed(why: str) -> NoReturn:
    raise AckMalformed(
        f"This is no acknowledgement of an order: {why}.",
        remedy="Have the gate send it again.",
    )
