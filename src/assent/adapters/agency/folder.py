"""The folder of an agency: what it is called, and where its parts are.

folder <-> AgencyFolder

    agency.yaml     its name, its review policy and its rulebook
    root.json       the root of trust that it started from
    service-keys    what its machines sign with; only their owner can read them
    cases.db        the cases, unless DATABASE_URL names another database
    log/            the public log, with the documents
    trust/          the states' signed metadata and the treaty
    public/         what else is served: the status list, permits
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assent.adapters.files import make_folder, read_text, write_durably
from assent.vocabulary import DocumentInvalid, InputError, parse_yaml

_SETTINGS = "agency.yaml"
_MARK = "assent agency v1"
_FIELDS = {"format", "agency", "review_policy", "rulebook"}
_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFolder:
    """What an agency's folder says; policy and rulebook are names, or paths."""

    folder: Path
    agency: str
    review_policy: str
    rulebook: str

    @property
    def root(self) -> Path:
        """The root of trust that the agency started from."""
        return self.folder / "root.json"

    @property
    def service_keys(self) -> Path:
        """The file of its machines' keys."""
        return self.folder / "service-keys"

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
    def public(self) -> Path:
        """The folder of what else is served."""
        return self.folder / "public"


def finish_agency_folder(place: AgencyFolder) -> None:
    """Make a folder an agency's, once all else is there.

    Raises:
        InputError: if it is one already.
        StoreUnavailable: if the disk refuses.

    """
    settings = {
        "format": _MARK,
        "agency": place.agency,
        "review_policy": place.review_policy,
        "rulebook": place.rulebook,
    }
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    make_folder(place.public, 0o777)
    try:
        write_durably(place.folder / _SETTINGS, text.encode(), _MODE, replaces=False)
    except FileExistsError:
        raise InputError(
            f"{place.folder} holds an agency already.",
            remedy="Use it as it is, or make the new one in another folder.",
        ) from None


def open_agency_folder(folder: Path) -> AgencyFolder:
    """Return what an agency's folder says.

    Raises:
        NotFound: if there is no agency in it.
        DocumentInvalid: if the file is not as `init` wrote it.

    """
    value: Any = parse_yaml(read_text(folder / _SETTINGS)).value
    if (
        not isinstance(value, dict)
        or value.keys() != _FIELDS
        or value["format"] != _MARK
        or not all(isinstance(item, str) for item in value.values())
    ):
        raise DocumentInvalid(
            f"{folder / _SETTINGS} does not describe an agency.",
            remedy=f"It states {', '.join(sorted(_FIELDS))}, as texts.",
        )
    return AgencyFolder(
        folder=folder,
        **{name: value[name] for name in _FIELDS - {"format"}},
    )
