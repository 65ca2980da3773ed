"""The thread beside the training loop: makes readings, signs, writes, sends, reserves.

what the loop counts -> readings in the folder, and at the gate

The loop only adds integers under a lock, and waits in two cases: when it would pass
what is reserved on the disk, and when a checkpoint asks that all before it be durable.
Nothing that goes wrong here is raised into the loop: it stands in `problems`.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from assent.apps.meter.keeping.folder import MeterFolder
from assent.apps.meter.keeping.gate_talk import GateTalk
from assent.apps.meter.keeping.tally import Stopwatch, Tally, flop_total
from assent.supervision.metering import (
    READINGS_MAX,
    Carried,
    ChainHead,
    Reading,
    sign_readings,
)
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Signer

PROBLEMS_MAX = 100  # kept; what repeats is kept once
RESERVE_STEPS = 16  # of the largest size so far, to begin with
RESERVE_OFTEN_S = 10.0  # reserving more often doubles what is reserved at a time
RESERVE_SELDOM_S = 60.0  # more seldom halves it: a crash charges no more than that
FLUSH_WAIT_S = 30.0
GATE_WAIT_NS = 5_000_000_000  # at the end, for a gate that is there
_TICK_S = 0.2
_MOMENT_S = 0.02


class MeterFailed(AssentError):
    """Something in the meter broke that nobody foresaw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Seconds a reading lasts, readings a signature covers, seconds a disk may take."""

    interval_s: float = 10.0
    readings_per_batch: int = 6
    disk_wait_s: float = 10.0


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Keeps one chain; `start` it, and `close` it.

    Attributes:
        flop_total: FLOP of the run with what is being counted.
        problems: what went wrong, newest last.

    """

    folder: MeterFolder
    signer: Signer
    chips: Mapping[str, int]
    watch: Stopwatch
    rhythm: Rhythm
    gate: GateTalk | None = None
    flop_total: int = 0
    problems: deque[AssentError] = field(
        default_factory=lambda: deque(maxlen=PROBLEMS_MAX)
    )
    _tally: Tally = field(default_factory=Tally)
    _head: ChainHead | None = None
    _carried: Carried | None = None
    _waiting: list[Reading] = field(default_factory=list)
    _reserve_steps: int = RESERVE_STEPS
    _flop_step_max: int = 1
    _flop_wanted: int | None = None
    _flop_enough: int = 0
    _reserved_ns: int = 0
    _flushes_asked: int = 0
    _flushes_done: int = 0
    _is_ending: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Charge what an earlier process left reserved, and begin.

        Raises:
            StoreUnavailable: if the disk refuses.

        """
        self._head = self.folder.head
        if self._head is not None:
            self.watch.not_before = self._head.time_to
        self.watch.start()
        self._tally.step_before = 0 if self._head is None else self._head.step_last
        self.flop_total = flop_total(self._head, None)
        self._charge()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)
        self._thread.start()

    def _charge(self) -> None:
        """Charge what lies between the reserve and all that is accounted for."""
        carried = self._carried = self.folder.carried
        before = flop_total(self._head, carried)
        left = self.folder.flop_reserved - before
        if left > 0:
            if before > self.flop_total:  # no reading tells of that checkpoint yet
                self._tally.carried = carried
            self._tally.flop = self._tally.flop_charged = left
            self._cut()
            self._write()
            self.flop_total = before + left

    # What the loop calls.

    def reserve(self, flop: int) -> bool:
        """Make sure that so much more is reserved on the disk; tell whether it is."""
        needed = self.flop_total + flop
        self._flop_step_max = max(self._flop_step_max, flop)
        if needed <= self._flop_enough:
            return True
        with self._changed:  # in good time, so that the loop seldom has to wait
            self._flop_wanted = needed
            self._changed.notify_all()
            return self._changed.wait_for(
                lambda: needed <= self.folder.flop_reserved, self.rhythm.disk_wait_s
            )

    def add(self, flop: int, steps: int, tokens: int, padding: int) -> None:
        """Count a step, or a part of one, that is about to be done."""
        with self._changed:
            tally = self._tally
            tally.flop += flop
            tally.steps += steps
            tally.training_tokens += tokens
            tally.padding_tokens += padding
            self.flop_total += flop

    def report_loss(self, loss: Decimal) -> None:
        """Keep the lowest loss for the reading that is being counted."""
        with self._changed:
            self._tally.report_loss(loss)

    def resume(self, carried: Carried, step: int) -> None:
        """Go on from a checkpoint: what it held, and its step."""
        self.flush()
        with self._changed:
            self._carried = self._tally.carried = carried
            self._tally.step_before = step
            self.flop_total = max(self.flop_total, carried.flop_total)

    def flush(self) -> ChainHead | None:
        """Have all that was counted on the disk; return where the chain stands."""
        with self._changed:
            self._flushes_asked += 1
            asked = self._flushes_asked
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._flushes_done >= asked, FLUSH_WAIT_S)
            return self._head

    def checkpoint(self) -> Carried | None:
        """Have all on the disk; return what a checkpoint saved now is to carry."""
        head = self.flush()
        with self._changed:
            if head is None or self._tally.carried is not None:
                return self._tally.carried  # nothing was told since it was resumed
            return Carried(digest=head.digest, flop_total=head.flop_total)

    def close(self) -> None:
        """Write what is left, give back what was reserved, and end."""
        if self._thread is None:
            return
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        self._thread.join(FLUSH_WAIT_S)
        if self._thread.is_alive():  # it still holds the folder: leave it to it
            self.tell(
                MeterFailed(
                    f"The meter did not end within {FLUSH_WAIT_S:.0f} s.",
                    remedy="See to the disk; what was reserved is charged on restart.",
                )
            )
            return
        self._thread = None
        self.folder.close()
        if self.gate is not None:
            self.gate.close()

    def tell(self, problem: AssentError) -> None:
        """Keep a problem, unless it was the last one already."""
        if not self.problems or str(self.problems[-1]) != str(problem):
            self.problems.append(problem)

    # What the thread does.

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._is_work, _TICK_S)
                asked, is_ending = self._flushes_asked, self._is_ending
            is_due = self.watch.elapsed_s >= self.rhythm.interval_s
            if is_due or is_ending or asked > self._flushes_done:
                self._try(self._cut)
            self._try(self._extend)
            is_full = len(self._waiting) >= self.rhythm.readings_per_batch
            if is_full or is_ending or asked > self._flushes_done:
                self._try(self._write)
            if self.gate is not None:
                self._try(self._talk)
            with self._changed:
                self._flushes_done = asked
                self._changed.notify_all()
            if is_ending:
                self._try(self._give_back)
                self._try(self._say_the_last)
                return

    def _is_work(self) -> bool:
        return (
            self._is_ending
            or self._flushes_asked > self._flushes_done
            or self._flop_wanted is not None
        )

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except AssentError as error:
            self.tell(error)
        except Exception as error:  # noqa: BLE001 - training must not end by a meter
            self.tell(
                MeterFailed(
                    f"The meter failed: {type(error).__name__}: {error!s:.500}",
                    remedy="Report it; what was reserved is charged when it restarts.",
                )
            )

    def _cut(self) -> None:
        """Make what was counted a reading, unless the disk lags far behind."""
        with self._changed:
            if self._tally.is_empty or len(self._waiting) >= READINGS_MAX:
                return
            tally = self._tally
            self._tally = Tally(step_before=tally.step_before + tally.steps)
        reading = tally.reading(
            self.folder.chain, self._head, self.chips, self.watch.lap()
        )
        self._head = reading.head_with(reading.digest)
        self._waiting.append(reading)

    def _write(self) -> None:
        if self._waiting and self._head is not None:
            envelope = sign_readings(self._waiting, self.signer)
            self.folder.append(envelope, self._head)
            self._waiting.clear()

    def _talk(self) -> None:
        if self.gate is not None:
            self.gate.exchange(self.folder, self.tell)

    def _say_the_last(self) -> None:
        """Give a gate that is there a moment to take all in."""
        ends_ns = self.watch.monotonic_ns() + GATE_WAIT_NS
        while (
            self.gate is not None
            and self.gate.is_waiting(self.folder)
            and self.watch.monotonic_ns() < ends_ns
        ):
            self._talk()
            threading.Event().wait(_MOMENT_S)

    def _extend(self) -> None:
        """Reserve what the loop wants, and more the oftener it asks."""
        with self._changed:
            needed, step = self._flop_wanted, self._flop_step_max
            carried = self._carried
        if needed is None:
            return
        since_s = (self.watch.monotonic_ns() - self._reserved_ns) / 1e9
        if since_s < RESERVE_OFTEN_S:
            self._reserve_steps *= 2
        elif since_s > RESERVE_SELDOM_S:
            self._reserve_steps = max(RESERVE_STEPS, self._reserve_steps // 2)
        ahead = step * self._reserve_steps
        reserved = max(needed + ahead, self.folder.flop_reserved)
        self.folder.reserve(reserved, carried)
        self._reserved_ns = self.watch.monotonic_ns()
        with self._changed:
            self._flop_wanted = None
            self._flop_enough = self.folder.flop_reserved - ahead // 2
            self._changed.notify_all()

    def _give_back(self) -> None:
        if not self._waiting and self._tally.is_empty:
            self.folder.reserve(flop_total(self._head, None), None)
