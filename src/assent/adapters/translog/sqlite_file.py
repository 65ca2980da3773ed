"""An SQLite file whose commits are durable, and what its errors mean.

path -> connection; sqlite3's error -> StoreUnavailable, LogDamaged or InputError

`synchronous=FULL` in WAL mode flushes the write-ahead log on every commit. A file on
read-only media is opened as it is, if no write-ahead log that it needs is beside it; it
must not be one that somebody else writes to at the same time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import InputError

_AGAIN_S = 0.005
_NO_ROOM = "Make room on the disk and try again: what was not acknowledged is not kept."
_WAIT = "Wait for whoever else writes to it, and try again."
_ACCESS = (
    "Check who may write to the file and its folder. To read a copy that nobody may"
    " write to, it must have no write-ahead log (FILE-wal) beside it."
)
_PASSING = {  # what says nothing against the file itself -> the remedy
    sqlite3.SQLITE_BUSY: _WAIT,
    sqlite3.SQLITE_LOCKED: _WAIT,
    sqlite3.SQLITE_PROTOCOL: _WAIT,
    sqlite3.SQLITE_INTERRUPT: _WAIT,
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_IOERR: "Check the disk, and that it is not full, and try again.",
    sqlite3.SQLITE_NOMEM: "Give the process more memory, and try again.",
    sqlite3.SQLITE_CANTOPEN: _ACCESS,
    sqlite3.SQLITE_PERM: _ACCESS,
    sqlite3.SQLITE_READONLY: _ACCESS,
}


def connect(
    path: Path,
    *,
    timeout_s: float,
    create: bool = False,
    settings: Sequence[str] = (),
) -> sqlite3.Connection:
    """Return a connection to the file, with no transaction open, for any thread.

    Args:
        path: the file.
        timeout_s: how long to wait for another writer.
        create: make it, if it is not there.
        settings: more settings, as `name=value`.

    Raises:
        sqlite3.Error: for `translated` to explain.
        StoreUnavailable: if the file system has no write-ahead logs.

    """
    try:
        return _connect(path, "mode=rwc" if create else "mode=rw", timeout_s, settings)
    except sqlite3.OperationalError as error:
        is_writable = _code(error) not in {
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_READONLY,
        }
        if create or is_writable or _has_write_ahead_log(path):
            raise
    return _connect(path, "mode=ro&immutable=1", timeout_s, settings)


def use_write_ahead_log(connection: sqlite3.Connection, path: Path) -> None:
    """Let commits go to a write-ahead log: SQLite may decline, and not say so.

    Raises:
        StoreUnavailable: if it does.

    """
    ((journal,),) = _as_soon_as_it_can(connection, "PRAGMA journal_mode=WAL")
    if journal != "wal":
        raise StoreUnavailable(
            f"{path} cannot have a write-ahead log: its journal is {journal}.",
            remedy="Keep the database on a local disk.",
        )


@contextmanager
def translated(name: str, damaged_remedy: str) -> Iterator[None]:
    """Turn sqlite3's errors into ours.

    Args:
        name: what the file is and where, to begin a sentence with.
        damaged_remedy: what to do if it is damaged.

    Raises:
        StoreUnavailable: if the disk, another writer or the permissions are the cause.
        LogDamaged: if the file is.
        InputError: if a number is beyond 64 bits.

    """
    try:
        yield
    except OverflowError:
        raise InputError(
            f"{name} cannot hold a number that large.",
            remedy="Use indices and sizes below 2^63.",
        ) from None
    except sqlite3.ProgrammingError:
        raise  # a defect of this program, which says nothing of the file
    except sqlite3.DatabaseError as error:
        remedy = _PASSING.get(_code(error))
        if remedy is not None:
            message = f"{name} refuses: {error}."
            raise StoreUnavailable(message, remedy=remedy) from error
        raise LogDamaged(
            f"{name} is damaged: {error}.", remedy=damaged_remedy
        ) from error


def _connect(
    path: Path, mode: str, timeout_s: float, settings: Sequence[str]
) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for setting in ("synchronous=FULL", "trusted_schema=OFF", *settings):
            connection.execute(f"PRAGMA {setting}").fetchall()
        if "immutable" not in mode:
            use_write_ahead_log(connection, path)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _as_soon_as_it_can(connection: sqlite3.Connection, statement: str) -> list[Any]:
    """Execute what SQLite refuses at once while somebody else does the same.

    Two who give a file its write-ahead log together would wait for each other, so one
    of them is told that it is locked, however long it was to wait.
    """
    ((timeout_ms,),) = connection.execute("PRAGMA busy_timeout").fetchall()
    last_s = monotonic() + timeout_ms / 1_000
    while True:
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or monotonic() > last_s:
                raise
        sleep(_AGAIN_S)


def _has_write_ahead_log(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _code(error: sqlite3.Error) -> int:
    """Return the primary code; 0 if the error is not of the library's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
