"""How far an agency's orders reach: gates and acknowledgements kept, orders posted.

place -> ReachStore <-> lines;  FeedItem + gates' URLs -> Webhooks
"""

from pathlib import Path

from assent.adapters.agency.reach.dump import (
    LINE_BYTES_MAX,
    export_reach,
    import_reach,
)
from assent.adapters.agency.reach.sqlite import SqliteReachStore
from assent.adapters.agency.reach.webhooks import Webhooks
from assent.adapters.translog.store.place import parse_place
from assent.supervision.pause import ReachStore
from assent.vocabulary import ComponentMissing

__all__ = [
    "LINE_BYTES_MAX",
    "SqliteReachStore",
    "Webhooks",
    "export_reach",
    "import_reach",
    "open_reach_store",
]


def open_reach_store(place: str | Path) -> ReachStore:
    """Return the store at a place, which is made if it is not there.

    Args:
        place: a path for SQLite; or, as text, a `postgresql://` URL or a path.

    Raises:
        InputError: if it is neither, or holds something else.
        ComponentMissing: if PostgreSQL's driver is not installed.
        StoreUnavailable, LogDamaged: if it cannot be used.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    if isinstance(parsed, Path):
        return SqliteReachStore(parsed)
    try:
        from assent.adapters.agency.reach.postgresql import (  # noqa: PLC0415 - optional
            PostgresqlReachStore,
        )
    except ImportError:
        raise ComponentMissing(
            "PostgreSQL's driver is not installed.",
            remedy='Run `pip install "assent[postgresql]"`.',
        ) from None
    return PostgresqlReachStore(parsed)
