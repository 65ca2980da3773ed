"""The cases in a database: SQLite by default, PostgreSQL by a URL.

place -> Docket

Django is imported when a store is opened, not before: commands that need none never
wait for it. Everything but `open_docket` works on any `Docket`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.docket.dump import export_docket, import_docket
from assent.adapters.docket.errors import DocketBehind, DocketDamaged
from assent.adapters.docket.upkeep import (
    CaseFinding,
    check_docket,
    rebuild_cards,
    verify_against,
)
from assent.adapters.translog.store.place import parse_place
from assent.vocabulary import ComponentMissing, InputError

if TYPE_CHECKING:
    from assent.adapters.docket.store import DjangoDocket

__all__ = [
    "CaseFinding",
    "DocketBehind",
    "DocketDamaged",
    "back_up_docket",
    "check_docket",
    "export_docket",
    "import_docket",
    "open_docket",
    "rebuild_cards",
    "verify_against",
]


def open_docket(place: str | Path, *, create: bool = False) -> "DjangoDocket":
    """Return the database of cases at a place.

    Args:
        place: a path for SQLite; or, as text that a person set, a `postgresql://` URL
            or an absolute path.
        create: make it if it is not there, and bring older tables up to date.

    Raises:
        InputError: if the place is neither, or its tables are of another version; what
            the place says is not repeated.
        NotFound: if there are no cases and `create` is false.
        ComponentMissing: if PostgreSQL's driver is not installed, or a web app set
            Django up without the app `docket`.
        StoreUnavailable: if it cannot be opened.
        DocketDamaged: if the file is no database.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    from assent.adapters.docket.aliases import configure  # noqa: PLC0415 - Django waits

    configure()
    from assent.adapters.docket.store import DjangoDocket  # noqa: PLC0415 - likewise

    if isinstance(parsed, str):
        try:
            import psycopg  # noqa: F401, PLC0415 - an optional part
        except ImportError:
            raise ComponentMissing(
                "PostgreSQL's driver is not installed.",
                remedy='Run `pip install "assent[postgresql]"`.',
            ) from None
    return DjangoDocket(parsed, create=create)


def back_up_docket(place: str | Path, target: Path) -> None:
    """Copy a database of cases into one new SQLite file, while others may write.

    A copy of the file alone would lack what is in the write-ahead log beside it.

    Raises:
        InputError: if the target is there, or the database is PostgreSQL's.
        NotFound, StoreUnavailable, DocketDamaged: as on opening it.

    """
    parsed = parse_place(place) if isinstance(place, str) else place
    if not isinstance(parsed, Path):
        raise InputError(
            "PostgreSQL backs up its databases itself.",
            remedy="Run `pg_dump`, which sees one state while others write, or export"
            " the cases.",
        )
    with open_docket(parsed) as store:
        store.back_up(target)
