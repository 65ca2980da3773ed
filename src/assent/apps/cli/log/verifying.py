"""`assent log verify | evidence`: offline, from one file and a policy.

proof -> the entry and who vouches for it; evidence -> how a log contradicted itself
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.translog.folder import read_policy
from assent.apps.cli.log.output import utc, write_lines
from assent.translog.entry import Entry, parse_entry
from assent.translog.errors import EntryInvalid, ProofInvalid
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.proof import PROOF_BYTES_MAX
from assent.translog.formats.tiles import ENTRY_BYTES_MAX
from assent.translog.split_view import EVIDENCE_BYTES_MAX, verify_evidence
from assent.translog.verify import VerifiedEntry, verify_proof
from assent.vocabulary import NotFound

NOT_SHOWN = (
    "This does not show that the entry is true, nor that no later entry revokes it."
)


def verify(  # noqa: PLR0913 - what the command may be asked
    proof: Path,
    policy: Path,
    entry: Path | None,
    documents: Sequence[Path],
    expected: Mapping[str, str | None],
    *,
    as_json: bool,
) -> None:
    """Verify a proof, that the entry is as expected, and that documents are its own."""
    verified = verify_proof(
        read_bytes(proof, PROOF_BYTES_MAX),
        read_policy(policy),
        entry=None if entry is None else read_bytes(entry, ENTRY_BYTES_MAX),
    )
    try:
        official = parse_entry(verified.entry)
    except EntryInvalid:
        official = None
    _check_expected(official, expected)
    roles = {str(path): _role_of(path, official) for path in documents}
    if as_json:
        json.dump(_document(verified, roles), sys.stdout, indent=1, ensure_ascii=False)
        write_lines("")
        return
    write_lines(
        f"IN THE LOG {verified.head.origin}, entry {verified.index} of"
        f" {verified.head.size}",
        *_entry_lines(verified.entry, official),
        *(f"document   {path} is its {role}" for path, role in roles.items()),
        *_witness_lines(verified),
        NOT_SHOWN,
    )


def evidence(path: Path, policy: Path) -> None:
    """Say what evidence of a split view shows."""
    known = read_policy(policy)
    facts = verify_evidence(
        read_bytes(path, EVIDENCE_BYTES_MAX),
        [log.key for log in known.logs],
        [witness.key for witness in known.witnesses],
    )
    smaller, larger = facts.smaller.head, facts.larger.head
    both = ", ".join(key.name for key in facts.cosigners_of_both) or "none"
    write_lines(
        f"SPLIT VIEW: {facts.origin} signed two histories",
        f"tree head of {smaller.size} entries: root {encode_base64(smaller.root)}",
        f"tree head of {larger.size} entries: root {encode_base64(larger.root)}",
        f"its first {smaller.size} entries have: {encode_base64(facts.root_in_larger)}",
        f"witnesses that cosigned both: {both}",
        "This shows that a holder of the log's key signed both. It does not show to"
        " whom each was given, nor which of them is true.",
    )


def _check_expected(entry: Entry | None, expected: Mapping[str, str | None]) -> None:
    for name, value in expected.items():
        found = getattr(entry, name, None)
        if value is not None and found != value:
            raise ProofInvalid(
                f"The entry is in the log, but its {name} is {found!r}, not {value!r}.",
                remedy="Ask for the proof of the entry that you were promised.",
            )


def _witness_lines(verified: VerifiedEntry) -> list[str]:
    if not verified.cosigners:
        return ["WITNESSED BY NOBODY: this policy asks for no witness"]
    return [f"witnessed  {utc(t)} by {name}" for name, t in verified.cosigners.items()]


def _role_of(path: Path, entry: Entry | None) -> str:
    try:
        with path.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Check the path and its permissions.",
        ) from None
    for role, document in entry.documents.items() if entry else ():
        if document.digest == digest:
            return role
    raise ProofInvalid(
        f"The entry names no document with the digest of {path} ({digest}).",
        remedy="Ask for the document that was logged; this is another, or was changed.",
    )


def _entry_lines(data: bytes, entry: Entry | None) -> list[str]:
    if entry is None:
        return [f"foreign entry of {len(data)} bytes; the log takes any bytes"]
    fields = {
        "kind": entry.kind,
        "subject": entry.subject,
        "time": entry.time.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "party": entry.party,
        "developer": entry.developer,
        **entry.metadata,
    }
    width = max(10, *(len(name) for name in fields))
    return [f"{name:{width}} {value}" for name, value in fields.items() if value]


def _document(verified: VerifiedEntry, roles: dict[str, str]) -> dict[str, object]:
    return {
        "verified": True,
        "log": verified.head.origin,
        "index": verified.index,
        "tree_size": verified.head.size,
        "root_hash": encode_base64(verified.head.root),
        "entry": encode_base64(verified.entry),
        "documents": roles,
        "witnesses": {name: utc(time) for name, time in verified.cosigners.items()},
        "not_shown": NOT_SHOWN,
    }
