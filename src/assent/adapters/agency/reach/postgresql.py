"""Gates and acknowledgements in PostgreSQL, beside the agency's cases.

URL -> ReachStore

Tables are made and looked for in the first schema of the search path. A commit is
durable when it returns; a connection that broke is opened again at the next call.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from assent.adapters.agency.reach.rows import Rows, SqlReachStore
from assent.adapters.translog.store.server import (
    WRITER_WAITS_S,
    check_schema,
    connect,
    parse_url,
)
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import InputError

SCHEMA_VERSION = 1  # of the tables below, in the table `reach`
_DAMAGE = (
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)
_REMEDY = "Restore the database; orders hold all the same, they are in the cases."
# An acknowledgement may be longer than what an index takes, so its digest stands there.
_SCHEMA = """
CREATE TABLE reach (version INTEGER NOT NULL);
CREATE TABLE gate (
    name TEXT COLLATE "C" PRIMARY KEY, public TEXT NOT NULL, url TEXT
);
CREATE TABLE relay (name TEXT COLLATE "C" PRIMARY KEY, public TEXT NOT NULL);
CREATE TABLE behind (gate TEXT COLLATE "C" PRIMARY KEY, relay TEXT NOT NULL);
CREATE TABLE ack (
    "row" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_number BIGINT NOT NULL,
    gate TEXT NOT NULL, arrived_us BIGINT NOT NULL, content BYTEA NOT NULL
);
CREATE UNIQUE INDEX ack_once ON ack (order_number, gate, sha256(content));
CREATE TABLE roll (
    "row" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_number BIGINT NOT NULL,
    relay TEXT NOT NULL, arrived_us BIGINT NOT NULL, digest BYTEA NOT NULL,
    content BYTEA NOT NULL, UNIQUE (order_number, relay, digest)
);
"""


class PostgresqlReachStore(SqlReachStore):
    """`ReachStore` on a server; any thread may use it."""

    def __init__(self, url: str) -> None:
        """Open the tables, or make them.

        Raises:
            InputError: if the URL or its schema cannot be used, or the tables are of
                another version.
            StoreUnavailable: if the server cannot be reached.

        """
        self._parameters = parse_url(url)
        self._lock = threading.RLock()
        self._is_closed = False
        self._connection: psycopg.Connection | None = None
        try:
            with self._connected() as connection:
                _prepare(connection)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Rows]:
        """Begin a transaction, which commits unless an error leaves it."""
        with self._connected() as connection, connection.transaction():
            # Rows are numbered in the order in which their transactions commit.
            if writes:
                connection.execute("LOCK TABLE reach IN EXCLUSIVE MODE")
            yield _PostgresqlRows(connection)

    def damaged(self) -> LogDamaged:
        """Return the error that says so."""
        return LogDamaged("The acknowledgements are damaged.", remedy=_REMEDY)

    def close(self) -> None:
        """Close the connection, for good."""
        with self._lock:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()

    @contextmanager
    def _connected(self) -> Iterator["psycopg.Connection"]:
        with self._lock, _translated():
            if self._is_closed:
                raise StoreUnavailable(
                    "The acknowledgements were closed.", remedy="Open them again."
                )
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._parameters, WRITER_WAITS_S)
            yield self._connection


class _PostgresqlRows:
    def __init__(self, connection: "psycopg.Connection") -> None:
        self._connection = connection

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(
            statement.replace("?", "%s"), values, binary=True
        ).fetchall()

    def each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), rows)


def _prepare(connection: "psycopg.Connection") -> None:
    with connection.transaction():
        # Two processes that make the tables at once: the second waits and finds them.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('reach'))")
        schema, is_there = connection.execute(
            "SELECT current_schema(), to_regclass("
            "quote_ident(current_schema()) || '.reach') IS NOT NULL"
        ).fetchone() or (None, False)
        check_schema(schema)
        if not is_there:
            connection.execute(_SCHEMA)
            connection.execute("INSERT INTO reach VALUES (%s)", [SCHEMA_VERSION])
            return
        found = connection.execute("SELECT * FROM reach").fetchall()
        if found != [(SCHEMA_VERSION,)]:
            raise InputError(
                f"The database holds no acknowledgements of version {SCHEMA_VERSION}.",
                remedy="Check DATABASE_URL, or use the program that made them.",
            )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if isinstance(error, _DAMAGE):
            raise LogDamaged(
                f"The acknowledgements are damaged: {reason}.", remedy=_REMEDY
            ) from None
        raise StoreUnavailable(
            f"PostgreSQL refuses: {reason}.",
            remedy="See to the server, and to what its user may do, and try again.",
        ) from None
