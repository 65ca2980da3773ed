"""A signed tree head: the note in which a log and its witnesses vouch for its entries.

bytes + keys + origin -> SignedTreeHead, believed; TreeHead + keys + time -> signed

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

`verify_tree_head` is the one way to believe a log, `cosigners_of` the one way to count
its witnesses. A line by a key that nobody named is ignored; a line that claims to be by
a known key and is not makes the whole note unbelievable.
"""  # noqa: E501 - the literal is the format

from collections.abc import Iterable
from dataclasses import dataclass

from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    TreeHeadMalformed,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.cosignature import cosign, verify_cosignature
from assent.translog.formats.keys import KeyKind, SigningKey, VerifierKey
from assent.translog.formats.note import Note, SignatureLine, parse_note
from assent.translog.formats.tree_head import TreeHead, parse_tree_head
from assent.translog.merkle import EMPTY_ROOT
from assent.vocabulary import SignatureInvalid
from assent.vocabulary.signatures import verify_ed25519


@dataclass(frozen=True, slots=True)
class SignedTreeHead:
    """A tree head and the note that it was read from or is signed in."""

    head: TreeHead
    note: Note

    @property
    def encoded(self) -> bytes:
        """Return the whole note."""
        return self.note.encoded

    def with_signatures(self, *lines: SignatureLine) -> "SignedTreeHead":
        """Return the same tree head with more signature lines, each once."""
        return SignedTreeHead(self.head, self.note.with_signatures(*lines))


def sign_tree_head(
    head: TreeHead, keys: Iterable[SigningKey], time_s: int
) -> SignedTreeHead:
    """Return the tree head signed by each of the log's keys.

    `time_s` is what keys for cosignatures state as the time, in POSIX seconds.
    """
    lines = [
        SignatureLine(key.name, key.verifier.key_id, key.sign(head.text.encode()))
        if key.kind is KeyKind.ED25519
        else cosign(head, key, time_s)
        for key in keys
    ]
    return SignedTreeHead(head, Note(head.text, tuple(lines)))


def parse_signed_head(data: bytes) -> SignedTreeHead:
    """Return the tree head in a signed note, believing none of it yet.

    Raises:
        NoteMalformed: if the bytes are no signed note.
        TreeHeadMalformed: if the note's text is no tree head.

    """
    note = parse_note(data)
    return SignedTreeHead(parse_tree_head(note.text), note)


def verify_tree_head(
    data: bytes, *, origin: str, log_keys: Iterable[VerifierKey]
) -> SignedTreeHead:
    """Return the tree head in a note, believed to be the log's.

    Args:
        data: the whole note.
        origin: the log that was asked about.
        log_keys: the keys that are trusted for it; one must have signed.

    Raises:
        NoteMalformed, TreeHeadMalformed: if it is no tree head.
        WrongOrigin: if it is another log's.
        TreeHeadUnsigned: if none of the keys signed it.
        SignatureInvalid: if one of them seems to have, and has not.

    """
    signed = parse_signed_head(data)
    if signed.head.origin != origin:
        raise WrongOrigin(
            f"This tree head is of {signed.head.origin!r}, not of {origin!r}.",
            remedy="Check the address of the log and the policy that names it.",
        )
    if not log_keys_that_signed(signed, log_keys):
        raise TreeHeadUnsigned(
            f"No trusted key of {origin} signed this tree head.",
            remedy="Check the log's verifier key in the policy.",
        )
    if signed.head.size == 0 and signed.head.root != EMPTY_ROOT:
        raise TreeHeadMalformed(
            f"The tree head of {origin} has no entries, and the root hash of some.",
            remedy="Tell the log's operator; do not rely on this log until mended.",
        )
    return signed


def log_keys_that_signed(
    signed: SignedTreeHead, log_keys: Iterable[VerifierKey]
) -> list[VerifierKey]:
    """Return which keys of the log signed the whole text.

    ML-DSA-44 does not cover extension lines, so anybody could add some: where there are
    any, an Ed25519 key must have signed, or nobody has.

    Raises:
        SignatureInvalid: if a line claims to be by one of them, and is not.

    """
    found: list[VerifierKey] = []
    for key in log_keys:
        lines = [line for line in signed.note.signatures if line.is_by(key)]
        for line in lines:
            _verify_log_signature(signed, key, line)
        if lines:
            found.append(key)
    covers_all = any(key.kind is KeyKind.ED25519 for key in found)
    return found if covers_all or not signed.head.extensions else []


def cosigners_of(
    signed: SignedTreeHead, witness_keys: Iterable[VerifierKey]
) -> dict[VerifierKey, int]:
    """Return which witnesses cosigned, and when by their clocks, in POSIX seconds.

    Of several cosignatures by one witness the latest counts.

    Raises:
        CosignatureMalformed, CosignatureInvalid: if a line claims to be by one of the
            witnesses, and is not its cosignature of this very tree head.

    """
    found: dict[VerifierKey, int] = {}
    for key in witness_keys:
        for line in signed.note.signatures:
            if line.is_by(key):
                time_s = verify_cosignature(signed.head, key, line)
                found[key] = max(time_s, found.get(key, 0))
    return found


def _verify_log_signature(
    signed: SignedTreeHead, key: VerifierKey, line: SignatureLine
) -> None:
    if key.kind is KeyKind.ED25519:
        verify_ed25519(key.public_key, line.signature, signed.note.signed_bytes)
        return
    try:
        verify_cosignature(signed.head, key, line)
    except (CosignatureInvalid, CosignatureMalformed) as error:
        raise SignatureInvalid(error.message, remedy=error.remedy) from None
