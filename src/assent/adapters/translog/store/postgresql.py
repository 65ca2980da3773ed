"""A log's database in PostgreSQL, chosen by a URL.

URL, origin -> LogStore

Writers of all processes and machines queue behind a lock on the table that names the
log; `server` sees to it that a commit is durable. A connection that broke is opened
again at the next call. Tables are made and looked for in the first schema of the search
path, so one database can hold several logs in schemas of their own:
`postgresql://USER@HOST/DATABASE?options=-csearch_path%3DSCHEMA`.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from assent.adapters.translog.store.server import (
    READER_WAITS_S,
    WRITER_WAITS_S,
    check_schema,
    connect,
    parse_url,
)
from assent.adapters.translog.store.sql import (
    SqlTransaction,
    check_origin,
    closed,
    writing_already,
)
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import InputError

_NAME = "The log's PostgreSQL database"
_DAMAGE = (
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.IntegrityError,
)
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
        self._parameters = parse_url(url)
        self._origin = origin
        self._is_closed = False
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        self._writer: psycopg.Connection | None = None
        self._reader: psycopg.Connection | None = None
        try:
            with self._translated():
                self._writer = connect(self._parameters, WRITER_WAITS_S)
                self._prepare(self._writer, create=create)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def writing(self) -> Iterator["PostgresqlTransaction"]:
        """Return a transaction that excludes all other writers."""
        with self._write_lock, self._translated():
            if self._writer is None or self._writer.closed:
                self._writer = connect(self._parameters, WRITER_WAITS_S)
            # A second transaction inside would be a savepoint, which is not durable.
            if self._writer.info.transaction_status != TransactionStatus.IDLE:
                raise writing_already(_NAME)
            with self._writer.transaction():
                self._writer.execute("LOCK TABLE translog IN EXCLUSIVE MODE")
                yield PostgresqlTransaction(self._writer)

    @contextmanager
    def reading(self) -> Iterator["PostgresqlTransaction"]:
        """Return a transaction that sees one state."""
        with self._read_lock, self._translated():
            if self._reader is None or self._reader.closed:
                self._reader = connect(self._parameters, READER_WAITS_S)
                self._reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                self._reader.read_only = True
            with self._reader.transaction():
                yield PostgresqlTransaction(self._reader)

    def close(self) -> None:
        """Close both connections, for good."""
        with self._write_lock, self._read_lock:
            self._is_closed = True
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()

    def _prepare(self, connection: "psycopg.Connection", *, create: bool) -> None:
        with connection.transaction():
            # Two processes that make the log at once: the second waits and finds it.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('translog'))")
            schema, there = connection.execute(
                "SELECT current_schema(), to_regclass("
                "quote_ident(current_schema()) || '.translog') IS NOT NULL"
            ).fetchone() or (None, False)
            check_schema(schema)
            if not there and create:
                connection.execute(_SCHEMA)
                connection.execute("INSERT INTO translog VALUES (%s)", [self._origin])
                there = True
            row = (
                connection.execute("SELECT origin FROM translog").fetchone()
                if there
                else None
            )
            found = None if row is None else str(row[0])
            check_origin(found, self._origin, _NAME)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._is_closed:
            raise closed(_NAME)
        try:
            yield
        except psycopg.errors.NumericValueOutOfRange:
            raise InputError(
                f"{_NAME} cannot hold a number that large.",
                remedy="Use indices and sizes below 2^63.",
            ) from None
        except psycopg.Error as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            if isinstance(error, _DAMAGE):
                raise LogDamaged(
                    f"{_NAME} is damaged: {reason}.",
                    remedy="Stop appending; run `assent log fsck` or restore a backup.",
                ) from None
            raise StoreUnavailable(
                f"PostgreSQL refuses: {reason}.",
                remedy="See to the server, and to what its user may do, and try again:"
                " an entry is never logged twice.",
            ) from None


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
