"""Gates and acknowledgements in PostgreSQL, beside the agency's cases.

URL -> ReachStore

Tables are made and looked for in the first schema of the search path. A commit is
durable when it returns; a connection that broke is opened again at the next call.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assent.adapters.agency.reach.rows import Rows, SqlReachStore
from assent.adapters.translog.store.tables import Naming, ServerTables
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import InputError

if TYPE_CHECKING:
    import psycopg

SCHEMA_VERSION = 1  # of the tables below, in the table `reach`
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


_NAME = "The database of acknowledgements"
_NAMING = Naming(
    name=_NAME,
    table="reach",
    damaged=lambda reason: LogDamaged(f"{_NAME} is damaged: {reason}.", remedy=_REMEDY),
    nested=StoreUnavailable,
    assurance="nothing is kept twice",
)


class PostgresqlReachStore(SqlReachStore):
    """`ReachStore` on a server; any thread may use it."""

    def __init__(self, url: str) -> None:
        """Open the tables, or make them.

        Raises:
            InputError: if the URL or its schema cannot be used, or the tables are of
                another version.
            StoreUnavailable: if the server cannot be reached.

        """
        self._tables = ServerTables(url, _NAMING)
        with self._tables.preparing() as (connection, is_there):
            _prepare(connection, is_there=is_there)

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Rows]:
        """Begin a transaction, which commits unless an error leaves it."""
        # Rows are numbered in the order in which their transactions commit.
        begun = self._tables.writing() if writes else self._tables.reading()
        with begun as connection:
            yield _PostgresqlRows(connection)

    def damaged(self) -> LogDamaged:
        """Return the error that says so."""
        return LogDamaged(f"{_NAME} is damaged.", remedy=_REMEDY)

    def close(self) -> None:
        """Close both connections, for good."""
        self._tables.close()


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


def _prepare(connection: "psycopg.Connection", *, is_there: bool) -> None:
    if not is_there:
        connection.execute(_SCHEMA)
        connection.execute("INSERT INTO reach VALUES (%s)", [SCHEMA_VERSION])
        return
    if connection.execute("SELECT * FROM reach").fetchall() != [(SCHEMA_VERSION,)]:
        raise InputError(
            f"The database holds no acknowledgements of version {SCHEMA_VERSION}.",
            remedy="Check DATABASE_URL, or use the program that made them.",
        )
