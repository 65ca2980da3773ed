"""A log's static files in memory, which can run out of space or lose power."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assent.translog.errors import LogUnreachable, StoreUnavailable
from assent.vocabulary import NotFound

UNFINISHED = ".writing-"  # a write that was killed leaves such a name behind


class MemoryFiles:
    """Files by their paths; `paths_read` and the like tell what was done."""

    def __init__(self) -> None:
        """Start empty, with space for any number of writes."""
        self.contents: dict[str, bytes] = {}
        self.paths_read: list[str] = []
        self.paths_written: list[str] = []
        self.paths_settled: list[str] = []
        self.writes_left: int | None = None
        self._lock = threading.Lock()

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes."""
        self.paths_read.append(path)
        check_path(path)
        if path not in self.contents:
            raise NotFound(f"There is no {path}.", remedy="Write it first.")
        if len(self.contents[path]) > bytes_max:
            raise LogUnreachable(
                f"{path} has more than {bytes_max} bytes.", remedy="Write less."
            )
        return self.contents[path]

    def write(self, path: str, data: bytes) -> None:
        """Put a file in place, unless no writes are left."""
        check_path(path)
        if self.writes_left == 0:
            raise StoreUnavailable("The disk is full.", remedy="Make space.")
        if self.writes_left is not None:
            self.writes_left -= 1
        self.paths_written.append(path)
        self.contents[path] = data

    def settle(self, path: str) -> None:
        """Take note of it: whatever is there stays."""
        check_path(path)
        if path not in self.contents:
            raise NotFound(f"There is no {path}.", remedy="Write it first.")
        self.paths_settled.append(path)

    def paths(self) -> Iterator[str]:
        """Yield the path of every file."""
        yield from [*self.contents]

    def remove(self, path: str) -> None:
        """Remove a file or a folder, if it is there."""
        if UNFINISHED not in path:
            check_path(path)
        for name in [*self.contents]:
            if name == path or name.startswith(f"{path}/"):
                del self.contents[name]

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold off every other publisher."""
        with self._lock:
            yield


def check_path(path: str) -> None:
    """Refuse what leads out of the folder, as the real one does.

    Raises:
        NotFound: if a part of the path is empty, hidden or a way up.

    """
    if any(not part or part.startswith(".") for part in path.split("/")):
        raise NotFound(f"{path!r} is no path.", remedy="Name a file below.")
