"""What the commands on applications share: reading, showing, the agency's office.

file -> Application; folder -> Desk: an office and the time; foreign text -> lines

Every text that is shown may come from an enemy: what cannot be seen is written out.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from assent.adapters.files import read_text
from assent.apps.cli.output.visible import visible
from assent.authorisation.application import Application, parse_application
from assent.authorisation.secretariat import Office
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    NotFound,
)
from assent.wiring.agency import now, open_agency

_WIDTH = 1_000_000  # so that no value is folded over lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An agency's office, and the time at which something is done there."""

    office: Office
    time: datetime


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """Yield the office of the agency in a folder.

    Raises:
        NotFound: if there is no agency.
        AssentError: of another kind, if a part of it cannot be used.

    """
    time = now()
    with open_agency(folder, at=time) as agency:
        yield Desk(office=agency.office, time=time)


def read_application(path: Path) -> Application:
    """Return the application in a file; what is wrong is said with the file's name.

    Raises:
        NotFound: if it cannot be read.
        DocumentInvalid, DocumentTooLarge: if it is none.

    """
    text = read_text(path)
    try:
        return parse_application(text)
    except AssentError as error:
        error.message = visible(f"{path}: ") + error.message
        raise


def application_text(application: Application) -> str:
    """Return an application as YAML, all fields, without comments."""
    return yaml_text(json.loads(json.dumps(application.plain)))


def yaml_text(value: object) -> str:
    """Return plain values as YAML in blocks."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return str(text)


def verify_series(case_id: str, series: str) -> None:
    """Refuse a case of another kind before its events are read as what they are not.

    Raises:
        NotFound: if its name is of another series.

    """
    if not case_id.startswith(f"{series}-"):
        raise NotFound(
            f"{case_id!r:.80} is no {series}.",
            remedy=f"Name a case such as {series}-2026-0001.",
        )


def pointer_path(pointer: str) -> tuple[str, ...]:
    """Return the parts of a JSON Pointer (RFC 6901), numbers as texts.

    Raises:
        DocumentInvalid: if it is none, or names the whole document.

    """
    if not pointer.startswith("/"):
        raise DocumentInvalid(
            f"{pointer!r:.120} is no path of a field.",
            remedy="Write it as a JSON Pointer, such as /training/0/training_tokens.",
        )
    parts = pointer[1:].split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def pointer_of(path: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer of a path."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def tell(*lines: str) -> None:
    """Print lines, each a line whatever is in it."""
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)


def indented(text: str, by: str = "  ") -> list[str]:
    """Return a text of several lines, each behind a margin that no text can leave."""
    return [f"{by}{line}" for line in text.split("\n")]
