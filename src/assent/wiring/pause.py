"""What the pause button needs of an agency's folder besides its cases.

folder -> the store of gates and acknowledgements;  the clock, with parts of a second
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.agency import open_agency_folder
from assent.adapters.agency.reach import SqliteReachStore

REACH_FILE = "reach.db"


@contextmanager
def open_reach(folder: Path) -> Iterator[SqliteReachStore]:
    """Yield the gates and acknowledgements of an agency.

    Raises:
        NotFound: if there is no agency in the folder.
        InputError, StoreUnavailable, LogDamaged: if they cannot be read.

    """
    place = open_agency_folder(folder)
    with closing(SqliteReachStore(place.folder / REACH_FILE)) as store:
        yield store


def exact_now() -> datetime:
    """Return the time, UTC, with parts of a second."""
    return datetime.now(UTC)  # noqa: TID251 - the clock that acknowledgements need
