"""The stretch that is being counted, before it is a reading.

FLOP, tokens and steps of each step -> Tally -> Reading

Times come from a clock that only goes on, set once by the clock on the wall: setting
that back cannot make a chain go back in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from assent.supervision.metering import (
    START,
    Carried,
    ChainHead,
    ChainId,
    Hardware,
    Reading,
)

_NS_PER_MS = 1_000_000


@dataclass(slots=True)
class Stopwatch:
    """When a stretch began and ends, by both clocks."""

    now: Callable[[], datetime]
    monotonic_ns: Callable[[], int]
    not_before: datetime | None = None
    _from: datetime | None = None
    _from_ns: int = 0

    def start(self) -> None:
        """Begin; not before what was told last."""
        now = self.now()
        self._from = now if self.not_before is None else max(now, self.not_before)
        self._from_ns = self.monotonic_ns()

    @property
    def elapsed_s(self) -> float:
        """How long it has lasted, in seconds."""
        return (self.monotonic_ns() - self._from_ns) / 1e9

    def lap(self) -> tuple[datetime, datetime, int]:
        """Return beginning, end and milliseconds, and begin the next stretch."""
        began = self.now() if self._from is None else self._from
        passed_ns = self.monotonic_ns() - self._from_ns
        wall_ms = -(-passed_ns // _NS_PER_MS)
        ends = max(self.now(), began + timedelta(milliseconds=wall_ms))
        self._from, self._from_ns = ends, self._from_ns + passed_ns
        return began, ends, wall_ms


@dataclass(slots=True)
class Tally:
    """Sums of a stretch, and what it was resumed from."""

    flop: int = 0
    flop_charged: int = 0
    training_tokens: int = 0
    padding_tokens: int = 0
    steps: int = 0
    step_before: int = 0
    carried: Carried | None = None
    loss: Decimal | None = None

    def report_loss(self, loss: Decimal) -> None:
        """Keep a loss if it is the lowest of the stretch."""
        self.loss = loss if self.loss is None else min(loss, self.loss)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = self.flop or self.steps or self.training_tokens
        return not told and self.loss is None

    def reading(
        self,
        chain: ChainId,
        head: ChainHead | None,
        chips: Mapping[str, int],
        lap: tuple[datetime, datetime, int],
    ) -> Reading:
        """Return the stretch as the next reading of the chain."""
        flop_before = flop_total(head, self.carried)
        time_from, time_to, wall_ms = lap
        return Reading(
            chain=chain,
            sequence=1 if head is None else head.sequence + 1,
            previous=START if head is None else head.digest,
            step_first=self.step_before + 1,
            step_last=self.step_before + self.steps,
            flop=self.flop,
            flop_charged=self.flop_charged,
            flop_total=flop_before + self.flop,
            training_tokens=self.training_tokens,
            padding_tokens=self.padding_tokens,
            time_from=time_from.replace(microsecond=0),
            time_to=time_to.replace(microsecond=0),
            hardware=Hardware(chips=chips, wall_ms=wall_ms),
            carried=self.carried,
            loss=self.loss,
        )


def flop_total(head: ChainHead | None, carried: Carried | None) -> int:
    """Return what the run has used before a stretch, as far as its chain knows."""
    return max(
        0 if head is None else head.flop_total,
        0 if carried is None else carried.flop_total,
    )
