"""How many FLOP one step takes: the architecture, and the real shape of its batch.

Architecture + Training -> FlopPerBatch;  BatchShape -> FLOP, an exact whole number

Hardware FLOP (`compute.convention`): forward, backward and recomputation of every place
in every row, padding included, for the chips compute on padding too. Of the interval
that convention gives, the upper end: attention over the whole square of a row, and full
recomputation where none is declared. So a meter counts too much rather than too little.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assent.compute import Architecture, TokenStream, Training, count_pass
from assent.supervision.metering.errors import ShapeUnknown

ROWS_MAX = 10**9  # in one step of all machines
LENGTH_MAX = 10**9  # of one row; the longest contexts have some 10**7
SHAPES_KEPT_MAX = 4_096  # lengths that a loader without buckets goes through


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShape:
    """What goes into the model in one step or micro-step.

    Attributes:
        streams: rows and length of a row, of each stream of tokens that the model has.
        training_tokens: tokens that are no padding.
        padding_tokens: the others.

    """

    streams: Mapping[str, tuple[int, int]]
    training_tokens: int
    padding_tokens: int = 0

    def __post_init__(self) -> None:
        """Refuse shapes that no batch has, and keep a copy nobody can change.

        Raises:
            ShapeUnknown: if it is one.

        """
        object.__setattr__(self, "streams", MappingProxyType(dict(self.streams)))
        for name, (rows, length) in self.streams.items():
            if not (0 <= rows <= ROWS_MAX and 1 <= length <= LENGTH_MAX):
                raise ShapeUnknown(
                    f"{rows} rows of {length} {name} tokens are no batch.",
                    remedy="Give (rows, tokens in a row).",
                )
        if min(self.training_tokens, self.padding_tokens) < 0:
            raise ShapeUnknown(
                f"{self.training_tokens} tokens and {self.padding_tokens} of padding"
                " are no batch.",
                remedy="Count tokens from 0 on.",
            )

    @staticmethod
    def of_rows(rows: int, length: int, padding_tokens: int = 0) -> "BatchShape":
        """Return the shape of rows of text.

        Raises:
            ShapeUnknown: if there is less than no padding, or more than there are
                tokens.

        """
        return BatchShape(
            streams={"text": (rows, length)},
            training_tokens=rows * length - padding_tokens,
            padding_tokens=padding_tokens,
        )


@dataclass(frozen=True, slots=True)
class FlopPerBatch:
    """Counts the FLOP of batches; the same shape is worked out once."""

    architecture: Architecture
    training: Training = field(default_factory=Training)
    _known: dict[tuple[tuple[str, tuple[int, int]], ...], int] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def __call__(self, shape: BatchShape) -> int:
        """Return the FLOP of one batch.

        Raises:
            FactsMissing: if the model has a stream that the shape does not.

        """
        key = tuple(shape.streams.items())
        flop = self._known.get(key)
        if flop is None:
            flop = self._count(shape)
            if len(self._known) >= SHAPES_KEPT_MAX:
                self._known.clear()
            self._known[key] = flop
        return flop

    def _count(self, shape: BatchShape) -> int:
        streams = {
            name: TokenStream(tokens=rows * length, length=length)
            for name, (rows, length) in shape.streams.items()
        }
        return count_pass(self.architecture, streams, self.training).hardware.high
