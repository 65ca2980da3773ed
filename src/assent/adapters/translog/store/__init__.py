"""A log's database: SQLite by default, PostgreSQL by a URL.

place, origin -> LogStore

Both are the one source of everything the log publishes. A commit returns only when it
would survive a power cut, as far as the disk tells the truth.
"""

from contextlib import closing
from pathlib import Path

from assent.adapters.translog.store.place import parse_place
from assent.adapters.translog.store.sqlite import SqliteLogStore
from assent.translog.ports import LogStore
from assent.vocabulary import ComponentMissing, InputError


def open_log_store(place: str | Path, origin: str, *, create: bool = False) -> LogStore:
    """Return the database of the log with this origin.

    Args:
        place: a path for SQLite; or, as text that a person set, a `postgresql://` URL
            or an absolute path.
        origin: the log's origin; a database holds one log and remembers whose it is.
        create: make it, if it is not there.

    Raises:
        InputError: if the place is neither; what it says is not repeated.
        NotFound: if there is none and `create` is false.
        WrongOrigin: if it is another log's.
        ComponentMissing: if PostgreSQL's driver is not installed.
        StoreUnavailable: if it cannot be opened.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    if isinstance(parsed, Path):
        return SqliteLogStore(parsed, origin, create=create)
    try:
        from assent.adapters.translog.store.postgresql import (  # noqa: PLC0415 - optional
            PostgresqlLogStore,
        )
    except ImportError:
        raise ComponentMissing(
            "PostgreSQL's driver is not installed.",
            remedy='Run `pip install "assent[postgresql]"`.',
        ) from None
    return PostgresqlLogStore(parsed, origin, create=create)


def back_up_log_store(place: str | Path, origin: str, target: Path) -> None:
    """Copy a log's database into one new file, while others may append.

    A copy of the file alone would lack what is in the write-ahead log beside it.

    Raises:
        InputError: if the target is there, or the database is PostgreSQL's.
        NotFound, WrongOrigin, StoreUnavailable, LogDamaged: as on opening it.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    if not isinstance(parsed, Path):
        raise InputError(
            "PostgreSQL backs up its databases itself.",
            remedy="Run `pg_dump`: it sees one state while others append.",
        )
    with closing(SqliteLogStore(parsed, origin)) as store:
        store.back_up(target)
