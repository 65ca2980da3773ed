"""A log's database in one SQLite file beside its write-ahead log.

path, origin -> LogStore

Every commit flushes the write-ahead log (`sqlite_file`): that is what makes an answer
durable. Writers of all processes queue behind BEGIN IMMEDIATE; readers never wait. A
copy that nobody may write to can be read.
"""

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assent.adapters.translog.sqlite_file import connect, translated
from assent.adapters.translog.store.back_up import copy_database
from assent.adapters.translog.store.sql import (
    SqlTransaction,
    check_origin,
    closed,
    typed,
    writing_already,
)
from assent.translog.errors import LogDamaged
from assent.vocabulary import InputError, NotFound

BUSY_TIMEOUT_S = 60  # a batch takes a fraction of a second; then something is wrong
CACHE_KIB = 16_384
CHECKPOINT_PAGES = 16_384  # 64 MiB: pages that change often reach the file less often
# Keys are random. Put straight into an index of millions, each would change a page of
# its own, and the disk could not keep up. They wait in a small index; every so many
# entries, all in one slice of the range of keys move on, to pages that lie together.
_KEY_TABLES = ("translog_key", "translog_new_key")
_KEY_SLICES = 256
_ENTRIES_A_SLICE = 1024
_KEYS_IN_ONE_QUERY = 500
SCHEMA_VERSION = 1  # of the tables below, in the file as `user_version`
_DAMAGED_REMEDY = "Stop appending; run `assent log fsck`, or restore a backup."

_SCHEMA = """
CREATE TABLE translog (origin TEXT NOT NULL);
CREATE TABLE translog_entry (
    entry_index INTEGER PRIMARY KEY, content BLOB NOT NULL
);
CREATE TABLE translog_key (
    key INTEGER NOT NULL, entry_index INTEGER NOT NULL, PRIMARY KEY (key, entry_index)
) WITHOUT ROWID;
CREATE TABLE translog_new_key (
    key INTEGER NOT NULL, entry_index INTEGER NOT NULL, PRIMARY KEY (key, entry_index)
) WITHOUT ROWID;
CREATE TABLE translog_tile (
    level INTEGER NOT NULL, tile_index INTEGER NOT NULL, nodes BLOB NOT NULL,
    PRIMARY KEY (level, tile_index)
);
CREATE TABLE translog_head (
    size INTEGER PRIMARY KEY, note BLOB NOT NULL, is_published INTEGER NOT NULL
);
"""
_TABLES = set(re.findall(r"CREATE TABLE (\w+)", _SCHEMA))


class SqliteLogStore:
    """A log's database in a file; one connection writes, one reads."""

    def __init__(self, path: Path, origin: str, *, create: bool = False) -> None:
        """Open the database, or make it.

        Raises:
            NotFound: if there is no file and `create` is false.
            WrongOrigin: if the file is another log's.
            InputError: if its tables are of another version.
            StoreUnavailable: if it cannot be opened.

        """
        if not create and not path.exists():
            raise NotFound(
                f"There is no log's database at {path}.",
                remedy="Make the log with `assent log init`, or check the folder.",
            )
        self._name = f"The log's database {path}"
        self._origin = origin
        self._is_closed = False
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        with translated(self._name, _DAMAGED_REMEDY):
            self._writer = _connect(path, create=create)
            try:
                if create:
                    self._make()
                with _ended(self._writer, "BEGIN"):
                    check_origin(self._found(), origin, self._name)
                self._reader = _connect(path)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(self) -> Iterator["SqliteTransaction"]:
        """Return a transaction that excludes all other writers."""
        with self._write_lock, self._open():
            if self._writer.in_transaction:
                raise writing_already(self._name)
            with _ended(self._writer, "BEGIN IMMEDIATE"):
                yield SqliteTransaction(self._writer)
                self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator["SqliteTransaction"]:
        """Return a transaction that sees one state."""
        with self._read_lock, self._open():
            if self._reader.in_transaction:  # in the same thread
                yield SqliteTransaction(self._reader)
                return
            with _ended(self._reader, "BEGIN"):
                yield SqliteTransaction(self._reader)

    def back_up(self, target: Path) -> None:
        """Copy one state of the database to a new file, while others may append.

        Raises:
            InputError: if there is such a file.
            StoreUnavailable: if it cannot be written.

        """
        with self._read_lock, self._open():
            copy_database(self._reader, target)

    def close(self) -> None:
        """Close both connections, for good."""
        with self._write_lock, self._read_lock:
            self._is_closed = True
            self._reader.close()
            self._writer.close()

    @contextmanager
    def _open(self) -> Iterator[None]:
        if self._is_closed:
            raise closed(self._name)
        with translated(self._name, _DAMAGED_REMEDY):
            yield

    def _make(self) -> None:
        """Make the tables, unless there are some."""
        with _ended(self._writer, "BEGIN IMMEDIATE"):
            if not _tables(self._writer):
                for statement in _SCHEMA.split(";"):
                    self._writer.execute(statement)
                self._writer.execute("INSERT INTO translog VALUES (?)", [self._origin])
                self._writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._writer.execute("COMMIT")

    def _found(self) -> str | None:
        """Return the origin of the log that is here."""
        tables = _tables(self._writer)
        if "translog" not in tables:
            return None
        ((version,),) = self._writer.execute("PRAGMA user_version").fetchall()
        if version != SCHEMA_VERSION:
            raise InputError(
                f"{self._name} is of version {version}; this program knows version"
                f" {SCHEMA_VERSION}.",
                remedy="Use the release of assent that made it, or a newer one.",
            )
        if missing := _TABLES - tables:
            raise LogDamaged(
                f"{self._name} lacks the table {min(missing)}.", remedy=_DAMAGED_REMEDY
            )
        row = self._writer.execute("SELECT origin FROM translog").fetchone()
        return None if row is None else str(row[0])


class SqliteTransaction(SqlTransaction):
    """A transaction on one of the two connections."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Speak within the transaction that the connection is in."""
        self._connection = connection

    def indices_of(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        """Return (key, index) of every entry that has one of these keys."""
        found = []
        for start in range(0, len(keys), _KEYS_IN_ONE_QUERY):
            some = keys[start : start + _KEYS_IN_ONE_QUERY]
            marks = ",".join("?" * len(some))
            for table in _KEY_TABLES:
                query = f"SELECT * FROM {table} WHERE key IN ({marks})"  # noqa: S608
                found += self._all(query, some)
        return typed(found, int, int)

    def add_entries(self, start: int, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add entries with their keys."""
        self._each(
            "INSERT INTO translog_entry VALUES (?, ?)",
            ((start + i, content) for i, (_, content) in enumerate(rows)),
        )
        self._each(
            "INSERT INTO translog_new_key VALUES (?, ?)",
            sorted((key, start + i) for i, (key, _) in enumerate(rows)),
        )
        end = start + len(rows)
        for number in range(start // _ENTRIES_A_SLICE, end // _ENTRIES_A_SLICE):
            self._move_slice(number % _KEY_SLICES)

    def keys(self, after: tuple[int, int], count: int) -> list[tuple[int, int]]:
        """Return a page of the (key, index) behind this one."""
        some = [
            f"SELECT * FROM {table} WHERE (key, entry_index) > (?, ?)"  # noqa: S608
            for table in _KEY_TABLES
        ]
        query = " UNION ALL ".join(some) + " ORDER BY key, entry_index LIMIT ?"
        return typed(self._all(query, [*after, *after, count]), int, int)

    def remove_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Remove (key, index) that are there."""
        for table in _KEY_TABLES:
            statement = f"DELETE FROM {table} WHERE key = ? AND entry_index = ?"  # noqa: S608
            self._each(statement, rows)

    def _move_slice(self, number: int) -> None:
        width = 2**64 // _KEY_SLICES
        first = number * width - 2**63
        ends = [(first, first + width - 1)]
        self._each(
            "INSERT OR IGNORE INTO translog_key SELECT * FROM translog_new_key"
            " WHERE key BETWEEN ? AND ?",
            ends,
        )
        self._each("DELETE FROM translog_new_key WHERE key BETWEEN ? AND ?", ends)

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    settings = (
        f"cache_size=-{CACHE_KIB}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    )
    return connect(path, timeout_s=BUSY_TIMEOUT_S, create=create, settings=settings)


def _tables(connection: sqlite3.Connection) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return {name for (name,) in connection.execute(query)}


@contextmanager
def _ended(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Begin a transaction, and roll it back unless it was committed."""
    connection.execute(begin)
    try:
        yield
    finally:
        if connection.in_transaction:  # some errors end it
            connection.execute("ROLLBACK")
