"""The folder of an agency: what it is called, and where its parts are.

folder <-> AgencyFolder

    prepared.yaml   the same as agency.yaml, of an agency that is still to be founded
    agency.yaml     its name, its review policy, its rulebook, and where its cases are
    root.json       the root of trust that it started from
    service-keys    what its machines sign with; only their owner can read them
    cases.db        the cases, unless they are in the database that DATABASE_URL names
    log/            the public log, with the documents
    trust/          the states' signed metadata and the treaty
    ledger/         the gates' day books, what they add up to, and what gates were told
    owners.yaml     whose accounts at gates belong together, if the agency knows more
    public/         what else is served: the status list, permits
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assent.adapters.files import make_folder, read_text, write_durably
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import DocumentInvalid, InputError, NotFound, parse_yaml

_SETTINGS, _PREPARED = "agency.yaml", "prepared.yaml"
_LOCK = "trust.lock"
_MARK = "assent agency v1"
_FIELDS = {"format", "agency", "review_policy", "rulebook", "cases"}
IN_FOLDER, IN_DATABASE = "folder", "database"  # of `cases`
_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFolder:
    """What an agency's folder says; policy and rulebook are names, or paths.

    `cases` is IN_FOLDER, or IN_DATABASE: that of DATABASE_URL, with the log.
    """

    folder: Path
    agency: str
    review_policy: str
    rulebook: str
    cases: str = IN_FOLDER

    @property
    def root(self) -> Path:
        """The root of trust that the agency started from."""
        return self.folder / "root.json"

    @property
    def service_keys(self) -> Path:
        """The file of its machines' keys."""
        return self.folder / "service-keys"

    @property
    def next_service_keys(self) -> Path:
        """The file of the keys that follow on them, until the states name those."""
        return self.folder / "service-keys.next"

    @property
    def database(self) -> Path:
        """Where its cases are by default."""
        return self.folder / "cases.db"

    @property
    def log(self) -> Path:
        """The folder of its public log."""
        return self.folder / "log"

    @property
    def trust(self) -> Path:
        """The folder of the states' signed metadata."""
        return self.folder / "trust"

    @property
    def books(self) -> Path:
        """What the gates' day books add up to, unless a database elsewhere holds it."""
        return self.folder / "ledger" / "books.db"

    @property
    def day_books(self) -> Path:
        """The gates' day books, as they came."""
        return self.folder / "ledger" / "day-books"

    @property
    def inbox(self) -> Path:
        """Day books that gates sent, until the agency takes them."""
        return self.folder / "ledger" / "inbox"

    @property
    def tallies(self) -> Path:
        """What gates were told of their owners."""
        return self.folder / "ledger" / "tallies"

    @property
    def owners(self) -> Path:
        """Whose accounts at gates belong together; there need not be such a file."""
        return self.folder / "owners.yaml"

    @property
    def public(self) -> Path:
        """The folder of what else is served."""
        return self.folder / "public"


def prepare_agency_folder(place: AgencyFolder) -> None:
    """Write down what an agency will be, until it is founded.

    Raises:
        InputError: if the folder holds an agency already.
        StoreUnavailable: if the disk refuses.

    """
    if (place.folder / _SETTINGS).exists():
        raise _there_already(place.folder)
    write_durably(place.folder / _PREPARED, _settings(place), _MODE)


def finish_agency_folder(place: AgencyFolder) -> None:
    """Make a folder an agency's, once all else is there.

    Raises:
        InputError: if it is one already.
        StoreUnavailable: if the disk refuses.

    """
    make_folder(place.public, 0o777)
    try:
        write_durably(place.folder / _SETTINGS, _settings(place), _MODE, replaces=False)
    except FileExistsError:
        raise _there_already(place.folder) from None
    (place.folder / _PREPARED).unlink(missing_ok=True)


def open_prepared_folder(folder: Path) -> AgencyFolder:
    """Return what a folder says of an agency that is prepared and not founded.

    Raises:
        InputError: if it is founded already.
        NotFound: if it is not prepared.
        DocumentInvalid: if the file is not as `prepare` wrote it.

    """
    if (folder / _SETTINGS).exists():
        raise _there_already(folder)
    return _read(folder, _PREPARED, "Prepare it with `assent agency prepare`.")


def open_agency_folder(folder: Path) -> AgencyFolder:
    """Return what an agency's folder says.

    Raises:
        NotFound: if there is no agency in it.
        DocumentInvalid: if the file is not as it was written.

    """
    remedy = "Check the folder, or make an agency with `assent agency prepare`."
    if (folder / _PREPARED).exists():
        remedy = "It is prepared; go on with `assent agency found`."
    return _read(folder, _SETTINGS, remedy)


@contextmanager
def publishing_alone(place: AgencyFolder) -> Iterator[None]:
    """Wait until no other process publishes trust metadata of this agency.

    Raises:
        StoreUnavailable: if the folder cannot be locked.

    """
    try:
        descriptor = os.open(
            place.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
    except OSError as error:
        raise StoreUnavailable(
            f"{place.folder} cannot be locked: {error.strerror}.",
            remedy="Keep it on a local disk that you may write to.",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _settings(place: AgencyFolder) -> bytes:
    settings = {
        "format": _MARK,
        "agency": place.agency,
        "review_policy": place.review_policy,
        "rulebook": place.rulebook,
        "cases": place.cases,
    }
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True).encode()


def _read(folder: Path, name: str, remedy: str) -> AgencyFolder:
    if not (folder / name).is_file():
        raise NotFound(f"There is no agency in {folder}.", remedy=remedy)
    value: Any = parse_yaml(read_text(folder / name)).value
    if (
        not isinstance(value, dict)
        or value.keys() != _FIELDS
        or value["format"] != _MARK
        or not all(isinstance(item, str) for item in value.values())
        or value["cases"] not in {IN_FOLDER, IN_DATABASE}
    ):
        raise DocumentInvalid(
            f"{folder / name} does not describe an agency.",
            remedy=f"It states {', '.join(sorted(_FIELDS))}, as texts; cases are in"
            f" the {IN_FOLDER} or in the {IN_DATABASE}.",
        )
    return AgencyFolder(
        folder=folder,
        **{name: value[name] for name in _FIELDS - {"format"}},
    )


def _there_already(folder: Path) -> InputError:
    return InputError(
        f"{folder} holds an agency already.",
        remedy="Use it as it is, or make the new one in another folder.",
    )
