"""Read and write files, with errors of ours.

path <-> text, bytes

What must outlast a power cut goes through `write_durably`: what is found half done
belongs to a writer that was killed, and `settle` makes good what it left undone. Both
rely on a disk that has stored what it says it has.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from errno import ENOTDIR
from pathlib import Path, PurePath

from assent.translog.errors import StoreUnavailable
from assent.vocabulary import DocumentTooLarge, NotFound

FILE_BYTES_MAX = 16_000_000  # a declaration is a few kilobytes, a long config 100
UNFINISHED = ".writing-"  # what the name of a file begins with until it is whole
_OTHERS = 0o077


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        NotFound: if there is no such file, or it cannot be read as text.
        DocumentTooLarge: if it is beyond the limit.

    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise NotFound(f"{path} is not a file.", remedy="Name a file.")
        if size > FILE_BYTES_MAX:
            raise DocumentTooLarge(
                f"{path} has {size:,} bytes; the limit is {FILE_BYTES_MAX:,}.",
                remedy="Is this the file you meant?",
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Check the path and its permissions.",
        ) from None
    except UnicodeDecodeError:
        raise NotFound(
            f"{path} is not UTF-8 text.", remedy="Give a YAML, JSON or CSV text file."
        ) from None
    except ValueError:
        raise NotFound(
            f"{str(path)!r} is no path.", remedy="Remove its null characters."
        ) from None


def read_bytes(path: Path, bytes_max: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        NotFound: if there is no such file, or it cannot be read.
        DocumentTooLarge: if it has more than `bytes_max`.

    """
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Check the path and its permissions.",
        ) from None
    if len(data) > bytes_max:
        raise DocumentTooLarge(
            f"{path} has more than {bytes_max:,} bytes.",
            remedy="Is this the file you meant?",
        )
    return data


def write_text(path: Path, text: str) -> None:
    """Write a file, making its folder if need be.

    Raises:
        NotFound: if it cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotFound(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Choose a place you may write to.",
        ) from None


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
    """Put files in place whole, as `write_durably` each, but flush each folder once.

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
            folder = path.parent
            while folder not in settled and folder != root:
                unsettled.add(folder)
                folder = folder.parent
            _write_whole(path, data, mode)
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


def reader_beside(document: Path) -> Callable[[str], str]:
    """Return a reader of files in the folder of a document and below, no others.

    The reader raises `NotFound` for what is elsewhere, or cannot be read.
    """
    folder = document.resolve().parent

    def read_beside(name: str) -> str:
        if "\0" in name:
            raise NotFound(f"{name!r} is no path.", remedy="Name a file beside.")
        try:
            target = (folder / PurePath(name)).resolve()
        except (OSError, RuntimeError):
            raise NotFound(
                f"{name!r} is a link that leads nowhere.", remedy="Name a file beside."
            ) from None
        if not target.is_relative_to(folder):
            raise NotFound(
                f"{document} refers to {name!r}, which is outside its folder.",
                remedy="Put the file beside the declaration, or write it inline.",
            )
        return read_text(target)

    return read_beside


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
