"""A folder on the disk, and what came to lie in it.

nothing -> an empty folder, removed afterwards; folder -> bytes on disk, files
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.places import ROOT

_BLOCK_BYTES = 512  # the unit of st_blocks


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder beside the repository, as temporary ones may be in memory."""
    beside = ROOT / "out"
    beside.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix="bench-") as name:
        yield Path(name)


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
