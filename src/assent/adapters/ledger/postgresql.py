"""Books in PostgreSQL, chosen by a URL.

URL -> Ledger

Writers of all processes and machines queue behind a lock on the table of the head; a
commit is durable when it returns. A connection that broke is opened again at the next
call. Tables are made and looked for in the first schema of the search path, so one
database can hold the books of several sites in schemas of their own:
`postgresql://USER@HOST/DATABASE?options=-csearch_path%3DSCHEMA`.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus

from assent.adapters.ledger.transaction import BOOKS_A_PAGE, SqlLedgerTransaction
from assent.adapters.translog.store.server import (
    READER_WAITS_S,
    WRITER_WAITS_S,
    check_schema,
    connect,
    parse_url,
)
from assent.supervision.ledger import BooksDamaged
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError, NotAllowed, NotFound

SCHEMA_VERSION = 1  # of the tables below, in the table `ledger`
_NAME = "The books' PostgreSQL database"
_DAMAGE = (
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.IntegrityError,
)
# Names in the order of their bytes, as SQLite has them, whatever the server's language.
_SCHEMA = """
CREATE TABLE ledger (version INTEGER NOT NULL);
CREATE TABLE ledger_entry (
    number BIGINT PRIMARY KEY, entry_id TEXT COLLATE "C" NOT NULL UNIQUE,
    allots TEXT COLLATE "C", content BYTEA NOT NULL
);
CREATE INDEX ledger_allotment ON ledger_entry (allots, number)
    WHERE allots IS NOT NULL;
CREATE TABLE ledger_balance (
    book TEXT COLLATE "C" PRIMARY KEY, granted TEXT, available TEXT, reserved TEXT,
    spent TEXT, claimed TEXT, metered TEXT, observed TEXT
);
CREATE TABLE ledger_chips (
    book TEXT COLLATE "C" NOT NULL, kind TEXT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (book, kind)
);
CREATE TABLE ledger_job (
    job_id TEXT COLLATE "C" PRIMARY KEY, state TEXT NOT NULL, content BYTEA NOT NULL
);
CREATE INDEX ledger_job_state ON ledger_job (state, job_id);
CREATE TABLE ledger_head (number BIGINT NOT NULL, head TEXT NOT NULL);
"""

_ODD = 'CREATE TABLE ledger_odd (job_id TEXT COLLATE "C" PRIMARY KEY)'
_IS_NOTED = (
    "SELECT 1 WHERE"
    " to_regclass(quote_ident(current_schema()) || '.ledger_odd') IS NOT NULL"
)


class PostgresqlLedger:
    """Books on a server; any thread may use them: one connection writes, one reads."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open the books, or make them.

        Raises:
            NotFound: if there are none and `create` is false.
            InputError: if the URL or its schema cannot be used, or the tables are of
                another version.
            StoreUnavailable: if the server cannot be reached.

        """
        self._parameters = parse_url(url)
        self._is_closed = False
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        self._writer: psycopg.Connection | None = None
        self._reader: psycopg.Connection | None = None
        try:
            with _translated():
                self._writer = connect(self._parameters, WRITER_WAITS_S)
                _prepare(self._writer, create=create)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the books, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator["PostgresqlLedgerTransaction"]:
        """Return a transaction that excludes all other writers, and commits."""
        with self._write_lock, self._open():
            if self._writer is None or self._writer.closed:
                self._writer = connect(self._parameters, WRITER_WAITS_S)
            # A second transaction inside would be a savepoint, which is not durable.
            if self._writer.info.transaction_status != TransactionStatus.IDLE:
                raise NotAllowed(
                    f"{_NAME} is being written to by the same thread.",
                    remedy="End one `writing` before the next.",
                )
            with self._writer.transaction():
                self._writer.execute("LOCK TABLE ledger_head IN EXCLUSIVE MODE")
                yield PostgresqlLedgerTransaction(self._writer, writes=True)

    @contextmanager
    def reading(self) -> Iterator["PostgresqlLedgerTransaction"]:
        """Return a transaction that sees one state."""
        with self._read_lock, self._open():
            if self._reader is None or self._reader.closed:
                self._reader = connect(self._parameters, READER_WAITS_S)
                self._reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                self._reader.read_only = True
            with self._reader.transaction():
                yield PostgresqlLedgerTransaction(self._reader, writes=False)

    def close(self) -> None:
        """Close both connections, for good."""
        with self._write_lock, self._read_lock:
            self._is_closed = True
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()

    @contextmanager
    def _open(self) -> Iterator[None]:
        if self._is_closed:
            raise StoreUnavailable(f"{_NAME} was closed.", remedy="Open it again.")
        with _translated():
            yield


class PostgresqlLedgerTransaction(SqlLedgerTransaction):
    """A transaction on one of the two connections."""

    def __init__(self, connection: "psycopg.Connection", *, writes: bool) -> None:
        """Speak within the transaction that the connection is in."""
        super().__init__(writes=writes)
        self._connection = connection

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        statement = query.replace("?", "%s")
        return self._connection.execute(statement, values, binary=True).fetchall()

    def _among(self, query: str, names: Sequence[str]) -> list[Any]:
        return self._all(f"{query} = ANY(?)", [list(names)])

    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), rows)

    def _page(self, columns: Sequence[str], after: str) -> tuple[list[str], list[str]]:
        texts = [f"string_agg(coalesce({name}, '0'), ' ')" for name in columns]
        ((books, *found),) = self._all(
            f"SELECT {', '.join(['array_agg(book)', *texts])} FROM"  # noqa: S608 - our own names
            " (SELECT * FROM ledger_balance WHERE book > ? ORDER BY book LIMIT ?)"
            " AS page",
            [after, BOOKS_A_PAGE],
        )
        return books or [], found


def _prepare(connection: "psycopg.Connection", *, create: bool) -> None:
    with connection.transaction():
        # Two processes that make the books at once: the second waits and finds them.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('ledger'))")
        schema, is_there = connection.execute(
            "SELECT current_schema(), to_regclass("
            "quote_ident(current_schema()) || '.ledger') IS NOT NULL"
        ).fetchone() or (None, False)
        check_schema(schema)
        if not is_there and create:
            connection.execute(_SCHEMA)
            connection.execute("INSERT INTO ledger VALUES (%s)", [SCHEMA_VERSION])
        elif not is_there:
            raise NotFound(
                "There are no books in the PostgreSQL database.",
                remedy="Make them with `assent gate init`, or check DATABASE_URL.",
            )
        elif connection.execute("SELECT * FROM ledger").fetchall() != [
            (SCHEMA_VERSION,)
        ]:
            raise InputError(
                f"{_NAME} holds no books of version {SCHEMA_VERSION}.",
                remedy="Check DATABASE_URL, or use the program that made them.",
            )
        if not connection.execute(_IS_NOTED).fetchall():
            connection.execute(_ODD)
            PostgresqlLedgerTransaction(connection, writes=True).note_odd()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.NumericValueOutOfRange:
        raise InputError(
            f"{_NAME} cannot hold a number that large.",
            remedy="Use numbers below 2^63.",
        ) from None
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if isinstance(error, _DAMAGE):
            raise BooksDamaged(
                f"{_NAME} is damaged: {reason}.",
                remedy="Admit no jobs; restore the books from a backup.",
            ) from None
        raise StoreUnavailable(
            f"PostgreSQL refuses: {reason}.",
            remedy="See to the server, and to what its user may do, and try again:"
            " nothing is written twice.",
        ) from None
