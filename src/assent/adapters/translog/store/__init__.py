"""A log's database: SQLite by default, PostgreSQL by a URL.

place, origin -> LogStore

Both are the one source of everything the log publishes. A commit returns only when it
would survive a power cut, as far as the disk tells the truth.
"""

from pathlib import Path

from assent.adapters.translog.store.sqlite import SqliteLogStore
from assent.translog.ports import LogStore

POSTGRESQL_SCHEMES = ("postgresql://", "postgres://")


def open_log_store(place: str, origin: str, *, create: bool = False) -> LogStore:
    """Return the database of the log with this origin.

    Args:
        place: a path for SQLite, or a `postgresql://` URL.
        origin: the log's origin; a database holds one log and remembers whose it is.
        create: make it, if it is not there.

    Raises:
        NotFound: if there is none and `create` is false.
        WrongOrigin: if it is another log's.
        ComponentMissing: if PostgreSQL's driver is not installed.
        StoreUnavailable: if it cannot be opened.

    """
    if place.startswith(POSTGRESQL_SCHEMES):
        from assent.adapters.translog.store.postgresql import (  # noqa: PLC0415 - optional
            PostgresqlLogStore,
        )

        return PostgresqlLogStore(place, origin, create=create)
    return SqliteLogStore(Path(place), origin, create=create)
