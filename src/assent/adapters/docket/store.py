"""A database of cases, on Django's connections.

place -> Docket

A commit returns only when it would survive a power cut, as far as the disk tells the
truth. Writers of all threads, processes and machines come one after another: behind
BEGIN IMMEDIATE on SQLite, behind an advisory lock of the schema on PostgreSQL. Readers
wait for nobody.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import (  # type: ignore[import-untyped] # it has no types
    DatabaseError,
    InterfaceError,
)
from django.db.transaction import (  # type: ignore[import-untyped] # likewise
    atomic,
)

from assent.adapters.docket.aliases import (
    Connections,
    postgresql_connections,
    sqlite_connections,
)
from assent.adapters.docket.errors import DAMAGED_REMEDY, DocketDamaged
from assent.adapters.docket.schema import check_tables, make_tables
from assent.adapters.docket.transaction import DjangoTransaction
from assent.adapters.translog.sqlite_file import translated
from assent.adapters.translog.store.back_up import copy_database
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import InputError, NotFound

# A lock on a table would keep the server from vacuuming it.
_LOCK_POSTGRESQL = (
    "SELECT pg_advisory_xact_lock(hashtext('docket'), hashtext(current_schema()))"
)


class DjangoDocket:
    """A database of cases; any thread may use it."""

    def __init__(self, place: str | Path, *, create: bool = False) -> None:
        """Open the database, and make the tables if asked to.

        Raises:
            NotFound: if it has none and `create` is false.
            InputError: if they are of another version, or the URL cannot be used.
            StoreUnavailable: if it cannot be opened.
            DocketDamaged: if it is none.

        """
        self._write_lock = threading.RLock()
        self._mine = threading.local()
        if isinstance(place, Path):
            self._name = f"The database of cases {place}"
            _find_file(place, create=create)
            self._writer = sqlite_connections(place, reads=False, create=create)
            self._reader = sqlite_connections(place, reads=True)
        else:
            from assent.adapters.translog.store.server import (  # noqa: PLC0415 - optional
                parse_url,
            )

            self._name = "The PostgreSQL database of cases"
            parameters = parse_url(place)
            self._writer = postgresql_connections(parameters, reads=False)
            self._reader = postgresql_connections(parameters, reads=True)
        try:
            if create:
                self._make()
            with self._used(self._reader) as connection:
                check_tables(connection, self._name)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the store, to be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator[DjangoTransaction]:
        """Return a transaction that excludes all other writers.

        Raises:
            StoreUnavailable: if the database refuses; nothing was written.

        """
        if getattr(self._mine, "writes", False):
            raise StoreUnavailable(
                f"{self._name} is being written to by the same thread.",
                remedy="End one `writing` before the next.",
            )
        with self._write_lock, self._used(self._writer) as connection:
            self._mine.writes = True
            try:
                with connection.cursor() as cursor:
                    if connection.vendor == "postgresql":
                        cursor.execute(_LOCK_POSTGRESQL)
                    transaction = DjangoTransaction(connection, cursor, writes=True)
                    yield transaction
                    transaction.flush()
            finally:
                self._mine.writes = False

    @contextmanager
    def reading(self) -> Iterator[DjangoTransaction]:
        """Return a transaction that sees one state.

        Raises:
            StoreUnavailable: if the database refuses.

        """
        with self._used(self._reader) as connection, connection.cursor() as cursor:
            yield DjangoTransaction(connection, cursor, writes=False)

    def back_up(self, target: Path) -> None:
        """Copy one state of an SQLite database to a new file, while others may write.

        Raises:
            InputError: if there is such a file, or the database is PostgreSQL's.
            StoreUnavailable: if it cannot be written.

        """
        with self._used(self._reader, in_transaction=False) as connection:
            connection.ensure_connection()
            if not isinstance(connection.connection, sqlite3.Connection):
                raise InputError(
                    "PostgreSQL backs up its databases itself.",
                    remedy="Run `pg_dump`, or export the cases.",
                )
            with self._translated():
                copy_database(connection.connection, target)

    def close(self) -> None:
        """Close all connections, for good, once nobody writes."""
        with self._write_lock:
            self._reader.close()
            self._writer.close()

    @contextmanager
    def _used(self, some: Connections, *, in_transaction: bool = True) -> Iterator[Any]:
        with self._translated(), some.lent() as connection:
            if not in_transaction:
                yield connection
                return
            with atomic(using=connection.alias, durable=True), _pipelined(connection):
                yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the databases' errors, which Django wraps, into ours."""
        try:
            yield
        except (DatabaseError, InterfaceError, sqlite3.Error) as error:
            cause = error if isinstance(error, sqlite3.Error) else error.__cause__
            if not isinstance(cause, sqlite3.Error):
                from assent.adapters.docket.refusals import (  # noqa: PLC0415 - optional
                    explain,
                )

                raise explain(self._name, cause or error) from None
            raise self._explain_sqlite(cause) from None

    def _explain_sqlite(self, cause: sqlite3.Error) -> Exception:
        try:
            with translated(self._name, DAMAGED_REMEDY):
                raise cause
        except LogDamaged as damage:
            return DocketDamaged(damage.message, remedy=DAMAGED_REMEDY)
        except StoreUnavailable as refusal:
            return refusal

    def _make(self) -> None:
        with self._used(self._writer) as connection:
            make_tables(connection, self._name)


def _pipelined(connection: Any) -> AbstractContextManager[Any]:  # noqa: ANN401 - Django has no types
    """Let PostgreSQL answer several statements in one round trip."""
    if connection.vendor != "postgresql":
        return nullcontext()
    connection.ensure_connection()
    pipeline: AbstractContextManager[Any] = connection.connection.pipeline()
    return pipeline


def _find_file(path: Path, *, create: bool) -> None:
    """See to it that there is a file; a new one is for its owner only.

    SQLite gives the files beside it the same permissions.
    """
    if not create and not path.exists():
        raise NotFound(
            f"There is no database of cases at {path}.",
            remedy="Check the folder, or make it.",
        )
    try:
        if create and not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"The database of cases {path} cannot be made: {error.strerror}.",
            remedy="Choose a folder that is there and can be written to.",
        ) from None
