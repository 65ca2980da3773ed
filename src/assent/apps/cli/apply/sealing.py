"""`assent apply seal | prove | open`: secret fields of a declaration, one by one.

application + fields -> sealed application, one's own disclosures, an age file for the
inspectors; application + disclosures -> what they open

Seal last: disclosures are bound to the digest of the application as it is handed in.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from assent.adapters.files import read_bytes, reader_beside
from assent.adapters.keys.age_files import AGE_BYTES_MAX, decrypt_with, encrypt_to
from assent.adapters.keys.held_keys import unlock_identity
from assent.adapters.packaged import RULEBOOKS, packaged_accelerators
from assent.apps.cli.apply.desk import (
    application_text,
    pointer_of,
    pointer_path,
    read_application,
    tell,
)
from assent.apps.cli.output.writing import SECRET, verify_new, write_new
from assent.apps.cli.states.key.screen import ask_passphrase
from assent.authorisation.application import (
    Application,
    application_of,
    summarise,
)
from assent.authorisation.application.sealing import (
    DisclosureFile,
    Opened,
    PathNotSealable,
    open_fields,
    parse_disclosure,
    parse_disclosure_file,
    seal,
)
from assent.authorisation.assessment import assess
from assent.authorisation.declaration import parse_declaration
from assent.rulebook import Rulebook
from assent.vocabulary import (
    AssentError,
    NotFound,
    Plain,
    Refused,
    canonical_bytes,
    parse_canonical,
)
from assent.vocabulary.documents import Path as FieldPath
from assent.wiring import runs as wiring

SALT_BYTES = 16
# Everybody must be able to tell which run it is, and that it is a declaration.
PUBLIC_FIELDS: tuple[FieldPath, ...] = (("assent",), ("run", "id"))
_VALUE_LENGTH_MAX = 2_000  # of a field on the screen


class AssessmentDiffers(Refused):
    """What was declared, opened and assessed again, gives something else."""


def seal_fields(
    file: Path,
    fields: Sequence[str],
    recipients: Mapping[str, str],
    out: Path,
    own: Path,
) -> None:
    """Seal fields of an application's declaration, and write all that opens them.

    Raises:
        InputError: if a file is there already, or a field cannot be sealed.

    """
    for_inspectors = own.with_name(f"{own.name}.age")
    verify_new(out, own, for_inspectors)
    application = read_application(file)
    declared = _declared(application)
    sealed = seal(
        declared,
        [_path_in(declared, field) for field in fields],
        iter(lambda: secrets.token_bytes(SALT_BYTES), None),
        public=PUBLIC_FIELDS,
    )
    result = application_of(replace(application, declaration=sealed.document).plain)
    texts = tuple(one.encoded for one in sealed.disclosures.values())
    disclosures = DisclosureFile(result.digest, texts).encoded
    encrypted = encrypt_to(disclosures, sorted(recipients.values()))
    write_new(own, disclosures, SECRET)  # first: without it nothing is ever proved
    write_new(for_inspectors, encrypted)
    write_new(out, application_text(result).encode())
    tell(
        f"Wrote {out}: {result.digest}, with {len(texts)} fields sealed.",
        f"Wrote {for_inspectors}, which {', '.join(sorted(recipients))} can open:"
        f" sha256:{sha256(encrypted).hexdigest()}",
        f"Wrote {own}: keep it secret, in two places. It proves what was declared.",
    )


def prove(file: Path, disclosures: Path, field: str, out: Path) -> None:
    """Write the disclosure of one field alone, with those that it is sealed inside.

    Raises:
        NotFound: if nothing in the file opens the field.

    """
    verify_new(out)
    application = read_application(file)
    given = parse_disclosure_file(read_bytes(disclosures, AGE_BYTES_MAX))
    opened = _open(application, given)
    wanted = field.rstrip("/")
    by_digest = {parse_disclosure(text).digest: text for text in given.disclosures}
    needed = {
        digest: pointer_of(path)
        for digest, path in opened.found.items()
        if wanted == pointer_of(path) or wanted.startswith(f"{pointer_of(path)}/")
    }
    if wanted not in needed.values():
        raise NotFound(
            f"Nothing in {disclosures} opens {field!r:.120} by itself.",
            remedy=f"It opens: {', '.join(_pointers(opened)) or 'nothing'}.",
        )
    alone = DisclosureFile(application.digest, tuple(by_digest[one] for one in needed))
    write_new(out, alone.encoded, SECRET)
    tell(f"Wrote {out}, which opens {', '.join(sorted(needed.values()))}.")


def show_opened(
    file: Path, disclosures: Path, identity: Path | None, passphrase_file: Path | None
) -> None:
    """Show what disclosures open; if all is open, assess it again and compare.

    Raises:
        NotAddressedToKey, PassphraseWrong: if the key does not open the file.
        AssessmentDiffers: if the assessment is not the one that is stated.
        AssentError: of another kind, if the disclosures are not the application's.

    """
    application = read_application(file)
    data = read_bytes(disclosures, AGE_BYTES_MAX)
    if identity is not None:
        secret = unlock_identity(identity, ask_passphrase(passphrase_file))
        data = decrypt_with(data, secret)
    opened = _open(application, parse_disclosure_file(data))
    tell(f"These disclosures are of the application {application.digest}.")
    for path in sorted(opened.found.values(), key=pointer_of):
        tell(f"  {pointer_of(path)}: {_shown(opened.document, path)}")
    for hidden in opened.hidden:
        tell(f"  sealed in {pointer_of(hidden.path) or '/'}: {hidden.digest}")
    if opened.hidden:
        tell("Not all is open, so the assessment cannot be repeated.")
        return
    _compare(application, opened, file)


def _declared(application: Application) -> dict[str, Any]:
    if application.declaration is None:
        raise NotFound(
            "The application has no declaration.", remedy="Declare the run first."
        )
    declared: dict[str, Any] = parse_canonical(canonical_bytes(application.declaration))
    return declared


def _open(application: Application, given: DisclosureFile) -> Opened:
    given.verify_is_for(application.digest)
    return open_fields(_declared(application), given.disclosures)


def _path_in(document: object, field: str) -> FieldPath:
    """Return the path that a JSON Pointer names in a document, places as numbers."""
    path: list[str | int] = []
    holder: Any = document
    for part in pointer_path(field):
        is_place = isinstance(holder, list) and part.isascii() and part.isdigit()
        key = int(part) if is_place and len(part) < 10 else part  # noqa: PLR2004 - no list is longer
        try:
            holder = holder[key]
        except (KeyError, IndexError, TypeError):
            raise PathNotSealable(
                f"The declaration has no field {field!r:.120}.",
                remedy="Name a field that is there, as /training/0/training_tokens.",
            ) from None
        path.append(key)
    return tuple(path)


def _pointers(opened: Opened) -> list[str]:
    return sorted(pointer_of(path) for path in opened.found.values())


def _shown(document: Any, path: FieldPath) -> str:  # noqa: ANN401 - walks plain values of any shape
    """Return a field's value; places after a hidden element may have moved."""
    value = document
    try:
        for part in path:
            value = value[part]
    except (KeyError, IndexError, TypeError):
        return "opened; its place moved, for elements before it are sealed"
    return json.dumps(value, ensure_ascii=False)[:_VALUE_LENGTH_MAX]


def _compare(application: Application, opened: Opened, file: Path) -> None:
    stated = application.plain["assessment"]
    summary = application.assessment
    if summary is None:
        tell("The application states no assessment.")
        return
    declaration = parse_declaration(
        json.dumps(opened.document), packaged_accelerators(), reader_beside(file)
    )
    rulebook = _rulebook(summary.rulebook_hash)
    if rulebook is None:
        tell(f"No rulebook here is {summary.rulebook_hash}: nothing to compare with.")
        return
    on = date.fromisoformat(summary.on)
    found: dict[str, Plain] = summarise(assess(declaration, rulebook, on))
    if canonical_bytes(found) != canonical_bytes(stated):
        raise AssessmentDiffers(
            f"Assessed again, the run takes {found['flop_low']} to"
            f" {found['flop_high']} FLOP ({found['digest']}); the application states"
            f" {summary.flop_low} to {summary.flop_high} ({summary.digest}).",
            remedy="Ask the applicant; another version of assent may count otherwise.",
        )
    tell(
        "Everything is open. Assessed again it comes to the same:"
        f" {summary.flop_low} to {summary.flop_high} FLOP, {summary.digest}."
    )


def _rulebook(rulebook_hash: str) -> Rulebook | None:
    for name in RULEBOOKS:
        try:
            rulebook = wiring.load_rulebook_named(name)
        except AssentError:
            continue
        if rulebook.hash.removeprefix("sha256:") == rulebook_hash.removeprefix(
            "sha256:"
        ):
            return rulebook
    return None
