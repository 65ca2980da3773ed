"""A few tables on a PostgreSQL server: one connection writes, one reads.

URL + what the tables are -> transactions, with errors of ours

Writers of all processes and machines queue behind a lock on one of the tables; `server`
sees to it that a commit is durable. A connection that broke is opened again at the next
call. Tables are made and looked for in the first schema of the search path.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.pq import TransactionStatus

from assent.adapters.translog.store.server import (
    READER_WAITS_S,
    WRITER_WAITS_S,
    check_schema,
    connect,
    parse_url,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError

_DAMAGE = (
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.IntegrityError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What some tables are, for messages.

    Attributes:
        name: of all of them, as a sentence begins.
        table: the one that writers lock, which is there once the others are.
        damaged: makes the error of tables that are damaged, and why.
        nested: the error of a thread that would write while it writes.
        assurance: what holds when the server refused, at the end of a sentence.

    """

    name: str
    table: str
    damaged: Callable[[str], AssentError]
    nested: type[AssentError]
    assurance: str


class ServerTables:
    """Tables on a server, for any thread."""

    def __init__(self, url: str, naming: Naming) -> None:
        """Take note of where they are; nothing is opened yet.

        Raises:
            InputError: if the URL cannot be used.

        """
        self._parameters = parse_url(url)
        self._naming = naming
        self._is_closed = False
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        self._writer: psycopg.Connection | None = None
        self._reader: psycopg.Connection | None = None

    @contextmanager
    def preparing(self) -> Iterator[tuple["psycopg.Connection", bool]]:
        """Return a connection on which to make them, and whether they are there.

        Of two processes that make them at once, the second waits and finds them.
        Whatever is raised within closes both connections.

        Raises:
            InputError: if the schema cannot be used.
            StoreUnavailable: if the server cannot be reached.

        """
        try:
            with self._written() as connection:
                connection.execute(
                    "SELECT pg_advisory_xact_lock(hashtext(%s))", [self._naming.table]
                )
                schema, is_there = connection.execute(
                    "SELECT current_schema(), to_regclass("
                    "quote_ident(current_schema()) || '.' || %s) IS NOT NULL",
                    [self._naming.table],
                ).fetchone() or (None, False)
                check_schema(schema)
                yield connection, bool(is_there)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def writing(self) -> Iterator["psycopg.Connection"]:
        """Return a connection in a transaction that excludes all other writers.

        Raises:
            StoreUnavailable: if the server refuses; nothing was written.

        """
        with self._written() as connection:
            connection.execute(f"LOCK TABLE {self._naming.table} IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator["psycopg.Connection"]:
        """Return a connection in a transaction that sees one state.

        Raises:
            StoreUnavailable: if the server refuses.

        """
        with self._read_lock, self._translated():
            if self._reader is None or self._reader.closed:
                self._reader = connect(self._parameters, READER_WAITS_S)
                self._reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                self._reader.read_only = True
            with self._reader.transaction():
                yield self._reader

    def close(self) -> None:
        """Close both connections, for good."""
        with self._write_lock, self._read_lock:
            self._is_closed = True
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()

    @contextmanager
    def _written(self) -> Iterator["psycopg.Connection"]:
        with self._write_lock, self._translated():
            if self._writer is None or self._writer.closed:
                self._writer = connect(self._parameters, WRITER_WAITS_S)
            # A second transaction inside would be a savepoint, which is not durable.
            if self._writer.info.transaction_status != TransactionStatus.IDLE:
                raise self._naming.nested(
                    f"{self._naming.name} is being written to by the same thread.",
                    remedy="End one `writing` before the next.",
                )
            with self._writer.transaction():
                yield self._writer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._is_closed:
            raise StoreUnavailable(
                f"{self._naming.name} was closed.", remedy="Open it again."
            )
        try:
            yield
        except psycopg.errors.NumericValueOutOfRange:
            raise InputError(
                f"{self._naming.name} cannot hold a number that large.",
                remedy="Use numbers below 2^63.",
            ) from None
        except psycopg.Error as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            if isinstance(error, _DAMAGE):
                raise self._naming.damaged(reason) from None
            raise StoreUnavailable(
                f"PostgreSQL refuses: {reason}.",
                remedy="See to the server, and to what its user may do, and try again:"
                f" {self._naming.assurance}.",
            ) from None
