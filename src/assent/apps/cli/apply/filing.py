"""`assent apply submit | amend | answer | withdraw | clone | appeal`, in an agency.

application file + documents + who acts -> a case's events
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from assent.adapters.documents import DOCUMENT_BYTES_MAX
from assent.adapters.files import read_bytes
from assent.apps.cli.apply.attaching import evidence_for
from assent.apps.cli.apply.desk import (
    Desk,
    application_text,
    desk,
    read_application,
    tell,
    verify_series,
)
from assent.apps.cli.output.writing import verify_new, write_new
from assent.authorisation import application as stage
from assent.authorisation.application import (
    Application,
    ApplicationCase,
    Evidence,
    fold,
)
from assent.authorisation.secretariat import amend_application, file_application
from assent.translog.errors import DocumentDamaged
from assent.vocabulary import InputError, NotAllowed, NotFound

_SPELT_OTHERWISE = re.compile(r"[^A-Za-z0-9._-]+")
_ROLE_ANSWER = "answer"


class EvidenceMissing(NotAllowed):
    """The application names documents that nobody handed in."""


def submit(agency: Path, file: Path, documents: Sequence[Path], actor: str) -> None:
    """Put an application before the agency, and print its case.

    Raises:
        ApplicationIncomplete: if something is missing.
        EvidenceMissing: if documents are.
        InputError: if a document is none of the application's.

    """
    application = read_application(file)
    with desk(agency) as at:
        _hand_in(at, application.evidence, documents)
        case_id = file_application(at.office, application, actor, at.time)
    tell(case_id)


def amend(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    case_id: str,
    file: Path,
    reason: str,
    documents: Sequence[Path],
    actor: str,
) -> None:
    """Hand in a new version of an application, and print what changed."""
    verify_series(case_id, stage.SERIES)
    application = read_application(file)
    with desk(agency) as at:
        before = fold(at.office.read(case_id))
        before.verify_takes(stage.Kind.AMENDED)
        _hand_in(at, application.evidence, documents)
        case = amend_application(
            at.office, case_id, application, reason, actor, at.time
        )
    newest = case.versions[-1]
    tell(f"{case_id} is at version {newest.number}:")
    tell(*(f"  {change.text}" for change in newest.changes))
    if before.state is stage.State.PUT_TO_VOTE:
        tell(
            "The vote on it has ended: it is under review again, and its votes count"
            " no more."
        )


def answer(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    case_id: str,
    request_id: str,
    text: str,
    documents: Sequence[Path],
    actor: str,
) -> None:
    """Answer a request for information, with documents that the case did not have."""
    verify_series(case_id, stage.SERIES)
    with desk(agency) as at:
        case = fold(at.office.read(case_id))
        case.verify_takes(stage.Kind.INFORMATION_PROVIDED)
        case.request(request_id)
        ids = [_add(at, case_id, path, actor) for path in documents]
        case = at.office.on_application(
            case_id,
            lambda case: stage.provide_information(
                case, request_id, text, ids, actor=actor, now=at.time
            ),
        )
    left = ", ".join(one.request_id for one in case.open_requests)
    tell(f"{case_id} is {case.state}; open requests: {left or 'none'}.")


def withdraw(agency: Path, case_id: str, reason: str, actor: str) -> None:
    """Take an application back."""
    verify_series(case_id, stage.SERIES)
    with desk(agency) as at:
        case = at.office.on_application(
            case_id,
            lambda case: stage.withdraw(case, reason, actor=actor, now=at.time),
        )
    tell(f"{case_id} is {case.state}.")


def clone(agency: Path, case_id: str, out: Path) -> None:
    """Write a case's newest document to a file, to begin another application with."""
    verify_series(case_id, stage.SERIES)
    verify_new(out)
    with desk(agency) as at:
        copied = _cloned(fold(at.office.read(case_id)))
    write_new(out, application_text(copied).encode())
    tell(f"Wrote {out}, a copy of {case_id}. Look at dates and key, then submit it.")


def appeal(
    agency: Path, case_id: str, grounds: str, evidence: Sequence[str], actor: str
) -> None:
    """Appeal against a refusal."""
    verify_series(case_id, stage.SERIES)
    with desk(agency) as at:
        case = at.office.on_application(
            case_id,
            lambda case: stage.appeal(
                case,
                grounds,
                evidence,
                treaty=at.office.treaty,
                actor=actor,
                now=at.time,
            ),
        )
    tell(f"{case_id} is {case.state}.")


def _cloned(case: ApplicationCase) -> Application:
    return replace(case.application, cloned_from=case.case_id)


def _hand_in(at: Desk, named: Iterable[Evidence], documents: Sequence[Path]) -> None:
    """Store the documents that an application names, and see that none is missing."""
    by_digest = {one.digest: one for one in named}
    contents = {path: read_bytes(path, DOCUMENT_BYTES_MAX) for path in documents}
    for path, data in contents.items():
        if _digest(data) not in by_digest:
            raise InputError(
                f"{path} is not named by the application: its digest is"
                f" {_digest(data)}.",
                remedy="It changed, or was never added with `assent apply evidence`.",
            )
    handed_in = {_digest(data) for data in contents.values()}
    lost = [
        one.id
        for digest, one in by_digest.items()
        if digest not in handed_in and not _has(at, digest)
    ]
    if lost:
        raise EvidenceMissing(
            f"Nobody handed in these documents: {', '.join(lost)}.",
            remedy="Give each with --document; a sealed one as its .age file.",
        )
    for data in contents.values():
        at.office.records.put(data)


def _has(at: Desk, digest: str) -> bool:
    try:
        at.office.records.get(digest)
    except (NotFound, DocumentDamaged):
        return False
    return True


def _add(at: Desk, case_id: str, path: Path, actor: str) -> str:
    """Add a document to a case under a name made of its file's; return the name.

    One that the case has already keeps the name that it has.
    """
    data = read_bytes(path, DOCUMENT_BYTES_MAX)
    for known in fold(at.office.read(case_id)).evidence.values():
        if known.digest == _digest(data):
            at.office.records.put(data)
            return known.id
    name = _SPELT_OTHERWISE.sub("-", path.name).strip("-._")[:100] or "document"
    document = evidence_for(name, path.name, _ROLE_ANSWER, data, path.name)
    at.office.records.put(data)
    add = partial(stage.add_document, document=document, actor=actor, now=at.time)
    at.office.on_application(case_id, add)
    return name


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"
