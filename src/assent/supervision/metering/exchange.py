"""What a meter and a gate say to each other: one line of canonical JSON a message.

meter -> gate: Hello, Batch;  gate -> meter: Head, Permitted, NotBelieved

    {"chain":{"job_id":"job-7","meter":"d75a…","permit_id":"permit-2026-0001","run_id":"example-large-2"},"say":"hello"}
    {"envelope":{"payload":"…","payloadType":"application/vnd.assent.meter-readings+json","signatures":[…]},"say":"readings"}

    {"say":"head","sequence":41}
    {"evaluations":["cyber-offence"],"expires":"2026-06-02T12:00:00Z","flop_max":"40000000000000000000000000","order":null,"oversight_flop":"10000000000000000000000000","say":"allowance","weights_max":null}
    {"error":"ReadingForked","message":"…","remedy":"…","say":"refused"}

A meter says hello when it connects. The gate answers with the number of the last
reading that it holds of the chain, 0 for none, and the meter sends every batch after
that, then each new one. The gate may say at any time what the meter may still let
happen: the lease as it was renewed, the next oversight point, an order that stops the
run; caps can be narrowed and not widened. A refused batch is not sent again; what was
refused stands in `meter.problems`.

Nothing here is signed but the readings. The socket's permissions say who may talk, and
whoever may can at worst stop the run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from assent.authorisation.terms import format_loss, parse_loss
from assent.supervision.metering.allowance import Allowance
from assent.supervision.metering.errors import ExchangeMalformed
from assent.supervision.metering.reading import ChainId
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, parse_envelope, parse_public_key

LINE_BYTES_MAX = 1_100_000  # an envelope, and the words around it
_COUNT = re.compile(r"0|[1-9][0-9]{0,36}")  # as COUNT_MAX
_POINTS = {"oversight_at", "oversight_loss"}  # only if there are such
_TEXTS_MAX = 64  # evaluations at one point
_TEXT_LENGTH_MAX = 4_000


class GateLink(Protocol):
    """A line to the gate; `apps/meter/gate_socket.py` is the real one.

    It never waits long: what cannot be sent is told by `False`, and sent again later.
    """

    def send(self, line: bytes) -> bool:
        """Send one line; tell whether it left."""

    def receive(self) -> list[bytes] | None:
        """Return the lines that came since; None if the line is down."""

    def close(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A meter is here."""

    chain: ChainId

    @property
    def line(self) -> bytes:
        """The message."""
        return _line({"say": "hello", "chain": self.chain.plain})


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings, signed and not verified."""

    envelope: Envelope

    @property
    def line(self) -> bytes:
        """The message."""
        return _line(
            {"say": "readings", "envelope": parse_canonical(self.envelope.encoded)}
        )


@dataclass(frozen=True, slots=True)
class Head:
    """How far the gate holds the chain."""

    sequence: int

    @property
    def line(self) -> bytes:
        """The message."""
        return _line({"say": "head", "sequence": self.sequence})


@dataclass(frozen=True, slots=True)
class Permitted:
    """What the meter may still let happen, as the gate sees it now."""

    allowance: Allowance

    @property
    def line(self) -> bytes:
        """The message."""
        given = self.allowance
        return _line(
            {
                "say": "allowance",
                "flop_max": str(given.flop_max),
                "oversight_flop": _count_text(given.oversight_flop),
                **_points_text(given),
                "evaluations": given.evaluations,
                "expires": None
                if given.expires is None
                else format_instant(given.expires),
                "order": given.order,
                "weights_max": _count_text(given.weights_max),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBelieved:
    """A batch was refused, and why."""

    error: str
    message: str
    remedy: str

    @property
    def line(self) -> bytes:
        """The message."""
        return _line(
            {
                "say": "refused",
                "error": self.error,
                "message": self.message,
                "remedy": self.remedy,
            }
        )


def parse_from_meter(line: bytes) -> Hello | Batch:
    """Return what a meter says.

    Raises:
        ExchangeMalformed: if it is nothing that a meter says.

    """
    value = _parse(line)
    try:
        match value:
            case {"say": "hello", "chain": dict(chain), **rest} if not rest:
                return Hello(_chain(chain))
            case {"say": "readings", "envelope": dict(envelope), **rest} if not rest:
                return Batch(parse_envelope(canonical_bytes(envelope)))
    except ExchangeMalformed:
        raise
    except AssentError as error:
        raise _malformed(error.message.removesuffix(".")) from None
    raise _malformed("a meter says hello or readings")


def parse_from_gate(line: bytes) -> Head | Permitted | NotBelieved:
    """Return what a gate says.

    Raises:
        ExchangeMalformed: if it is nothing that a gate says.

    """
    match _parse(line):
        case {"say": "head", "sequence": sequence, **rest} if not rest:
            if type(sequence) is int and 0 <= sequence <= INTEGER_SAFE_MAX:
                return Head(sequence)
        case {"say": "allowance", **fields}:
            return Permitted(_allowance(fields))
        case {
            "say": "refused",
            "error": str(error),
            "message": str(message),
            "remedy": str(remedy),
            **rest,
        } if not rest:
            return NotBelieved(error=error, message=message, remedy=remedy)
    raise _malformed("a gate says head, allowance or refused")


def _allowance(fields: Mapping[Any, Any]) -> Allowance:
    names = {"flop_max", "oversight_flop", "evaluations", "expires", "order"}
    if fields.keys() - _POINTS != names | {"weights_max"}:
        raise _malformed("an allowance has other fields")
    evaluations, order = fields["evaluations"], fields["order"]
    if not isinstance(evaluations, list) or len(evaluations) > _TEXTS_MAX:
        raise _malformed(f"evaluations are no list of at most {_TEXTS_MAX}")
    try:
        expires = None
        if fields["expires"] is not None:
            expires = parse_instant(fields["expires"])
        at, loss = fields.get("oversight_at"), fields.get("oversight_loss")
        oversight_at = None if at is None else parse_instant(at)
        oversight_loss = None if loss is None else parse_loss(loss)
    except AssentError as error:
        raise _malformed(error.message.removesuffix(".")) from None
    flop_max = _count(fields["flop_max"])
    if flop_max is None:
        raise _malformed("an allowance says how much")
    return Allowance(
        flop_max=flop_max,
        oversight_flop=_count(fields["oversight_flop"]),
        oversight_at=oversight_at,
        oversight_loss=oversight_loss,
        evaluations=tuple(_text(text) for text in evaluations),
        expires=expires,
        order=None if order is None else _text(order),
        weights_max=_count(fields["weights_max"]),
    )


def _points_text(given: Allowance) -> dict[str, Plain]:
    """Return the date and the loss, which stand there only if the permit has some."""
    at, loss = given.oversight_at, given.oversight_loss
    return {
        **({} if at is None else {"oversight_at": format_instant(at)}),
        **({} if loss is None else {"oversight_loss": format_loss(loss)}),
    }


def _chain(value: Mapping[str, Any]) -> ChainId:
    if value.keys() != {"run_id", "permit_id", "job_id", "meter"}:
        raise _malformed("a chain has other fields")
    return ChainId(
        run_id=_text(value["run_id"]),
        permit_id=_text(value["permit_id"]),
        job_id=_text(value["job_id"]),
        meter=parse_public_key(value["meter"]),
    )


def _parse(line: bytes) -> Any:  # noqa: ANN401 - any plain value
    if len(line) > LINE_BYTES_MAX:
        raise _malformed(f"it is longer than {LINE_BYTES_MAX:,} bytes")
    try:
        return parse_canonical(line.removesuffix(b"\n"))
    except AssentError as error:
        raise _malformed(error.message.removesuffix(".")) from None


def _line(value: Mapping[str, Plain]) -> bytes:
    return canonical_bytes(value) + b"\n"


def _count_text(count: int | None) -> str | None:
    return None if count is None else str(count)


def _count(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or _COUNT.fullmatch(value) is None:
        raise _malformed(f"{value!r:.60} is no count")
    return int(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _TEXT_LENGTH_MAX:
        raise _malformed(
            f"{value!r:.60} is no text of up to {_TEXT_LENGTH_MAX:,} characters"
        )
    return value


def _malformed(why: str) -> ExchangeMalformed:
    return ExchangeMalformed(
        f"This is no line between a meter and a gate: {why}.",
        remedy="Use a meter and a gate of the same version.",
    )
