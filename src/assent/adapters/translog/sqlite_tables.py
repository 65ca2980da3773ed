"""A small SQLite file: made once, opened again, one writer at a time.

path + tables -> transactions, each durable when it ends (`sqlite_file`)
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assent.adapters.translog.sqlite_file import connect, translated
from assent.vocabulary import InputError

BUSY_TIMEOUT_S = 60  # a commit takes milliseconds; then something is wrong
VERSION = 1
REMEDY = "Restore the file; until then treat everything as paused."


class SqliteTables:
    """A file with tables; any thread may use it."""

    def __init__(self, path: Path, what: str, tables: tuple[str, ...]) -> None:
        """Open the file, or make it.

        Args:
            path: the file.
            what: what it is, to begin a sentence with.
            tables: the statements that make its tables.

        Raises:
            InputError: if it is of another version.
            StoreUnavailable, LogDamaged: if it cannot be used.

        """
        self._name = f"{what} {path}"
        self._lock = threading.RLock()
        with translated(self._name, REMEDY):
            self._connection = connect(path, timeout_s=BUSY_TIMEOUT_S, create=True)
        try:
            self._make(tables)
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction that commits unless an error leaves it.

        Raises:
            StoreUnavailable, LogDamaged: if the disk or another writer refuses.

        """
        with self._lock, translated(self._name, REMEDY):
            self._connection.execute(f"BEGIN {kind}")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close it, for good."""
        with self._lock:
            self._connection.close()

    def _make(self, tables: tuple[str, ...]) -> None:
        with self.transaction("IMMEDIATE") as connection:
            ((found,),) = connection.execute("PRAGMA user_version").fetchall()
            if found not in {0, VERSION}:
                raise InputError(
                    f"{self._name} is of version {found}; this program knows version"
                    f" {VERSION}.",
                    remedy="Use the release of assent that made it, or a newer one.",
                )
            if found == 0:
                for statement in tables:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
