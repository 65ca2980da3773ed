"""A log's database in PostgreSQL, chosen by a URL.

URL, origin -> LogStore

Writers of all processes and machines queue behind a lock on the table that names the
log; `server` sees to it that a commit is durable. A connection that broke is opened
again at the next call. Tables are made and looked for in the first schema of the search
path, so one database can hold several logs in schemas of their own:
`postgresql://USER@HOST/DATABASE?options=-csearch_path%3DSCHEMA`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assent.adapters.translog.store.sql import SqlTransaction, check_origin
from assent.adapters.translog.store.tables import Naming, ServerTables
from assent.translog.errors import LogDamaged, StoreUnavailable

if TYPE_CHECKING:
    import psycopg

_NAME = "The log's PostgreSQL database"
_SCHEMA = """
CREATE TABLE translog (origin TEXT NOT NULL);
CREATE TABLE translog_entry (entry_index BIGINT PRIMARY KEY, content BYTEA NOT NULL);
CREATE TABLE translog_key (
    key BIGINT NOT NULL, entry_index BIGINT NOT NULL, PRIMARY KEY (key, entry_index)
);
CREATE TABLE translog_tile (
    level SMALLINT NOT NULL, tile_index BIGINT NOT NULL, nodes BYTEA NOT NULL,
    PRIMARY KEY (level, tile_index)
);
ALTER TABLE translog_tile ALTER COLUMN nodes SET STORAGE EXTERNAL;
CREATE TABLE translog_head (
    size BIGINT PRIMARY KEY, note BYTEA NOT NULL, is_published BOOLEAN NOT NULL
);
"""


NAMING = Naming(
    name=_NAME,
    table="translog",
    damaged=lambda reason: LogDamaged(
        f"{_NAME} is damaged: {reason}.",
        remedy="Stop appending; run `assent log fsck` or restore a backup.",
    ),
    nested=StoreUnavailable,
    assurance="an entry is never logged twice",
)


class PostgresqlLogStore:
    """A log's database on a server; one connection writes, one reads."""

    def __init__(self, url: str, origin: str, *, create: bool = False) -> None:
        """Open the database, and make the tables if asked to.

        Raises:
            NotFound: if the tables are not there and `create` is false.
            WrongOrigin: if they are another log's.
            InputError: if the URL or its schema cannot be used.
            StoreUnavailable: if the server cannot be reached.

        """
        self._tables = ServerTables(url, NAMING)
        with self._tables.preparing() as (connection, is_there):
            if not is_there and create:
                connection.execute(_SCHEMA)
                connection.execute("INSERT INTO translog VALUES (%s)", [origin])
            row = (
                connection.execute("SELECT origin FROM translog").fetchone()
                if is_there or create
                else None
            )
            check_origin(None if row is None else str(row[0]), origin, _NAME)

    @contextmanager
    def writing(self) -> Iterator["PostgresqlTransaction"]:
        """Return a transaction that excludes all other writers."""
        with self._tables.writing() as connection:
            yield PostgresqlTransaction(connection)

    @contextmanager
    def reading(self) -> Iterator["PostgresqlTransaction"]:
        """Return a transaction that sees one state."""
        with self._tables.reading() as connection:
            yield PostgresqlTransaction(connection)

    def close(self) -> None:
        """Close both connections, for good."""
        self._tables.close()


class PostgresqlTransaction(SqlTransaction):
    """A transaction on one of the two connections."""

    def __init__(self, connection: "psycopg.Connection") -> None:
        """Speak within the transaction that the connection is in."""
        self._connection = connection

    def indices_of(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        """Return (key, index) of every entry that has one of these keys."""
        return self._all(
            "SELECT key, entry_index FROM translog_key WHERE key = ANY(?)", [list(keys)]
        )

    def add_entries(self, start: int, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add entries with their keys."""
        if len(rows) == 1:  # COPY costs two round trips more
            ((key, content),) = rows
            self._connection.execute(
                "WITH added AS (INSERT INTO translog_entry VALUES (%(i)s, %(c)s))"
                " INSERT INTO translog_key VALUES (%(k)s, %(i)s)",
                {"i": start, "c": content, "k": key},
            )
            return
        self._copy(
            "COPY translog_entry FROM STDIN (FORMAT BINARY)",
            ("int8", "bytea"),
            ((start + i, content) for i, (_, content) in enumerate(rows)),
        )
        self._copy(
            "COPY translog_key FROM STDIN (FORMAT BINARY)",
            ("int8", "int8"),
            ((key, start + i) for i, (key, _) in enumerate(rows)),
        )

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        statement = query.replace("?", "%s")
        return self._connection.execute(statement, values, binary=True).fetchall()

    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), rows)

    def _copy(
        self, statement: str, types: Sequence[str], rows: Iterator[Sequence[Any]]
    ) -> None:
        with self._connection.cursor().copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
