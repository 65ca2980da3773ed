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
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from assent.adapters.files import UNFINISHED, make_folder, settle, write_durably
from assent.adapters.http.log_reader import HttpReader
from assent.translog.errors import LogUnreachable, StoreUnavailable
from assent.translog.ports import LogReader
from assent.vocabulary import NotFound

LOCK_WAIT_S = 60  # a publisher is done in seconds; a mirror may take longer
_LOCK_PAUSE_S = 0.05
_LOCK = ".lock"
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
        self._settled: set[Path] = set()  # folders that this process made durable

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes; see `ports.LogReader`."""
        target = self._target(path)
        try:
            with _open(target) as file:
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
        """Put a file in place whole and durably; see `ports.LogFiles`."""
        target = self._target(path)
        write_durably(target, data, _MODE, root=self._unsettled(target))
        self._settled.add(target.parent)

    def settle(self, path: str) -> None:
        """Make a file durable that is there already; see `ports.LogFiles`."""
        target = self._target(path)
        if not target.is_file():
            raise _not_found(path)
        settle(target, root=self._unsettled(target))
        self._settled.add(target.parent)

    def paths(self) -> Iterator[str]:
        """Yield the path of every file; see `ports.LogFiles`."""
        for folder, _, names in os.walk(self._folder):
            below = Path(folder).relative_to(self._folder)
            for name in names:
                if not name.startswith(".") or name.startswith(UNFINISHED):
                    yield (below / name).as_posix()

    def remove(self, path: str) -> None:
        """Remove a file or a folder; see `ports.LogFiles`."""
        name = path.rpartition("/")[2]
        if name.startswith(UNFINISHED):
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
            make_folder(self._folder, 0o777)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._folder / _LOCK, flags, 0o600)
        except OSError as error:
            raise _refused(f"{self._folder} cannot be locked", error) from None
        try:
            _lock(descriptor, self._folder, self._lock_wait_s)
            yield
        finally:
            os.close(descriptor)

    def _unsettled(self, target: Path) -> Path | None:
        """Return from where on folders must be made durable; None if they are."""
        return None if target.parent in self._settled else self._folder

    def _target(self, path: str) -> Path:
        parts = path.split("/")
        if len(parts) > _PARTS_MAX or not all(map(_PART.fullmatch, parts)):
            raise _not_found(path)
        target = self._folder.joinpath(*parts)
        with suppress(OSError, RuntimeError):  # the latter from links in a circle
            if target.resolve().is_relative_to(self._folder.resolve()):
                return target
        raise NotFound(
            f"{path!r} is a link, or below one, that leads out of {self._folder}.",
            remedy="Put the files themselves there, or mount the folder they are in.",
        )


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


def _open(target: Path) -> BinaryIO:
    """Open a file; a pipe, which would make the reader wait for ever, is none."""
    descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)  # `fdopen` would leave that of a folder open
        raise FileNotFoundError
    return os.fdopen(descriptor, "rb")


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
        except OSError as error:  # some network file systems have no locks
            raise _refused(f"{folder} cannot be locked", error) from None
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
