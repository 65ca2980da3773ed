"""Day books in memory.

bytes -> what `ports.DayBooks` and `ports.Received` promise, until the process ends
"""

from collections.abc import Sequence
from datetime import datetime

from assent.supervision.daybook import KeptDay, Standing, digest_of
from assent.vocabulary import CaseChanged


class MemoryDayBooks:
    """The day books of one gate."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[KeptDay, bytes] = {}

    def kept(self, standing: Standing) -> Sequence[KeptDay]:
        """Return what is kept so, by number and digest."""
        found = (day for day in self._kept if day.standing is standing)
        return sorted(found, key=lambda day: (day.number, day.digest))

    def last(self) -> KeptDay | None:
        """Return the last one that was taken."""
        taken = self.kept(Standing.TAKEN)
        return taken[-1] if taken else None

    def data(self, day: KeptDay) -> bytes:
        """Return a day book's bytes."""
        return self._kept[day]

    def top(self, day: KeptDay) -> tuple[bytes, bytes]:
        """Return its first two lines: the envelope, and the owners."""
        envelope, owners, *_ = self._kept[day].split(b"\n")
        return envelope, owners

    def put(
        self, number: int, data: bytes, arrived: datetime, standing: Standing
    ) -> None:
        """Keep a day book; the same again does no harm."""
        same = [one for one in self.kept(standing) if one.number == number]
        if any(one.digest == digest_of(data) for one in same):
            return
        if standing is Standing.TAKEN and same:
            raise CaseChanged(
                f"Another day book {number} was taken meanwhile.", remedy="Take again."
            )
        day = KeptDay(number, arrived.replace(microsecond=0), standing, digest_of(data))
        self._kept[day] = data

    def drop_early(self, number: int) -> None:
        """Let go of early ones of a number, which were taken or refused."""
        for day in self.kept(Standing.EARLY):
            if day.number == number:
                del self._kept[day]


class MemoryReceived:
    """The day books of all gates."""

    def __init__(self) -> None:
        """Begin with none."""
        self._gates: dict[str, MemoryDayBooks] = {}

    def gates(self) -> Sequence[str]:
        """Return the gates of which something is kept, in order."""
        return sorted(self._gates)

    def of(self, gate: str) -> MemoryDayBooks:
        """Return those of one gate."""
        return self._gates.setdefault(gate, MemoryDayBooks())
