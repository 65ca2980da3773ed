"""The meter that a training loop holds.

batch, before each step -> counted and let through, or a reason to stop

    with assent.meter(permit=…, key=…, config=…, folder=…, job="job-7") as meter:
        for batch in loader:
            if not meter.step(batch):
                break  # meter.stop says why; save a checkpoint
            …

It never raises into the loop unless `raises` says so: what goes wrong is in `problems`,
and a meter that cannot keep its word stops the run in good order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeVar

from assent.apps.meter.keeping import Keeper
from assent.apps.meter.measure import Measure, loss_of
from assent.apps.meter.progress import Progress
from assent.apps.meter.ranks import Ranks
from assent.apps.meter.state import MeterState
from assent.apps.meter.stops import NO_RESERVE, NO_SIZE, OTHER_RANK, TrainingMustStop
from assent.supervision.metering import (
    START,
    Allowance,
    BatchShape,
    Carried,
    Stop,
    decide_stop,
)
from assent.vocabulary import AssentError

Item = TypeVar("Item")


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts, and says when to stop; made by `assent.meter`.

    Attributes:
        run_id: of which run.
        allowance: lines that are not crossed, by permit and lease.
        measure: FLOP and shape of a batch.
        ranks: the processes of the run.
        now: the clock.
        keeper: at the first rank, keeps the readings; None elsewhere.
        weights: of the model in total.
        flop_step_max: the largest step there can be, if it is known; else the largest
            so far.
        on_stop: called once, when a step is refused.
        raises: whether a stop raises `TrainingMustStop`.
        stop: why the run stops; None while it may go on.
        step_count: optimizer steps of the run that this process knows of.

    """

    run_id: str
    allowance: Allowance
    measure: Measure
    ranks: Ranks
    now: Callable[[], datetime]
    keeper: Keeper | None
    weights: int | None = None
    flop_step_max: int = 0
    on_stop: Callable[[Stop], None] | None = None
    raises: bool = False
    stop: Stop | None = None
    step_count: int = 0
    training_tokens: int = 0
    padding_tokens: int = 0
    _carried: Carried | None = None
    _flop_total: int = 0
    _flop_of_step: int = 0
    _is_in_step: bool = False
    _is_told: bool = False
    _wish: Stop | None = None
    _loss: Decimal | None = None

    def __post_init__(self) -> None:
        """See whether there is any step that may be done."""
        if self.keeper is not None:
            self._flop_total = self.keeper.flop_total
            if self.keeper.folder.head is not None:
                self.step_count = self.keeper.folder.head.step_last
        self._look_ahead()

    # Of a loop that asks before each step.

    def step(self, batch: object) -> bool:
        """Tell whether a step may be done, and count it if so. Call it before.

        All ranks call it alike, with what `shape_of` takes of their whole step.
        """
        if self.stop is not None:
            return self._refuse(self.stop)
        flop, shape = self._measure(batch)
        flop, tokens, padding = self._sum(flop, shape)
        stop = self._agree(self._first_decides(flop))
        if stop is not None:
            return self._refuse(stop)
        self._add(flop, tokens, padding)
        self._end_step()
        return True

    def batches(self, loader: Iterable[Item]) -> Iterator[Item]:
        """Go through a loader for as long as steps may be done."""
        for batch in loader:
            if not self.step(batch):
                return
            yield batch

    # Of a callback, which learns of a batch when it is on its way.

    def add(self, batch: object) -> None:
        """Count one batch of a step that will be done whatever the meter says."""
        flop, tokens, padding = self._sum(*self._measure(batch))
        self._agree(self._reserve(flop))
        self._add(flop, tokens, padding)

    def end_step(self) -> bool:
        """End a step of batches that were added; tell whether the next may be done."""
        if self._is_in_step:
            self._end_step()
        if self.ranks.size > 1:
            self._agree(self._wish if self.ranks.is_first else None)
        return not self.should_stop

    @property
    def should_stop(self) -> bool:
        """Whether the next step, as large as the largest so far, may not be done."""
        if self.ranks.size == 1:
            self._look_ahead()
            self.stop = self.stop or self._wish
        return self.stop is not None

    def report_loss(self, loss: float) -> None:
        """Say what the loss of the last step was, at the first rank at least."""
        if (found := loss_of(loss)) is not None:
            self._loss = min(found, found if self._loss is None else self._loss)
            if self.keeper is not None:
                self.keeper.report_loss(found)
            self._look_ahead()

    # What is known.

    @property
    def flop_total(self) -> int:
        """FLOP of the run, as far as this meter's chain knows."""
        return self._flop_total

    @property
    def problems(self) -> tuple[AssentError, ...]:
        """What went wrong, and was not raised."""
        kept = () if self.keeper is None else tuple(self.keeper.problems)
        return (*self.measure.problems, *kept)

    @property
    def progress(self) -> Progress:
        """FLOP used against the permit, as text or as numbers for a progress bar."""
        return Progress(self._flop_total, self._lines())

    def state_dict(self) -> dict[str, object]:
        """Return the counters, for the checkpoint; all before it is durable then."""
        carried = self._carried if self.keeper is None else self.keeper.checkpoint()
        return MeterState(
            run_id=self.run_id,
            carried=carried or Carried(digest=START, flop_total=0),
            step=self.step_count,
            training_tokens=self.training_tokens,
            padding_tokens=self.padding_tokens,
        ).plain

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Go on from a checkpoint's counters. Call it before the first step.

        FLOP signed after the checkpoint stay spent; those done again count again.

        Raises:
            StateMalformed: if these are no counters of a meter.
            StateOfAnotherRun: if they are of another run.

        """
        held = MeterState.parse(state, self.run_id)
        self._carried = held.carried
        self.step_count = held.step
        self.training_tokens = held.training_tokens
        self.padding_tokens = held.padding_tokens
        self._flop_total = max(self._flop_total, held.carried.flop_total)
        if self.keeper is not None:
            self.keeper.resume(held.carried, held.step)
        self._wish = None
        self._look_ahead()

    def close(self) -> None:
        """Write what is left and give back what was reserved."""
        if self.keeper is not None:
            self.keeper.close()

    def __enter__(self) -> Self:
        """Meter until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _measure(self, batch: object) -> tuple[int, BatchShape | None]:
        """Return FLOP and shape of a batch; its largest so far if it hides them."""
        flop, shape, problem = self.measure(batch)
        if problem is not None and self.raises:
            raise problem
        if flop is None:
            self._wish = self._wish or NO_SIZE
        return flop or 0, shape

    def _sum(self, flop: int, shape: BatchShape | None) -> tuple[int, int, int]:
        """Return FLOP, tokens and padding of all ranks; stop if one shows no size."""
        tokens = 0 if shape is None else shape.training_tokens
        padding = 0 if shape is None else shape.padding_tokens
        if self.ranks.size == 1:
            if self._wish is NO_SIZE:
                self.stop = self.stop or NO_SIZE
            return flop, tokens, padding
        wish = int(self._wish is NO_SIZE)
        total = self._flop_total if self.ranks.is_first else 0
        flop, tokens, padding, wishes, self._flop_total = self.ranks.sum(
            (flop, tokens, padding, wish, total)
        )
        if wishes:
            self.stop = self.stop or NO_SIZE
        return flop, tokens, padding

    def _first_decides(self, flop: int) -> Stop | None:
        """Return why a step may not be done; clocks differ, so one rank says it."""
        if not self.ranks.is_first:
            return None
        return self._decide(flop) or self._reserve(flop)

    def _reserve(self, flop: int) -> Stop | None:
        is_reserved = self.keeper is None or self.keeper.reserve(flop)
        return None if is_reserved else NO_RESERVE

    def _agree(self, stop: Stop | None) -> Stop | None:
        """Stop all ranks or none; nobody goes on before the first one has reserved."""
        if self.ranks.size > 1 and any(self.ranks.sum((int(stop is not None),))):
            stop = stop or OTHER_RANK
        self.stop = self.stop or stop
        return self.stop

    def _add(self, flop: int, tokens: int, padding: int) -> None:
        self._flop_total += flop
        self._flop_of_step += flop
        self.training_tokens += tokens
        self.padding_tokens += padding
        self.step_count += not self._is_in_step
        if self.keeper is not None:
            self.keeper.add(flop, int(not self._is_in_step), tokens, padding)
        self._is_in_step = True

    def _end_step(self) -> None:
        self.flop_step_max = max(self.flop_step_max, self._flop_of_step)
        self._flop_of_step, self._is_in_step = 0, False
        self._look_ahead()

    def _look_ahead(self) -> None:
        if self._wish is None:
            self._wish = self._decide(self.flop_step_max)

    def _decide(self, flop: int) -> Stop | None:
        used, now = self._flop_total, self.now()
        lines, weights, loss = self._lines(), self.weights, self._loss
        return decide_stop(lines, used, flop, now, weights=weights, loss=loss)

    def _lines(self) -> Allowance:
        """Return the lines that are not crossed, as the gate moved them."""
        if self.keeper is None or self.keeper.gate is None:
            return self.allowance
        said = self.keeper.gate.allowance
        return self.allowance if said is None else self.allowance.updated(said)

    def _refuse(self, stop: Stop) -> bool:
        if not self._is_told:
            self._is_told = True
            if self.on_stop is not None:
                self.on_stop(stop)
        if self.raises:
            raise TrainingMustStop(stop.words, remedy=stop.remedy)
        return False
