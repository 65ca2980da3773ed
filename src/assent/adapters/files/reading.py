"""Read files, and write those that need not last, with errors of ours.

path <-> text, bytes
"""

from collections.abc import Callable
from pathlib import Path, PurePath

from assent.vocabulary import DocumentTooLarge, NotFound

FILE_BYTES_MAX = 16_000_000  # a declaration is a few kilobytes, a long config 100


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
