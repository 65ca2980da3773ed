"""Day books as files, each as it came.

folder of a gate <-> DayBooks;  folder of folders, by gate <-> Received

    000001-20260602T000512Z-3f1c9a….taken       one of each number
    000003-20260604T000509Z-77b2e0….early       waits for 000002
    000002-20260603T091500Z-c04d55….refused     evidence of a contradiction

A name holds the number, when the file came, and the first half of the digest of its
bytes. Files are put in place whole, and none is ever changed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.supervision.daybook import (
    DAY_BYTES_MAX,
    DayBookMalformed,
    KeptDay,
    Standing,
    digest_of,
)
from assent.translog.errors import StateDamaged
from assent.vocabulary import CaseChanged

_MODE = 0o600  # they name owners and jobs
_NAME = re.compile(r"([0-9]{6,16})-([0-9]{8}T[0-9]{6}Z)-([0-9a-f]{32})\.([a-z]+)")
_TIME = "%Y%m%dT%H%M%SZ"
_DIGITS = 32  # of the digest, in a name


class DayBookFolder:
    """The day books of one gate, in a folder that is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        """Keep them in this folder."""
        self._folder = folder

    def kept(self, standing: Standing) -> Sequence[KeptDay]:
        """Return what is kept so, by number and digest."""
        found = (day for day, _ in self._files() if day.standing is standing)
        return sorted(found, key=lambda day: (day.number, day.digest))

    def last(self) -> KeptDay | None:
        """Return the last one that was taken."""
        taken = self.kept(Standing.TAKEN)
        return taken[-1] if taken else None

    def data(self, day: KeptDay) -> bytes:
        """Return a day book's bytes.

        Raises:
            StateDamaged: if they are not those that were kept.

        """
        data = read_bytes(self.path(day), DAY_BYTES_MAX)
        if _short(data) != day.digest:
            raise StateDamaged(
                f"{self.path(day)} is not as it was kept.",
                remedy="Restore it from a backup, or have the gate send it again.",
            )
        return data

    def top(self, day: KeptDay) -> tuple[bytes, bytes]:
        """Return its first two lines: the envelope, and the owners."""
        with self.path(day).open("rb") as file:
            lines = [file.readline(DAY_BYTES_MAX) for _ in range(2)]
        if not all(line.endswith(b"\n") for line in lines):
            raise DayBookMalformed(
                f"{self.path(day)} is cut off.", remedy="Restore it from a backup."
            )
        return lines[0][:-1], lines[1][:-1]

    def put(
        self, number: int, data: bytes, arrived: datetime, standing: Standing
    ) -> None:
        """Keep a day book; the same again does no harm.

        Raises:
            CaseChanged: if another of this number was taken meanwhile.
            StoreUnavailable: if the disk refuses.

        """
        day = KeptDay(number, arrived, standing, _short(data))
        same = [one for one in self.kept(standing) if one.number == number]
        if any(one.digest == day.digest for one in same):
            return
        if standing is Standing.TAKEN and same:
            raise CaseChanged(
                f"Another day book {number} was taken meanwhile.",
                remedy="Take this one again: it is held against that.",
            )
        write_durably(self.path(day), data, _MODE)

    def drop_early(self, number: int) -> None:
        """Let go of early ones of a number, which were taken or refused."""
        for day in self.kept(Standing.EARLY):
            if day.number == number:
                self.path(day).unlink(missing_ok=True)

    def refuse(self, day: KeptDay) -> None:
        """Keep a day book as one that was refused."""
        refused = replace(day, standing=Standing.REFUSED)
        self.path(day).replace(self.path(refused))

    def drop(self, day: KeptDay) -> None:
        """Let go of a day book that is kept elsewhere."""
        self.path(day).unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[KeptDay, Path]]:
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if (found := _NAME.fullmatch(path.name)) is not None:
                arrived = datetime.strptime(found[2], _TIME).replace(tzinfo=UTC)
                standing = Standing(found[4])
                yield KeptDay(int(found[1]), arrived, standing, found[3]), path

    def path(self, day: KeptDay) -> Path:
        """Return where a day book is."""
        arrived = day.arrived.strftime(_TIME)
        name = f"{day.number:06}-{arrived}-{day.digest}.{day.standing.value}"
        return self._folder / name


class ReceivedFolder:
    """The day books of all gates, each gate's in a folder of its name."""

    def __init__(self, folder: Path) -> None:
        """Keep them below this folder."""
        self._folder = folder

    def gates(self) -> Sequence[str]:
        """Return the gates of which something is kept, in order."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if path.is_dir())

    def of(self, gate: str) -> DayBookFolder:
        """Return those of one gate, whose name is a word in lower case."""
        return DayBookFolder(self._folder / gate)


def _short(data: bytes) -> str:
    return digest_of(data).removeprefix("sha256:")[:_DIGITS]
