"""A log's database in one SQLite file beside its write-ahead log.

path, origin -> LogStore

`synchronous=FULL` in WAL mode flushes the write-ahead log on every commit: that is what
makes an answer durable. Writers of all processes queue behind BEGIN IMMEDIATE.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assent.adapters.translog.store.sql import SqlTransaction, check_origin, typed
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import NotFound

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
_PASSING = {  # what says nothing against the database itself
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}

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


class SqliteLogStore:
    """A log's database in a file; one connection writes, one reads."""

    def __init__(self, path: Path, origin: str, *, create: bool = False) -> None:
        """Open the database, or make it.

        Raises:
            NotFound: if there is no file and `create` is false.
            WrongOrigin: if the file is another log's.
            StoreUnavailable: if it cannot be opened.

        """
        if not create and not path.exists():
            raise NotFound(
                f"There is no log's database at {path}.",
                remedy="Make the log with `assent log init`, or check the folder.",
            )
        self._path = path
        self._origin = origin
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        with _translated(path):
            self._writer = self._connect()
            try:
                self._prepare(create=create)
                self._reader = self._connect()
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(self) -> Iterator["SqliteTransaction"]:
        """Return a transaction that excludes all other writers."""
        with self._write_lock, _translated(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator["SqliteTransaction"]:
        """Return a transaction that sees one state."""
        with self._read_lock, _translated(self._path):
            is_nested = self._reader.in_transaction  # in the same thread
            if is_nested:
                yield SqliteTransaction(self._reader)
                return
            self._reader.execute("BEGIN")
            try:
                yield SqliteTransaction(self._reader)
            finally:
                if self._reader.in_transaction:  # some errors end it
                    self._reader.execute("ROLLBACK")

    def close(self) -> None:
        """Close both connections."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        for setting in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"cache_size=-{CACHE_KIB}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
        return connection

    def _prepare(self, *, create: bool) -> None:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            there = connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'translog'"
            ).fetchone()
            if there is None and create:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO translog VALUES (?)", [self._origin])
            check_origin(_origin_in(connection), self._origin, str(self._path))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


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


def _origin_in(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT origin FROM translog").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
            raise StoreUnavailable(
                f"The log's database {path} refuses: {error}.",
                remedy="Make room on the disk or wait for the other writer, and append"
                " again: the same entry is never logged twice.",
            ) from error
        raise LogDamaged(
            f"The log's database {path} is damaged: {error}.",
            remedy="Stop appending; run `assent log fsck`, or restore a backup.",
        ) from error
