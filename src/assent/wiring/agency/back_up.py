"""Copy an agency whole, while it works.

folder -> a folder from which `restore_agency` makes it again

The log is copied before the cases: so the cases are never behind the log in the copy.
Documents come after both: whatever an event or an entry names is there. The keys of the
machines and of the log are in the copy too, so it is as secret as the agency's folder.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from assent.adapters.agency import AgencyFolder, open_agency_folder
from assent.adapters.docket import back_up_docket, export_docket, open_docket
from assent.adapters.files import make_folder, read_bytes, write_durably
from assent.adapters.packaged.review_policies import REVIEW_POLICIES
from assent.adapters.translog.folder import open_log_folder
from assent.adapters.translog.store.place import parse_place
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError, NotFound
from assent.wiring.agency.open import database_of
from assent.wiring.agency.reach import copy_reach

CASES_DATABASE, CASES_LINES = "cases.db", "cases.jsonl"
LOG_FILES = ("log.yaml", "keys", "policy")
HEAD = "checkpoint"
_FILE_BYTES_MAX = 128_000_000  # the largest document has half of it
SECRET = 0o600


def back_up_agency(
    folder: Path,
    target: Path,
    step: Callable[[str], None] = lambda _: None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> bool:
    """Copy an agency to a new folder.

    Returns:
        Whether its documents are in the copy; not if a service keeps them.

    Raises:
        InputError: if the target holds something.
        NotFound: if there is no agency.
        AssentError: of another kind, if something cannot be read or written.

    """
    place = open_agency_folder(folder)
    database = database_of(place, environment)
    require_empty(target)
    make_folder(target, 0o700)
    step("log")
    log = open_log_folder(place.log)
    for name in LOG_FILES:
        copy_file(place.log / name, target / "log" / name)
    # The head first: all tiles it commits to are there already, and stay.
    if (log.public / HEAD).exists():
        copy_file(log.public / HEAD, target / "log" / "public" / HEAD)
    copy_folder(log.public, target / "log" / "public", without=HEAD)
    step("cases")
    _copy_cases(database, target)
    step("gates and acknowledgements")
    copy_reach(place, target, environment)
    step("documents")
    has_documents = "://" not in log.documents
    if has_documents:
        copy_folder(Path(log.documents), target / "log" / "documents")
    step("trust and keys")
    copy_folder(place.trust, target / "trust")
    copy_folder(place.day_books, target / place.day_books.relative_to(place.folder))
    for name in own_files(place):
        copy_file(place.folder / name, target / name)
    copy_file(place.folder / "agency.yaml", target / "agency.yaml")  # it is complete
    return has_documents


def own_files(place: AgencyFolder) -> Iterator[str]:
    """Yield the names of an agency's own files, but for the one that makes it one."""
    yield place.root.name
    yield place.service_keys.name
    if place.next_service_keys.exists():
        yield place.next_service_keys.name
    if place.owners.exists():
        yield place.owners.name
    if place.review_policy not in REVIEW_POLICIES:
        yield place.review_policy


def require_empty(folder: Path) -> None:
    """Check that a folder is new or empty.

    Raises:
        InputError: if it is not.

    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder} holds something already.",
            remedy="Name a folder that is new or empty.",
        )


def copy_folder(
    source: Path, target: Path, *, without: str = "", mode: int = SECRET
) -> None:
    """Copy what is in a folder and below.

    What is removed meanwhile is left out: a log removes tiles that became full.
    """
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.name != without and not path.name.startswith("."):
            try:
                copy_file(path, target / path.relative_to(source), mode)
            except NotFound:
                continue


def copy_file(source: Path, target: Path, mode: int = SECRET) -> None:
    """Copy a file durably; by default only its owner can read the copy.

    Raises:
        NotFound: if it cannot be read.
        StoreUnavailable: if the disk refuses.

    """
    write_durably(target, read_bytes(source, _FILE_BYTES_MAX), mode)


def _copy_cases(database: str | Path, target: Path) -> None:
    parsed = parse_place(database) if isinstance(database, str) else database
    if isinstance(parsed, Path):
        back_up_docket(parsed, target / CASES_DATABASE)
        return
    file = target / CASES_LINES
    try:
        with open_docket(parsed) as docket, file.open("xb") as lines:
            file.chmod(SECRET)
            lines.writelines(export_docket(docket))
            lines.flush()
            os.fsync(lines.fileno())
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be written: {error.strerror}.",
            remedy="Choose a folder that can be written to and has room.",
        ) from None
