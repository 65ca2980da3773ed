"""A folder on the disk, and how long that disk takes to keep its word.

nothing -> an empty folder, removed afterwards; folder -> seconds of a flush, bytes
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.places import ROOT

_PAGE = b"x" * 4096
_FLUSHES = 200
_BLOCK_BYTES = 512  # the unit of st_blocks


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder beside the repository, as temporary ones may be in memory."""
    beside = ROOT / "out"
    beside.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix="bench-") as name:
        yield Path(name)


def flush_s(folder: Path) -> float:
    """Return the median seconds of flushing 4 KiB appended to a file there."""
    descriptor = os.open(folder / "flushed", os.O_WRONLY | os.O_CREAT)
    durations = []
    try:
        for _ in range(_FLUSHES):
            os.write(descriptor, _PAGE)
            start = perf_counter()
            os.fdatasync(descriptor)
            durations.append(perf_counter() - start)
    finally:
        os.close(descriptor)
    return median(durations)


def bytes_on_disk(path: Path) -> int:
    """Return the room that a file takes, or all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_blocks * _BLOCK_BYTES for file in files)


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path there, but for hidden ones."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }
