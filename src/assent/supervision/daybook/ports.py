"""What day books need of the world: a place where each is kept as it came.

`adapters` keeps them as files, `testing` in memory; the same contract tests run on
both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Standing(StrEnum):
    """As what a day book is kept."""

    TAKEN = "taken"  # one of each number
    EARLY = "early"  # one of each number, until it is taken
    REFUSED = "refused"  # evidence: signed by the gate, and contradicting what is taken


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A day book that is kept, and when it came."""

    number: int
    arrived: datetime
    standing: Standing
    digest: str  # of all its bytes


class DayBooks(Protocol):
    """The day books of one gate. What is kept when a call returns, stays.

    All raise StoreUnavailable if the disk refuses.
    """

    def kept(self, standing: Standing) -> Sequence[KeptDay]:
        """Return what is kept so, by number and digest."""

    def last(self) -> KeptDay | None:
        """Return the last one that was taken."""

    def data(self, day: KeptDay) -> bytes:
        """Return a day book's bytes."""

    def top(self, day: KeptDay) -> tuple[bytes, bytes]:
        """Return its first two lines: the envelope, and the owners."""

    def put(
        self, number: int, data: bytes, arrived: datetime, standing: Standing
    ) -> None:
        """Keep a day book; the same again does no harm.

        Raises:
            CaseChanged: if another of this number was taken meanwhile.

        """

    def drop_early(self, number: int) -> None:
        """Let go of early ones of a number, which were taken or refused."""


class Received(Protocol):
    """The day books of all gates, at an agency."""

    def gates(self) -> Sequence[str]:
        """Return the gates of which something is kept, in order."""

    def of(self, gate: str) -> DayBooks:
        """Return those of one gate."""
