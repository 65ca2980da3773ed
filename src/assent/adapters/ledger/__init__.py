"""Books in a database that survives a power cut: SQLite, or PostgreSQL by a URL.

place -> Ledger
"""

from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.ledger.sqlite import SqliteLedger
from assent.adapters.translog.store.place import parse_place
from assent.vocabulary import ComponentMissing

if TYPE_CHECKING:
    from assent.adapters.ledger.postgresql import PostgresqlLedger

__all__ = ["SqliteLedger", "open_ledger"]


def open_ledger(
    place: str | Path, *, create: bool = False
) -> "SqliteLedger | PostgresqlLedger":
    """Return the books at a place.

    Args:
        place: a path for SQLite; or, as text that a person set, a `postgresql://` URL
            or an absolute path.
        create: make them, if they are not there.

    Raises:
        InputError: if the place is neither, or holds something else, or books of
            another version; what a URL says is not repeated.
        NotFound: if there are none and `create` is false.
        ComponentMissing: if PostgreSQL's driver is not installed.
        StoreUnavailable: if they cannot be opened.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    if isinstance(parsed, Path):
        return SqliteLedger(parsed, create=create)
    try:
        from assent.adapters.ledger.postgresql import (  # noqa: PLC0415 - optional
            PostgresqlLedger,
        )
    except ImportError:
        raise ComponentMissing(
            "PostgreSQL's driver is not installed.",
            remedy='Run `pip install "assent[postgresql]"`.',
        ) from None
    return PostgresqlLedger(parsed, create=create)
