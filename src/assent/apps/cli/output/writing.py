"""Write the files that people ask for, and never over what they have.

path + bytes -> a new file, or InputError

Every command that writes a file for a person writes it here. Only what is made again
and again gives way, and only to its like: `assent permit bundle`, `refresh` and
`status`, `assent lease renew`, and the page and table of `assent assess`. `assent apply
evidence` adds to the file that it is given.
"""

from collections.abc import Callable
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.vocabulary import AssentError, InputError

PUBLIC, SECRET = 0o644, 0o600  # modes of the files that are written
RENEWED_BYTES_MAX = 64_000_000  # a status list, the largest that is renewed
Parse = Callable[[bytes], object]


def write_new(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a file where there is none.

    Raises:
        InputError: if there is one.
        StoreUnavailable: if the disk refuses.

    """
    verify_new(path)
    try:
        write_durably(path, data, mode, replaces=False)
    except FileExistsError:
        raise _exists(path) from None


def write_again(path: Path, data: bytes, parse: Parse) -> None:
    """Write a file that is renewed in place; only one of the same kind gives way.

    Raises:
        InputError: if there is a file of another kind.
        StoreUnavailable: if the disk refuses.

    """
    if path.exists():
        verify_gives_way(path, parse)
        write_durably(path, data, PUBLIC)
    else:
        write_new(path, data)


def verify_gives_way(path: Path, parse: Parse) -> None:
    """Refuse to write over a file of another kind.

    Args:
        path: where.
        parse: raises an error of ours for what is of another kind.

    Raises:
        InputError: if there is such a file.

    """
    if not path.exists():
        return
    try:
        parse(read_bytes(path, RENEWED_BYTES_MAX))
    except AssentError:
        raise _exists(path) from None


def verify_new(*paths: Path) -> None:
    """Refuse to write where there is a file.

    Raises:
        InputError: if there is one.

    """
    for path in paths:
        if path.exists() or path.is_symlink():
            raise _exists(path)


def _exists(path: Path) -> InputError:
    return InputError(
        f"{path} exists already.",
        remedy="Name another file; nothing is written over what is there.",
    )
