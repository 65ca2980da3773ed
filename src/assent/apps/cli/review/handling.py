"""`assent review start | request | withdraw-request | note | disclosed`.

case + what an officer says + who acts -> a case's events
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assent.adapters.files import read_bytes
from assent.adapters.keys.age_files import AGE_BYTES_MAX, AgeFileInvalid
from assent.apps.cli.apply.desk import (
    Desk,
    desk,
    pointer_of,
    pointer_path,
    tell,
    verify_series,
)
from assent.authorisation import application as stage
from assent.authorisation.application import Application, ApplicationCase, fold
from assent.authorisation.application.sealing import open_fields
from assent.authorisation.docket import Event
from assent.vocabulary import NotAllowed, canonical_bytes, parse_canonical


class FieldNotSealed(NotAllowed):
    """What is said to be disclosed lies open, or nowhere, in the application."""


_AGE_LINE = b"age-encryption.org/v1\n"
Verb = Callable[[ApplicationCase, Desk], Sequence[Event]]


def start(agency: Path, case_id: str, actor: str) -> None:
    """Take an application up."""
    _act(
        agency,
        case_id,
        lambda case, at: stage.start_review(case, actor, actor=actor, now=at.time),
    )


def request(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path, case_id: str, request_id: str, question: str, days: int, actor: str
) -> None:
    """Ask the applicant."""
    case = _act(
        agency,
        case_id,
        lambda case, at: stage.request_information(
            case,
            request_id,
            question,
            answer_working_days=days,
            treaty=at.office.treaty,
            actor=actor,
            now=at.time,
        ),
    )
    tell(f"The answer is due by {case.requests[request_id].due}.")


def withdraw_request(
    agency: Path, case_id: str, request_id: str, reason: str, actor: str
) -> None:
    """Ask no longer."""
    _act(
        agency,
        case_id,
        lambda case, at: stage.withdraw_request(
            case, request_id, reason, actor=actor, now=at.time
        ),
    )


def note(
    agency: Path,
    case_id: str,
    text: str,
    actor: str,
    *,
    is_visible_to_applicant: bool,
) -> None:
    """Put down a remark."""
    _act(
        agency,
        case_id,
        lambda case, at: stage.add_note(
            case,
            text,
            actor=actor,
            now=at.time,
            is_visible_to_applicant=is_visible_to_applicant,
        ),
    )


def disclosed(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    case_id: str,
    inspector: str,
    file: Path,
    fields: Sequence[str],
    actor: str,
) -> None:
    """Store an encrypted file of disclosures, and record for whom it is.

    Raises:
        AgeFileInvalid: if it is not encrypted: a case is no place for open secrets.
        DocumentInvalid: if a field is no JSON Pointer.
        FieldNotSealed: if nothing can be sealed there in the application.

    """
    data = read_bytes(file, AGE_BYTES_MAX)
    if not data.startswith(_AGE_LINE):
        raise AgeFileInvalid(
            f"{file} is not encrypted with age.",
            remedy="Give the .age file; open disclosures stay with the applicant.",
        )
    wanted = {field: pointer_path(field) for field in fields}

    def record(case: ApplicationCase, at: Desk) -> Sequence[Event]:
        case.verify_takes(stage.Kind.DISCLOSED)
        for field, path in wanted.items():
            _verify_sealed(case.application, field, path)
        return stage.disclose(
            case,
            inspector,
            at.office.records.put(data),
            fields,
            treaty=at.office.treaty,
            actor=actor,
            now=at.time,
        )

    _act(agency, case_id, record)


def _verify_sealed(application: Application, field: str, path: tuple[str, ...]) -> None:
    """Check that a field can be among those that are sealed in an application.

    The names of sealed fields are not shown, only what they are sealed in. Places in a
    list move when an element before them is sealed, so any place in such a list does.
    """
    declared = parse_canonical(canonical_bytes(application.declaration or {}))
    opened = open_fields(declared, ())
    holders = {tuple(map(str, one.path)) for one in opened.hidden}
    known: Any = opened.document
    found = 0
    for part in path:
        is_list = isinstance(known, list)
        if is_list and path[:found] in holders:
            return
        try:
            known = known[int(part)] if is_list else known[part]
        except (KeyError, IndexError, TypeError, ValueError):
            break
        found += 1
    is_sealed_inside = any(holder[: len(path)] == path for holder in holders)
    if is_sealed_inside or (found < len(path) and path[:found] in holders):
        return
    places = sorted(pointer_of(holder) or "/" for holder in holders)
    raise FieldNotSealed(
        f"{field!r:.120} is not sealed in the application.",
        remedy=f"Fields are sealed in: {', '.join(places) or 'none'}.",
    )


def _act(agency: Path, case_id: str, verb: Verb) -> ApplicationCase:
    verify_series(case_id, stage.SERIES)
    with desk(agency) as at:
        case = fold(at.office.act(case_id, lambda events: list(verb(fold(events), at))))
    tell(f"{case_id} is {case.state}.")
    return case
