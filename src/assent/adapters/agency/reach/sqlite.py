"""Gates and acknowledgements in one SQLite file.

path -> ReachStore
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assent.adapters.agency.reach.rows import Rows, SqlReachStore
from assent.adapters.translog.sqlite_tables import REMEDY, SqliteTables
from assent.translog.errors import LogDamaged

_TABLES = (
    """CREATE TABLE gate (
        name TEXT PRIMARY KEY, public TEXT NOT NULL, url TEXT
    ) WITHOUT ROWID""",
    """CREATE TABLE ack (
        row INTEGER PRIMARY KEY, order_number INTEGER NOT NULL, gate TEXT NOT NULL,
        arrived_us INTEGER NOT NULL, content BLOB NOT NULL,
        UNIQUE (order_number, gate, content)
    )""",
)
_OF_RELAYS = (  # not in files of before there were relays
    """CREATE TABLE IF NOT EXISTS relay (
        name TEXT PRIMARY KEY, public TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS behind (
        gate TEXT PRIMARY KEY, relay TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roll (
        row INTEGER PRIMARY KEY, order_number INTEGER NOT NULL, relay TEXT NOT NULL,
        arrived_us INTEGER NOT NULL, digest BLOB NOT NULL, content BLOB NOT NULL,
        UNIQUE (order_number, relay, digest)
    )""",
)


class SqliteReachStore(SqlReachStore):
    """`ReachStore` in a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            InputError, StoreUnavailable, LogDamaged: if it cannot be used.

        """
        self._path = path
        self._file = SqliteTables(path, "The file of acknowledgements", _TABLES)
        try:
            with self._file.transaction("IMMEDIATE") as connection:
                for statement in _OF_RELAYS:
                    connection.execute(statement)
        except BaseException:
            self._file.close()
            raise

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Rows]:
        """Begin a transaction, which commits unless an error leaves it."""
        kind = "IMMEDIATE" if writes else "DEFERRED"
        with self._file.transaction(kind) as connection:
            yield _SqliteRows(connection)

    def damaged(self) -> LogDamaged:
        """Return the error that says so."""
        return LogDamaged(
            f"The file of acknowledgements {self._path} is damaged.", remedy=REMEDY
        )

    def close(self) -> None:
        """Close the file, for good."""
        self._file.close()


class _SqliteRows:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)
