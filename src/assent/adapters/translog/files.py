"""A log's static files in a folder, and how to read any log by its address.

folder + path <-> bytes; URL or folder -> LogReader

What is written is there whole or not at all, and survives a power cut, as far as the
disk tells the truth. Paths never lead out of the folder, neither by dots nor by links,
and hidden files are none of the log's: a write that was killed leaves one behind.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assent.adapters.http.log_reader import HttpReader
from assent.translog.errors import LogUnreachable, StoreUnavailable
from assent.translog.ports import LogReader
from assent.vocabulary import NotFound

LOCK_WAIT_S = 60  # a publisher is done in seconds; a mirror may take longer
_LOCK_PAUSE_S = 0.05
_LOCK = ".lock"
_UNFINISHED = ".writing-"  # what the name of a file begins with until it is whole
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_PARTS_MAX = 12  # the deepest tile has nine
_MODE = 0o644  # a web server of another user reads it


class FolderFiles:
    """Implements `ports.LogFiles` in a folder."""

    def __init__(self, folder: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        """Read and write below a folder, which the first write makes.

        `lock_wait_s` is how long to wait for another publisher to be done.
        """
        self._folder = folder
        self._lock_wait_s = lock_wait_s

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes; see `ports.LogReader`."""
        target = self._target(path)
        try:
            # Nothing but a file is opened: a pipe would make the reader wait for ever.
            descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise _not_found(path)
                data = file.read(bytes_max + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise _not_found(path) from None
        except OSError as error:
            raise LogUnreachable(
                f"{target} cannot be read: {error.strerror}.",
                remedy="Check the disk and who may read the file.",
            ) from None
        if len(data) > bytes_max:
            raise LogUnreachable(
                f"{target} has more than {bytes_max:,} bytes.",
                remedy="This is not the file that a log has there: mirror it again.",
            )
        return data

    def write(self, path: str, data: bytes) -> None:
        """Put a file in place whole and durably; see `ports.LogFiles`.

        Should the very last step fail, making the new name durable, the new file is in
        place and the error is raised all the same.
        """
        target = self._target(path)
        try:
            _make_folder(target.parent)
            descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=target.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fchmod(file.fileno(), _MODE)
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)
        except OSError as error:
            raise _refused(f"{target} cannot be written", error) from None

    def paths(self) -> Iterator[str]:
        """Yield the path of every file; see `ports.LogFiles`."""
        for folder, _, names in os.walk(self._folder):
            below = Path(folder).relative_to(self._folder)
            for name in names:
                if not name.startswith(".") or name.startswith(_UNFINISHED):
                    yield (below / name).as_posix()

    def remove(self, path: str) -> None:
        """Remove a file or a folder; see `ports.LogFiles`."""
        name = path.rpartition("/")[2]
        if name.startswith(_UNFINISHED):
            visible = path.removesuffix(name) + name.removeprefix(".")
            target = self._target(visible).with_name(name)
        else:
            target = self._target(path)
        try:
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _refused(f"{target} cannot be removed", error) from None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold off every other publisher; see `ports.LogFiles`.

        Raises:
            StoreUnavailable: if another one does not finish within a minute.

        """
        try:
            _make_folder(self._folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._folder / _LOCK, flags, 0o600)
        except OSError as error:
            raise _refused(f"{self._folder} cannot be locked", error) from None
        try:
            _lock(descriptor, self._folder, self._lock_wait_s)
            yield
        finally:
            os.close(descriptor)

    def _target(self, path: str) -> Path:
        parts = path.split("/")
        if len(parts) > _PARTS_MAX or not all(map(_PART.fullmatch, parts)):
            raise _not_found(path)
        target = self._folder.joinpath(*parts)
        with suppress(OSError, RuntimeError):  # the latter from links in a circle
            if target.resolve().is_relative_to(self._folder.resolve()):
                return target
        raise _not_found(path)


def reader_for(place: str) -> LogReader:
    """Return a reader of the log at a URL prefix or in a folder.

    Raises:
        NotFound: if it is neither.

    """
    if place.startswith(("http://", "https://")):
        return HttpReader(place)
    folder = Path(place)
    with suppress(OSError, ValueError):
        if place and folder.is_dir():
            return FolderFiles(folder)
    raise NotFound(
        f"{place[:200]!r} is neither a folder nor an http:// or https:// URL.",
        remedy="Give the log's prefix, such as https://log.agency.example/, or the"
        " folder that holds its tree head.",
    )


def _make_folder(folder: Path) -> None:
    """Make a folder and what it lies in, each durably."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path, wait_s: float) -> None:
    ends = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < ends:
                time.sleep(_LOCK_PAUSE_S)
                continue
            raise StoreUnavailable(
                f"Another process still writes to {folder} after {wait_s:g} s.",
                remedy="Wait until it is done; one publisher or mirror a folder.",
            ) from None
        return


def _not_found(path: str) -> NotFound:
    return NotFound(
        f"There is no file {path[:200]!r} in this log.",
        remedy="Check the path; it is relative to the log's folder.",
    )


def _refused(what: str, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"{what}: {error.strerror}.",
        remedy="Make space, or see to the disk and its permissions, and try again.",
    )
