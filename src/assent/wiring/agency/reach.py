"""Where an agency keeps its gates and their acknowledgements, and how they are copied.

folder -> ReachStore, in the folder or beside the cases;  -> lines in a backup
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from assent.adapters.agency import AgencyFolder, open_agency_folder
from assent.adapters.agency.reach import (
    LINE_BYTES_MAX,
    export_reach,
    import_reach,
    open_reach_store,
)
from assent.supervision.pause import ReachStore
from assent.translog.errors import StoreUnavailable
from assent.wiring.agency.open import database_of

REACH_FILE, REACH_LINES = "reach.db", "reach.jsonl"
_SECRET = 0o600


@contextmanager
def open_reach(
    folder: Path, *, environment: Mapping[str, str] = os.environ
) -> Iterator[ReachStore]:
    """Yield the gates and acknowledgements of an agency, which are where its cases are.

    Raises:
        NotFound: if there is no agency in the folder.
        InputError, StoreUnavailable, LogDamaged: if they cannot be read.

    """
    with reach_of_folder(open_agency_folder(folder), environment) as store:
        yield store


@contextmanager
def reach_of_folder(
    place: AgencyFolder, environment: Mapping[str, str]
) -> Iterator[ReachStore]:
    """Yield the same of a folder that need not be complete yet."""
    database = database_of(place, environment)
    where = database if isinstance(database, str) else place.folder / REACH_FILE
    with closing(open_reach_store(where)) as store:
        yield store


def copy_reach(
    place: AgencyFolder, target: Path, environment: Mapping[str, str]
) -> None:
    """Write the gates and acknowledgements into a backup.

    Raises:
        StoreUnavailable, LogDamaged: if they cannot be read or written.

    """
    file = target / REACH_LINES
    try:
        with (
            reach_of_folder(place, environment) as store,
            file.open("xb") as lines,
        ):
            file.chmod(_SECRET)
            lines.writelines(export_reach(store))
            lines.flush()
            os.fsync(lines.fileno())
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be written: {error.strerror}.",
            remedy="Choose a folder that can be written to and has room.",
        ) from None


def restore_reach(
    backup: Path, place: AgencyFolder, environment: Mapping[str, str]
) -> None:
    """Keep again what a backup holds; one of before had no such file.

    Raises:
        StoreUnavailable, LogDamaged: if it cannot be read or kept.

    """
    file = backup / REACH_LINES
    if not file.exists():
        return
    try:
        with reach_of_folder(place, environment) as store, file.open("rb") as lines:
            import_reach(store, iter(lambda: lines.readline(LINE_BYTES_MAX), b""))
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be read: {error.strerror}.",
            remedy="See to its permissions.",
        ) from None
