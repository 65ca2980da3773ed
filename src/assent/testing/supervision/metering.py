"""Meters and gates in memory.

how many readings -> a chain of them;  lines of a meter -> what an honest gate answers

The meter's key comes from its name, as all keys here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.compute.hardware import AcceleratorTable
from assent.supervision.metering import (
    START,
    Allowance,
    Batch,
    ChainHead,
    ChainId,
    Hardware,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    Reading,
    ReadingsRefused,
    parse_from_meter,
    verify_readings,
)
from assent.testing.states import SeededSigner
from assent.vocabulary.envelope import Envelope

BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)
INTERVAL = timedelta(seconds=10)
METER = SeededSigner("meter")
CHAIN = ChainId(
    run_id="example-large-2",
    permit_id="permit-2026-0001",
    job_id="job-7",
    meter=METER.key,
)
FLOP = 10**16  # of each reading: what 8 H100 can do in less than a second


def next_reading(before: Reading | None = None, **changes: Any) -> Reading:  # noqa: ANN401 - the fields of Reading
    """Return the reading that follows, with changes."""
    started = BEGAN if before is None else before.time_to
    step = 0 if before is None else before.step_last
    given = {
        "chain": CHAIN if before is None else before.chain,
        "sequence": 1 if before is None else before.sequence + 1,
        "previous": START if before is None else before.digest,
        "step_first": step + 1,
        "step_last": step + 10,
        "flop": FLOP,
        "flop_total": FLOP + (0 if before is None else before.flop_total),
        "training_tokens": 80_384,
        "padding_tokens": 512,
        "time_from": started,
        "time_to": started + INTERVAL,
        "hardware": Hardware(chips={"H100 SXM": 8}, wall_ms=10_000),
    }
    return Reading(**{**given, **changes})


def make_readings(count: int, after: Reading | None = None) -> list[Reading]:
    """Return so many readings that follow on each other."""
    readings: list[Reading] = []
    for _ in range(count):
        after = next_reading(after)
        readings.append(after)
    return readings


def head_of(readings: Sequence[Reading]) -> ChainHead:
    """Return where a chain stands after these."""
    return readings[-1].head_with(readings[-1].digest)


@dataclass
class MemoryGate:
    """A gate that verifies what a meter sends, at the other end of a `GateLink`.

    Attributes:
        now: its clock, which a test sets.
        is_down: whether nothing gets through.
        head: where it holds the chain.
        flop: what it was told of.
        accepted: batches taken in.
        refused: those that were not, and why.

    """

    accelerators: AcceleratorTable
    now: datetime = BEGAN
    is_down: bool = False
    head: ChainHead | None = None
    flop: int = 0
    accepted: list[Envelope] = field(default_factory=list)
    refused: list[ReadingsRefused] = field(default_factory=list)
    chain: ChainId | None = None
    _answers: list[bytes] = field(default_factory=list)

    def send(self, line: bytes) -> bool:
        """Take a line of the meter."""
        if self.is_down:
            return False
        match parse_from_meter(line):
            case Hello(chain):
                self.chain = chain
                held = 0 if self.head is None else self.head.sequence
                self._answers.append(Head(held).line)
            case Batch(envelope):
                self._take_in(envelope)
        return True

    def receive(self) -> list[bytes] | None:
        """Return what the meter is to hear."""
        if self.is_down:
            return None
        answers, self._answers = self._answers, []
        return answers

    def close(self) -> None:
        """End the line."""
        self._answers.clear()

    def say(self, allowance: Allowance) -> None:
        """Tell the meter what it may still let happen."""
        self._answers.append(Permitted(allowance).line)

    def _take_in(self, envelope: Envelope) -> None:
        chain = CHAIN if self.chain is None else self.chain
        try:
            verified = verify_readings(
                envelope, chain, self.head, self.accelerators, self.now
            )
        except ReadingsRefused as error:
            self.refused.append(error)
            said = NotBelieved(
                error=type(error).__name__, message=error.message, remedy=error.remedy
            )
            self._answers.append(said.line)
        else:
            self.accepted.append(envelope)
            self.head = verified.head
            self.flop += verified.flop
