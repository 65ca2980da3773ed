r"""Evidence of a split view: two tree heads of one log that cannot belong together.

two signed tree heads + the tree of the larger -> evidence; evidence + keys -> facts

A file that anybody verifies offline with the log's key. With that of
log.example/a+870806f8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c, for example:

    {"format":"assent-split-view/1","larger":"log.example/a\n3\nW9dsJfsm69vKg3EIKs2fVUD2BAlw0MEZ7c8upE5Pe9Y=\n\n— log.example/a hwgG+JuQg6lfab59SorwUAtS6QqlQYVMsEz5xPk6EWi1ou7NhiNozT0FiEC/nnB8VTlBFE9SkG/lLDuD2bFWL/bgSQk=\n","proof":["ekeld1QsFu9xO4OjEtnHaUa71GSw6UpaxOMKQP885aI="],"root_in_larger":"DMTgoQWtRHGomdUbPlCgJF1puNOVIKPnC+TP4d/CFFw=","smaller":"log.example/a\n2\nT1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=\n\n— log.example/a hwgG+GXxfMKVWV+Ye1+rTSEandGPLMAeaIEA7PT3t9ITyS1BYbk+2duqB/GvBit4HOvTjulvwoWlzx/3CVX/lT7pawI=\n"}

The proof is a consistency proof: it shows which root the first entries of the larger
tree have. If that is not the root that was signed for as many entries, no history holds
both. Two heads of one size need no proof. `history` makes evidence; `assent log evidence`
verifies it.

It shows that whoever holds the log's key signed both. It does not show who was deceived,
nor whether the key was stolen, nor which of the two histories is the honest one.
"""  # noqa: E501 - the literal is the format

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    EvidenceInvalid,
    EvidenceMalformed,
    LogRefused,
    NoteMalformed,
    ProofInvalid,
    TreeHeadMalformed,
)
from assent.translog.formats.cosignature import verify_cosignature
from assent.translog.formats.encoding import decode_base64, encode_base64
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    log_keys_that_signed,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.merkle import HASH_BYTES, verify_consistency
from assent.vocabulary import (
    AssentError,
    SignatureInvalid,
    canonical_bytes,
    parse_json,
)

FORMAT = "assent-split-view/1"
FILE_SUFFIX = ".split-view"
PROOF_HASHES_MAX = 64  # a tree has at most 63 levels
_FIELDS = {"format", "larger", "proof", "root_in_larger", "smaller"}
_HASH_TEXT = encode_base64(bytes(HASH_BYTES))
# The largest that can be made: two notes as long as may be, all of characters that JSON
# writes as two bytes (quotes, backslashes, newlines), and the longest proof. A log must
# not get away with two histories by signing notes that make the evidence too long.
EVIDENCE_BYTES_MAX = 2 * 2 * NOTE_BYTES_MAX + len(
    canonical_bytes(
        {
            "format": FORMAT,
            "larger": "",
            "proof": [_HASH_TEXT] * PROOF_HASHES_MAX,
            "root_in_larger": _HASH_TEXT,
            "smaller": "",
        }
    )
)
_REMEDY = "Ask whoever gave it for the file as it was made; it proves nothing so."


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two tree heads as they were signed, and what proves that they contradict."""

    smaller: SignedTreeHead
    larger: SignedTreeHead
    root_in_larger: bytes
    proof: tuple[bytes, ...]

    @property
    def encoded(self) -> bytes:
        """Return the file."""
        return canonical_bytes(
            {
                "format": FORMAT,
                "larger": self.larger.encoded.decode(),
                "proof": [encode_base64(value) for value in self.proof],
                "root_in_larger": encode_base64(self.root_in_larger),
                "smaller": self.smaller.encoded.decode(),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitViewFacts:
    """What verified evidence shows.

    `root_in_larger` is the root that the first entries of the larger tree have, and is
    not `smaller.head.root`. Cosigners are by key, with their clocks' POSIX time in
    seconds; `cosigners_of_both` broke their own promise or lost their key.
    """

    origin: str
    smaller: SignedTreeHead
    larger: SignedTreeHead
    root_in_larger: bytes
    keys_of_smaller: tuple[VerifierKey, ...]
    keys_of_larger: tuple[VerifierKey, ...]
    cosigners_of_smaller: Mapping[VerifierKey, int]
    cosigners_of_larger: Mapping[VerifierKey, int]

    @property
    def cosigners_of_both(self) -> list[VerifierKey]:
        """Return the witnesses that vouched for both histories."""
        return [k for k in self.cosigners_of_smaller if k in self.cosigners_of_larger]


def parse_evidence(data: bytes) -> Evidence:
    """Return the evidence in a file, whose encoding is exactly the file.

    Raises:
        EvidenceMalformed: if it is none.

    """
    if len(data) > EVIDENCE_BYTES_MAX:
        raise _malformed(f"it is longer than {EVIDENCE_BYTES_MAX:,} bytes")
    try:
        fields = parse_json(data.decode()).value
        if not isinstance(fields, dict) or fields.keys() != _FIELDS:
            raise _malformed(f"it needs the fields {', '.join(sorted(_FIELDS))}")
        evidence = Evidence(
            smaller=_signed_head(fields["smaller"]),
            larger=_signed_head(fields["larger"]),
            root_in_larger=_hash(fields["root_in_larger"]),
            proof=_hashes(fields["proof"]),
        )
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    except EvidenceMalformed:
        raise
    except AssentError as error:
        raise _malformed(error.message.removesuffix(".")) from None
    if evidence.encoded != data:
        raise _malformed(f"it is not {FORMAT} in its one encoding")
    return evidence


def verify_evidence(
    data: bytes,
    log_keys: Iterable[VerifierKey],
    witness_keys: Iterable[VerifierKey] = (),
) -> SplitViewFacts:
    """Return what the evidence shows, if it shows that the log misbehaved.

    Args:
        data: the file.
        log_keys: the keys that are trusted to be logs', named after their origins.
        witness_keys: whose cosignatures to tell of; others and forged ones are ignored.

    Raises:
        EvidenceMalformed: if it is no evidence at all.
        EvidenceInvalid: if it does not show that one of these logs misbehaved.

    """
    evidence = parse_evidence(data)
    smaller, larger = evidence.smaller, evidence.larger
    origin, sizes = smaller.head.origin, (smaller.head.size, larger.head.size)
    keys = [key for key in log_keys if key.name == origin]
    # (1) Both are tree heads of one log, and one of its keys signed each.
    try:
        for signed in (smaller, larger):
            verify_tree_head(signed.encoded, origin=origin, log_keys=keys)
    except (LogRefused, TreeHeadMalformed, SignatureInvalid) as error:
        raise _invalid(error.message) from None
    # (2) The first entries of the larger tree have the root that the file says.
    try:
        verify_consistency(
            *sizes, evidence.root_in_larger, larger.head.root, evidence.proof
        )
    except ProofInvalid as error:
        raise _invalid(error.message) from None
    # (3) It is not the root that was signed.
    if evidence.root_in_larger == smaller.head.root:
        raise _invalid(f"The tree of {sizes[0]} is the start of that of {sizes[1]}.")
    known = list(witness_keys)
    return SplitViewFacts(
        origin=origin,
        smaller=smaller,
        larger=larger,
        root_in_larger=evidence.root_in_larger,
        keys_of_smaller=tuple(log_keys_that_signed(smaller, keys)),
        keys_of_larger=tuple(log_keys_that_signed(larger, keys)),
        cosigners_of_smaller=_cosigners(smaller, known),
        cosigners_of_larger=_cosigners(larger, known),
    )


def _cosigners(
    signed: SignedTreeHead, keys: Sequence[VerifierKey]
) -> dict[VerifierKey, int]:
    """Return the valid cosignatures alone: a forged line must not void the evidence."""
    found: dict[VerifierKey, int] = {}
    for key in keys:
        for line in signed.note.signatures:
            if line.is_by(key):
                try:
                    time_s = verify_cosignature(signed.head, key, line)
                except (CosignatureInvalid, CosignatureMalformed):
                    continue
                found[key] = max(time_s, found.get(key, 0))
    return found


def _signed_head(value: object) -> SignedTreeHead:
    if not isinstance(value, str):
        raise _malformed("a tree head is not a text")
    try:
        return parse_signed_head(value.encode())
    except (NoteMalformed, TreeHeadMalformed) as error:
        raise _malformed(error.message.removesuffix(".")) from None


def _hashes(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > PROOF_HASHES_MAX:
        raise _malformed(f"its proof is no list of up to {PROOF_HASHES_MAX} hashes")
    return tuple(_hash(item) for item in value)


def _hash(value: object) -> bytes:
    found = decode_base64(value) if isinstance(value, str) else None
    if found is None or len(found) != HASH_BYTES:
        raise _malformed(f"a hash is not base64 of {HASH_BYTES} bytes")
    return found


def _malformed(why: str) -> EvidenceMalformed:
    return EvidenceMalformed(f"This is no evidence: {why}.", remedy=_REMEDY)


def _invalid(why: str) -> EvidenceInvalid:
    return EvidenceInvalid(
        f"The evidence does not show that the log misbehaved. {why}", remedy=_REMEDY
    )
