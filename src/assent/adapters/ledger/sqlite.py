"""Books in one SQLite file beside its write-ahead log.

path -> Ledger

Every commit flushes the write-ahead log: a job that was admitted is reserved for,
whatever happens next. Writers of all processes queue behind BEGIN IMMEDIATE; readers
wait for nobody.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from assent.adapters.ledger.transaction import BOOKS_A_PAGE, SqlLedgerTransaction
from assent.adapters.translog.sqlite_file import (
    connect,
    translated,
    use_write_ahead_log,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError, NotAllowed, NotFound

BUSY_TIMEOUT_S = 30  # a transaction takes a millisecond; then something is wrong
SCHEMA_VERSION = 1  # of the tables below, in the file as `user_version`
_DAMAGED_REMEDY = "Admit no jobs; restore the books from a backup."
_SCHEMA = """
CREATE TABLE ledger_entry (
    number INTEGER PRIMARY KEY, entry_id TEXT NOT NULL UNIQUE, allots TEXT,
    content BLOB NOT NULL
);
CREATE INDEX ledger_allotment ON ledger_entry (allots, number)
    WHERE allots IS NOT NULL;
CREATE TABLE ledger_balance (
    book TEXT PRIMARY KEY, granted TEXT, available TEXT, reserved TEXT, spent TEXT,
    claimed TEXT, metered TEXT, observed TEXT
) WITHOUT ROWID;
CREATE TABLE ledger_chips (
    book TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (book, kind)
) WITHOUT ROWID;
CREATE TABLE ledger_job (
    job_id TEXT PRIMARY KEY, state TEXT NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX ledger_job_state ON ledger_job (state, job_id);
CREATE TABLE ledger_head (number INTEGER NOT NULL, head TEXT NOT NULL)
"""

_ODD = "CREATE TABLE ledger_odd (job_id TEXT PRIMARY KEY) WITHOUT ROWID"
_IS_NOTED = "SELECT 1 FROM sqlite_master WHERE name = 'ledger_odd'"


class SqliteLedger:
    """A site's books in a file; any thread may use them."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the books, or make them.

        Raises:
            NotFound: if there are none and `create` is false.
            InputError: if the file is something else, or of another version.
            StoreUnavailable: if it cannot be opened.

        """
        if not create and not path.exists():
            raise NotFound(
                f"There are no books at {path}.",
                remedy="Make them with `assent gate init`, or check the folder.",
            )
        self._name = f"The ledger {path}"
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        self._is_closed = False
        if create:
            _touch(path)
        with translated(self._name, _DAMAGED_REMEDY):
            self._writer = connect(path, timeout_s=BUSY_TIMEOUT_S, create=create)
            try:
                self._prepare(path, create=create)
                self._reader = connect(path, timeout_s=BUSY_TIMEOUT_S)
            except BaseException:
                self._writer.close()
                raise

    def __enter__(self) -> Self:
        """Return the books, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator["SqliteLedgerTransaction"]:
        """Return a transaction that excludes all other writers, and commits."""
        with self._write_lock, self._open():
            if self._writer.in_transaction:
                raise NotAllowed(
                    f"{self._name} is being written to by the same thread.",
                    remedy="End one `writing` before the next.",
                )
            with _ended(self._writer, "BEGIN IMMEDIATE"):
                yield SqliteLedgerTransaction(self._writer, writes=True)
                self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator["SqliteLedgerTransaction"]:
        """Return a transaction that sees one state."""
        with self._read_lock, self._open(), _ended(self._reader, "BEGIN"):
            yield SqliteLedgerTransaction(self._reader, writes=False)

    def close(self) -> None:
        """Close both connections, for good."""
        with self._write_lock, self._read_lock:
            self._is_closed = True
            self._reader.close()
            self._writer.close()

    @contextmanager
    def _open(self) -> Iterator[None]:
        if self._is_closed:
            raise StoreUnavailable(f"{self._name} was closed.", remedy="Open it again.")
        with translated(self._name, _DAMAGED_REMEDY):
            yield

    def _prepare(self, path: Path, *, create: bool) -> None:
        use_write_ahead_log(self._writer, path)
        with _ended(self._writer, "BEGIN IMMEDIATE"):
            ((version,),) = self._writer.execute("PRAGMA user_version").fetchall()
            ((tables,),) = self._writer.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
            if create and not tables:
                for statement in _SCHEMA.split(";"):
                    self._writer.execute(statement)
                self._writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION or not tables:
                raise InputError(
                    f"{path} holds no books of version {SCHEMA_VERSION}.",
                    remedy="Check the path, or use the program that made it.",
                )
            if not self._writer.execute(_IS_NOTED).fetchall():
                self._writer.execute(_ODD)
                SqliteLedgerTransaction(self._writer, writes=True).note_odd()
            self._writer.execute("COMMIT")


class SqliteLedgerTransaction(SqlLedgerTransaction):
    """A transaction on one of the two connections."""

    def __init__(self, connection: sqlite3.Connection, *, writes: bool) -> None:
        """Speak within the transaction that the connection is in."""
        super().__init__(writes=writes)
        self._connection = connection

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _among(self, query: str, names: Sequence[str]) -> list[Any]:
        return self._all(f"{query} IN ({', '.join('?' * len(names))})", names)

    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)

    def _page(self, columns: Sequence[str], after: str) -> tuple[list[str], list[str]]:
        # One text a column: a row of Python's for each book takes as long again.
        texts = [f"group_concat(coalesce({name}, '0'), ' ')" for name in columns]
        ((books, *found),) = self._all(
            f"SELECT {', '.join(['json_group_array(book)', *texts])} FROM"  # noqa: S608 - our own names
            " (SELECT * FROM ledger_balance WHERE book > ? ORDER BY book LIMIT ?)",
            [after, BOOKS_A_PAGE],
        )
        return json.loads(books), found


def _touch(path: Path) -> None:
    """Make a file that only its owner reads, unless there is one.

    SQLite gives the files beside it the same permissions.
    """
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"The ledger {path} cannot be made: {error.strerror}.",
            remedy="Choose a folder that is there and can be written to.",
        ) from None


@contextmanager
def _ended(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Begin a transaction, and undo it unless it was committed."""
    connection.execute(begin)
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
