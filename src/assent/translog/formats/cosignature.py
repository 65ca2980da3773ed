"""Cosignatures: a witness saw this tree head, and it extends all it had seen before.

TreeHead + SigningKey + time -> SignatureLine; line + VerifierKey -> time
(C2SP tlog-cosignature, Ed25519 and ML-DSA-44)

    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

An Ed25519 cosignature covers this text (the time, then the whole tree head):

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

An ML-DSA-44 cosignature covers a binary message that also names the cosigner and may be
of a subtree; it leaves out extension lines. A time of zero says that nothing is claimed
about this being the newest head: such a line is no witness's word on a tree head.
"""  # noqa: E501 - the literal is the format

from assent.translog.errors import CosignatureInvalid, CosignatureMalformed
from assent.translog.formats.encoding import SIZE_MAX
from assent.translog.formats.keys import (
    NAME_BYTES_MAX,
    KeyKind,
    SigningKey,
    VerifierKey,
)
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import HASH_BYTES, is_subtree
from assent.vocabulary import SignatureInvalid
from assent.vocabulary.signatures import (
    ED25519_SIGNATURE_BYTES,
    ML_DSA_44_SIGNATURE_BYTES,
    verify_ed25519,
    verify_ml_dsa_44,
)

_TIME_BYTES = 8
_LABEL = b"subtree/v1\n\0"
_REMEDY = "Leave it out and ask that witness to cosign this very tree head."


def cosign(head: TreeHead, key: SigningKey, time_s: int) -> SignatureLine:
    """Return a witness's cosignature of a tree head.

    Args:
        head: what the witness verified.
        key: one of the two kinds for cosignatures.
        time_s: now, in POSIX seconds; at least 1.

    Raises:
        CosignatureMalformed: if the time or the kind of key cannot be.

    """
    if not 0 < time_s <= SIZE_MAX:
        raise CosignatureMalformed(
            f"{time_s} is no time to cosign at.", remedy="Set the clock."
        )
    message = _message(head, key.verifier, time_s)
    return _line(key, time_s, message)


def cosign_subtree(
    origin: str, start: int, end: int, subtree_hash: bytes, key: SigningKey
) -> SignatureLine:
    """Return a cosignature of leaves [start, end), which tells no time.

    Raises:
        CosignatureMalformed: if the key is not of ML-DSA-44, or no tree can have such
            a subtree.

    """
    message = _subtree_message(origin, start, end, subtree_hash, key.verifier)
    return _line(key, 0, message)


def verify_cosignature(head: TreeHead, key: VerifierKey, line: SignatureLine) -> int:
    """Return the POSIX time, in seconds, at which the key's owner cosigned the head.

    Raises:
        CosignatureMalformed: if the line is cut, too long, or tells no time.
        CosignatureInvalid: if it is not the key's cosignature of this very tree head.

    """
    time_s = _time(key, line)
    if time_s == 0:
        raise CosignatureMalformed(
            f"The cosignature by {key.name} tells no time: it is of a subtree.",
            remedy=_REMEDY,
        )
    message = _message(head, key, time_s)
    _verify(key, line, message, f"tree head {head.size} of {head.origin}")
    return time_s


def verify_subtree_cosignature(  # noqa: PLR0913, PLR0917 - what is cosigned
    origin: str,
    start: int,
    end: int,
    subtree_hash: bytes,
    key: VerifierKey,
    line: SignatureLine,
) -> None:
    """Check a cosignature of leaves [start, end).

    Raises:
        CosignatureMalformed: if the line is cut or tells a time, or no tree can have
            such a subtree.
        CosignatureInvalid: if it is not the key's cosignature of this very subtree.

    """
    if _time(key, line) != 0:
        raise CosignatureMalformed(
            f"The subtree's cosignature by {key.name} tells a time.", remedy=_REMEDY
        )
    message = _subtree_message(origin, start, end, subtree_hash, key)
    _verify(key, line, message, f"leaves [{start}, {end}) of {origin}")


def _line(key: SigningKey, time_s: int, message: bytes) -> SignatureLine:
    signature = time_s.to_bytes(_TIME_BYTES, "big") + key.sign(message)
    return SignatureLine(key.name, key.verifier.key_id, signature)


def _time(key: VerifierKey, line: SignatureLine) -> int:
    is_ml_dsa = key.kind is KeyKind.ML_DSA_44_COSIGNATURE
    expected = ML_DSA_44_SIGNATURE_BYTES if is_ml_dsa else ED25519_SIGNATURE_BYTES
    if len(line.signature) != _TIME_BYTES + expected:
        raise CosignatureMalformed(
            f"A cosignature by {key.name} has {_TIME_BYTES + expected} bytes; this has"
            f" {len(line.signature)}.",
            remedy=_REMEDY,
        )
    time_s = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if time_s > SIZE_MAX:
        raise CosignatureMalformed(
            f"The cosignature by {key.name} tells an impossible time.", remedy=_REMEDY
        )
    return time_s


def _verify(key: VerifierKey, line: SignatureLine, message: bytes, what: str) -> None:
    is_ml_dsa = key.kind is KeyKind.ML_DSA_44_COSIGNATURE
    verify = verify_ml_dsa_44 if is_ml_dsa else verify_ed25519
    try:
        verify(key.public_key, line.signature[_TIME_BYTES:], message)
    except SignatureInvalid as error:
        raise CosignatureInvalid(
            f"The cosignature by {key.name} is not of {what}: forged, or copied from"
            f" another. {error.message}",
            remedy=_REMEDY,
        ) from None


def _message(head: TreeHead, key: VerifierKey, time_s: int) -> bytes:
    if key.kind is KeyKind.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time_s}\n{head.text}".encode()
    return _subtree_message(head.origin, 0, head.size, head.root, key, time_s)


def _subtree_message(  # noqa: PLR0913, PLR0917 - the fields of the message
    origin: str,
    start: int,
    end: int,
    subtree_hash: bytes,
    key: VerifierKey,
    time_s: int = 0,
) -> bytes:
    if key.kind is not KeyKind.ML_DSA_44_COSIGNATURE:
        raise CosignatureMalformed(
            f"The key of {key.name} is of {key.kind.name} and cannot cosign this.",
            remedy="Use a key for ML-DSA-44 cosignatures.",
        )
    name, log = key.name.encode(), origin.encode()
    is_range = is_subtree(start, end) or start == end == 0
    has_lengths = 0 < len(log) <= NAME_BYTES_MAX and len(subtree_hash) == HASH_BYTES
    if not is_range or not has_lengths:
        raise CosignatureMalformed(
            f"Leaves [{start}, {end}) of {origin[:80]!r} cannot be cosigned.",
            remedy="Name the log, a subtree that its tree can have, and its hash.",
        )
    return b"".join(
        (
            _LABEL,
            len(name).to_bytes(1, "big") + name,
            time_s.to_bytes(8, "big"),
            len(log).to_bytes(1, "big") + log,
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            subtree_hash,
        )
    )
