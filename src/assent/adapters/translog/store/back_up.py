"""One state of an SQLite database in a new file, whole or not at all.

connection + path -> file

`SqliteLogStore.back_up` calls it. The file needs no write-ahead log beside it.
"""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy what the connection sees; others may write meanwhile.

    Raises:
        InputError: if the target is there.
        StoreUnavailable: if it cannot be written.
        sqlite3.Error: if the database cannot be read.

    """
    if target.exists():
        raise _there_already(target)
    try:
        number, name = tempfile.mkstemp(prefix=".backup-", dir=target.parent)
        os.close(number)
        unfinished = Path(name)
        try:
            _fill(connection, unfinished)
            _flush(unfinished)
            _put_in_place(unfinished, target)
            _flush(target.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    except FileExistsError:
        raise _there_already(target) from None
    except OSError as error:
        raise StoreUnavailable(
            f"The backup {target} cannot be written: {error.strerror}.",
            remedy="Choose a folder that is there, can be written to and has room.",
        ) from None


def _fill(connection: sqlite3.Connection, file: Path) -> None:
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as copy:
            connection.backup(copy)
    except sqlite3.OperationalError as error:
        # SQLite says of neither side which one failed; a full disk is the target's.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            raise OSError(error.sqlite_errorcode, "the disk is full") from None
        raise


def _put_in_place(unfinished: Path, target: Path) -> None:
    """Give the file its name, unless another took it meanwhile."""
    try:
        target.hardlink_to(unfinished)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError from None
        unfinished.rename(target)


def _flush(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _there_already(target: Path) -> InputError:
    return InputError(
        f"{target} is there already.", remedy="Name a file that is not there yet."
    )
