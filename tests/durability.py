"""Tell what a power cut would take of what a test wrote, from the order of its calls.

calls of os.fsync, os.replace, os.link and os.mkdir -> what is not yet durable

Nothing is replaced: Python's profiler tells of each call once it returned. What the
disk does with it cannot be seen from here.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

_NAMING = {os.replace: "target", os.link: "self", os.mkdir: "self"}  # as in pathlib


class Calls:
    """What was synced (by inode) and which names were given, in order."""

    def __init__(self) -> None:
        """Start with none."""
        self.synced: list[tuple[int, int]] = []
        self.named: list[tuple[int, Path]] = []
        self._count = 0

    def note(self, frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401 - as sys.setprofile has it
        """Take note of a call that returned."""
        if event != "c_return":
            return
        self._count += 1
        if function is os.fsync:
            inode = os.fstat(frame.f_locals["descriptor"]).st_ino
            self.synced.append((self._count, inode))
        elif function in _NAMING:
            path = Path(frame.f_locals[_NAMING[function]])
            self.named.append((self._count, path))

    def when_named(self, path: Path) -> int:
        """Return when a path got its name for the last time; 0 for before."""
        return max((when for when, named in self.named if named == path), default=0)

    def lost(
        self,
        path: Path,
        root: Path,
        *,
        by: Path | None = None,
        is_named_first: bool = False,
    ) -> list[str]:
        """Return what of a file below `root` a power cut would take.

        With `by`, a power cut at the moment in which that path got its name. A file
        has to be whole before it is named, unless `is_named_first`: then afterwards.
        """
        end = self.when_named(by) if by else sys.maxsize
        named = self.when_named(path) or sys.maxsize
        below = [folder for folder in path.parents if folder.is_relative_to(root)]
        names = [
            f"the name of {child}"
            for child in [path, *below[:-1]]
            if not self._is_synced(child.parent, self.when_named(child), end)
        ]
        span = (named, end) if is_named_first else (0, min(named, end))
        is_whole = self._is_synced(path, *span)
        return names if is_whole else [f"the bytes of {path}", *names]

    def _is_synced(self, path: Path, start: int, end: int) -> bool:
        inode = path.stat().st_ino
        return any(start < when < end and inode == one for when, one in self.synced)


@contextmanager
def watching() -> Iterator[Calls]:
    """Take note of the calls of this thread."""
    calls = Calls()
    before = sys.getprofile()
    sys.setprofile(calls.note)
    try:
        yield calls
    finally:
        sys.setprofile(before)
