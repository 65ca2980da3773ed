"""Write files that outlast a power cut, with errors of ours.

path + bytes -> a file that is there whole, and stays

What must last goes through `write_durably`: what is found half done
belongs to a writer that was killed, and `settle` makes good what it left undone. Both
rely on a disk that has stored what it says it has.
"""

import os
import tempfile
from collections.abc import Mapping
from errno import EEXIST, EMLINK, ENOSYS, ENOTDIR, ENOTSUP, EPERM
from pathlib import Path

from assent.translog.errors import StoreUnavailable

UNFINISHED = ".writing-"  # what the name of a file begins with until it is whole
_OTHERS = 0o077
_NO_LINK = {EEXIST, EMLINK, ENOSYS, ENOTSUP, EPERM}


def write_durably(
    path: Path,
    data: bytes,
    mode: int,
    *,
    replaces: bool = True,
    root: Path | None = None,
) -> None:
    """Put a file in place whole, with all its folders, so that a power cut spares it.

    Whoever is killed on the way leaves at most a file whose name begins with
    `UNFINISHED`. Should the very last step fail, making the new name durable, the new
    file is in place and the error is raised all the same.

    Args:
        path: where; folders that are missing are made.
        data: all of it.
        mode: the file's permissions. If others have none, they have none in the folders
            that are made.
        replaces: whether a file that is there gives way.
        root: a folder above, from which on the folders are made durable even if they
            are there: whoever made them may have been killed before that.

    Raises:
        FileExistsError: if there is a file and it does not give way.
        StoreUnavailable: if the disk refuses; a file there before is intact.

    """
    try:
        _make_folder(path.parent, _folder_mode(mode))
        _write_whole(path, data, mode, replaces=replaces)
        _sync_folders(path, root)
    except FileExistsError:
        raise
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def write_all_durably(
    files: Mapping[Path, bytes], mode: int, *, root: Path, settled: set[Path]
) -> None:
    """Put files in place whole, as `write_durably` does, with half the flushes.

    A new file has its name before its bytes are flushed, so that one flush of the
    disk's journal makes both durable: after a power cut, a file that was not written to
    the end may be there. A file that is there gives way only to one that is durable.

    Args:
        files: their paths, below `root`, and all their bytes.
        mode: their permissions, as in `write_durably`.
        root: a folder above; see `write_durably`.
        settled: folders below it whose names this process made durable before; those
            that it makes durable now are added.

    Raises:
        StoreUnavailable: if the disk refuses; some of the files may be in place.

    """
    folders, unsettled = set(), set()
    path = root
    try:
        for path, data in files.items():
            made = _make_missing(path.parent, _folder_mode(mode))
            folders |= {path.parent, *(folder.parent for folder in made)}
            above = (path.parent, *path.parent.parents)
            within = above[: above.index(root)]
            unsettled |= set(within) - settled
            if not _write_new(path, data, mode):
                _write_whole(path, data, mode)
        for path in files:
            _sync(path, os.O_RDONLY)
        for folder in folders | {folder.parent for folder in unsettled}:
            _sync(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    settled |= unsettled


def settle(path: Path, *, root: Path | None = None) -> None:
    """Make a file durable that is there already; `root` as in `write_durably`.

    Raises:
        StoreUnavailable: if there is none, or the disk refuses.

    """
    try:
        _sync(path, os.O_RDONLY | os.O_NONBLOCK)
        _sync_folders(path, root)
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder, and what it lies in, durably; nothing happens if it is there.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    try:
        _make_folder(folder, mode)
    except OSError as error:
        raise _unwritable(folder, error.strerror) from None


def _write_whole(path: Path, data: bytes, mode: int, *, replaces: bool = True) -> None:
    """Put a file in place; its bytes are durable then, and its name is not."""
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        if replaces:
            Path(name).replace(path)
        else:
            path.hardlink_to(name)
            Path(name).unlink()
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_new(path: Path, data: bytes, mode: int) -> bool:
    """Put a file where there is none; neither its bytes nor its name are durable then.

    Returns:
        False if there is one, or the file system gives no file two names; nothing
        was done then.

    """
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, mode)
        path.hardlink_to(name)
    except OSError as error:
        if error.errno in _NO_LINK:
            return False
        raise
    finally:
        Path(name).unlink()
    return True


def _folder_mode(mode: int) -> int:
    return 0o777 if mode & _OTHERS else 0o700


def _make_folder(folder: Path, mode: int) -> None:
    for made in _make_missing(folder, mode):
        _sync(made.parent, os.O_RDONLY | os.O_DIRECTORY)


def _make_missing(folder: Path, mode: int) -> list[Path]:
    """Make a folder and those above it; return which were made."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        try:
            made.mkdir(mode)
        except FileExistsError:
            if not made.is_dir():
                raise NotADirectoryError(
                    ENOTDIR, "a file is in the way of its folder"
                ) from None
    return missing


def _sync_folders(path: Path, root: Path | None) -> None:
    """Make a file's name durable, and those of its folders below `root`."""
    _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    for folder in path.parent.parents:
        if root is not None and folder.is_relative_to(root):
            _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, why: str | None) -> StoreUnavailable:
    return StoreUnavailable(
        f"{path} cannot be written: {why}.",
        remedy="Make space, or see to the disk and its permissions, and try again.",
    )
