"""`assent apply evidence`: a document's digest into an application's file.

application file + document -> the file with one more piece of evidence

The file's comments stay. A sealed document is encrypted first, and its digest is that
of the encrypted copy, which lies beside the application and is what is handed in.
"""

import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from assent.adapters.documents import DOCUMENT_BYTES_MAX
from assent.adapters.files import read_bytes, read_text, write_text
from assent.adapters.keys.age_files import encrypt_to
from assent.apps.cli.apply.desk import desk, read_application, tell
from assent.apps.cli.output.writing import verify_new, write_new
from assent.authorisation.application import (
    Application,
    Evidence,
    evidence_of,
    parse_application,
)
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    InputError,
    canonical_bytes,
    parse_canonical,
)

_KEY = re.compile(r"^evidence:[ \t]*(\[\]|null|~)?[ \t]*(#.*)?$", re.MULTILINE)
_FIRST = re.compile(r"\n((?:[ \t]*#.*\n|[ \t]*\n)*)([ ]*)- ")
_MARGIN = "  "
_ANY_TYPE = "application/octet-stream"


def attach(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: Path,
    evidence_id: str,
    title: str,
    role: str,
    document: Path,
    recipients: Mapping[str, str] | None,
    dated: date | None,
) -> None:
    """Add a document to an application's evidence.

    Args:
        file: the application, which is written again.
        evidence_id: by which the application's parts refer to the document.
        title: what people call it.
        role: what it is for.
        document: the file.
        recipients: of a sealed document, each inspector's `age1…`; None if it is open.
        dated: the day that the document is of; None if that is the day it is handed in.

    Raises:
        InputError: if the id is taken, or the file cannot be changed in place.

    """
    application = read_application(file)
    if evidence_id in {one.id for one in application.evidence}:
        raise InputError(
            f"The application has a document {evidence_id!r:.100} already.",
            remedy="Give the new document an id of its own.",
        )
    data = read_bytes(document, DOCUMENT_BYTES_MAX)
    sealed = file.parent / f"{document.name}.age"
    if recipients is not None:
        verify_new(sealed)
        data = encrypt_to(data, sorted(recipients.values()))
    name = document.name
    added = evidence_for(evidence_id, title, role, data, name, recipients, dated)
    text = _verified(read_text(file), application, added, file)
    if recipients is not None:
        write_new(sealed, data)
        tell(f"Wrote {sealed}, which {', '.join(sorted(recipients))} can open.")
    write_text(file, text)
    tell(f"{file} names {evidence_id} by {added.digest}.")


def evidence_for(  # noqa: PLR0913, PLR0917 - what a reference is made of
    evidence_id: str,
    title: str,
    role: str,
    data: bytes,
    name: str,
    recipients: Mapping[str, str] | None = None,
    dated: date | None = None,
) -> Evidence:
    """Return the reference to a document; `data` is what is handed in.

    Raises:
        DocumentInvalid: if a field cannot be written down.

    """
    is_sealed = recipients is not None
    guessed = mimetypes.guess_type(name)[0]
    media_type = _ANY_TYPE if is_sealed or guessed is None else guessed
    return evidence_of(
        {
            "id": evidence_id,
            "title": title,
            "role": role,
            "digest": f"sha256:{sha256(data).hexdigest()}",
            "media_type": media_type,
            "size_bytes": len(data),
            "is_sealed": is_sealed,
            "visible_to": sorted(recipients or ()),
            "dated": None if dated is None else dated.isoformat(),
        }
    )


def recipients_of(
    names: Sequence[str], agency: Path | None, given: Sequence[str]
) -> dict[str, str]:
    """Return each inspector's public key: from the treaty, or as it is given.

    Raises:
        InputError: if nobody is named, or it does not say to which keys.
        DocumentInvalid: if the treaty has no such inspector in office.

    """
    if not names or (agency is None) == (not given):
        raise InputError(
            "It must be said who can open it, and by which keys.",
            remedy="Give --to NAME, and either --agency FOLDER or --recipient age1….",
        )
    if agency is None:
        if len(names) != len(given) or len(set(names)) != len(names):
            raise InputError(
                f"{len(names)} inspectors and {len(given)} recipients were given.",
                remedy="Give one --recipient for each --to, in the same order.",
            )
        return dict(zip(names, given, strict=True))
    with desk(agency) as found:
        inspectors, time = found.office.treaty.inspectors, found.time
    for name in names:
        if name not in inspectors or not inspectors[name].is_in_office(time):
            known = ", ".join(n for n, i in inspectors.items() if i.is_in_office(time))
            raise DocumentInvalid(
                f"The treaty has no inspector {name!r:.100} in office.",
                remedy=f"Name one of: {known or 'nobody is in office'}.",
            )
    return {name: inspectors[name].recipient for name in names}


def _verified(text: str, application: Application, added: Evidence, file: Path) -> str:
    """Return the file's new text, once it says what it should and nothing else."""
    changed = _with_evidence(text, added)
    expected = replace(application, evidence=(added, *application.evidence))
    if _differs(changed, expected.plain):
        raise InputError(
            f"{file} is written in a way that cannot be added to in place.",
            remedy="Put this under evidence by hand:"
            f" {canonical_bytes(added.plain).decode()}",
        )
    return changed


def _with_evidence(text: str, added: Evidence) -> str:
    """Return a file's text with a document at the head of its evidence."""
    if text.lstrip().startswith("{"):
        value = json.loads(text)
        value["evidence"] = [added.plain, *(value.get("evidence") or [])]
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    found = _KEY.search(text)
    if found is None:
        return f"{text.rstrip()}\n\nevidence:\n{_item(added, _MARGIN)}"
    head, tail = text[: found.start()], text[found.end() :]
    first = _FIRST.match(tail)
    margin = _MARGIN if found[1] or first is None else first[2]
    comment = f"  {found[2]}" if found[2] else ""
    return (
        f"{head}evidence:{comment}\n{_item(added, margin)}{tail.removeprefix(chr(10))}"
    )


def _item(added: Evidence, margin: str) -> str:
    fields = parse_canonical(canonical_bytes(added.plain))
    lines = [
        f"{name}: {json.dumps(fields[name], ensure_ascii=False)}"
        for name in added.plain
    ]
    return f"{margin}- " + f"\n{margin}  ".join(lines) + "\n"


def _differs(text: str, expected: object) -> bool:
    try:
        return parse_application(text).plain != expected
    except AssentError:
        return True
