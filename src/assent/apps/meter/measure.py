"""How many FLOP a batch takes, and what to take where it does not show.

batch -> FLOP, shape, and what went wrong
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from math import isfinite

from assent.apps.meter.batches import shape_of
from assent.supervision.metering import BatchShape, FlopPerBatch, ShapeUnknown
from assent.vocabulary import AssentError

FLOP_BATCH_MAX = 10**30  # of one batch: no machine on Earth does it in a year
PROBLEMS_MAX = 100  # kept
LOSS_LIMIT = 1_000_000  # from there on it says nothing
_LOSS_UNIT = Decimal("1e-9")
Measured = tuple[int | None, BatchShape | None, AssentError | None]


def loss_of(value: float) -> Decimal | None:
    """Return a loss as readings tell it; None for what is no such number."""
    if not isfinite(value) or not 0 <= value < LOSS_LIMIT:
        return None
    return Decimal(value).quantize(_LOSS_UNIT, ROUND_FLOOR)


@dataclass(slots=True)
class Measure:
    """Counts batches; a batch that hides its size is taken for the largest so far.

    Attributes:
        count: FLOP of a shape.
        streams: of the model.
        flop_per_batch: the user's own, instead of `count`.
        problems: what went wrong, each kind once.

    """

    count: FlopPerBatch
    streams: tuple[str, ...] = ("text",)
    flop_per_batch: Callable[[object], int] | None = None
    problems: list[AssentError] = field(default_factory=list)
    _flop_max: int | None = None

    def __call__(self, batch: object) -> Measured:
        """Return FLOP, shape and problem; no FLOP if no batch ever showed any."""
        shape, problem = None, None
        try:
            shape = shape_of(batch, self.streams)
            flop = self.count(shape) if self.flop_per_batch is None else 0
        except AssentError as error:
            problem = error
        if self.flop_per_batch is not None:
            flop, problem = self._ask(self.flop_per_batch, batch)
        if problem is None:
            self._flop_max = max(self._flop_max or 0, flop)
            return flop, shape, None
        is_new = str(problem) not in {str(kept) for kept in self.problems}
        if is_new and len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)
        return self._flop_max, shape, problem

    def _ask(
        self, hook: Callable[[object], int], batch: object
    ) -> tuple[int, AssentError | None]:
        try:
            flop = int(hook(batch))
        except Exception as error:  # noqa: BLE001 - the user's code must not end training
            words = f"{type(error).__name__}: {error!s:.200}"
        else:
            if 0 <= flop <= FLOP_BATCH_MAX:
                return flop, None
            words = f"it returned {flop}"
        return 0, ShapeUnknown(
            f"flop_per_batch failed: {words}.",
            remedy="Return the FLOP of the batch as a whole number.",
        )
