"""Keys of logs and witnesses, written as one line of text.

text <-> VerifierKey, SigningKey (C2SP signed-note)

A verifier key names its owner, its algorithm and what it may sign:

    example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k

A signing key is kept in the same form, as Go's note package writes it: `PRIVATE+KEY+`,
the name, the key ID, and base64 of the algorithm's byte and the 32-byte seed. It is a
credential: its text leaves only through `secret_text`, and never in a repr.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from assent.translog.errors import KeyMalformed
from assent.translog.formats.encoding import decode_base64, encode_base64
from assent.vocabulary.signatures import (
    ED25519_KEY_BYTES,
    ML_DSA_44_KEY_BYTES,
    point_flaw,
)

KEY_ID_BYTES = 4
NAME_BYTES_MAX = 255  # what the ML-DSA-44 cosigned message can hold
SEED_BYTES = 32
_SIGNING_KEY_MARK = "PRIVATE+KEY+"
_REMEDY = "Copy the whole line again from its owner; do not edit it."


class KeyKind(IntEnum):
    """What a key signs and how: the signature type byte of C2SP signed-note."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06

    @property
    def public_key_bytes(self) -> int:
        """Return the length of a public key of this kind."""
        is_ml_dsa = self is KeyKind.ML_DSA_44_COSIGNATURE
        return ML_DSA_44_KEY_BYTES if is_ml_dsa else ED25519_KEY_BYTES


@dataclass(frozen=True)
class VerifierKey:
    """A public key, its owner's name and what it may sign."""

    name: str
    kind: KeyKind
    public_key: bytes = field(repr=False)

    @cached_property
    def key_id(self) -> bytes:
        """Return the 4 bytes that, with the name, mark this key's signatures."""
        prefix = self.name.encode() + b"\n" + bytes([self.kind])
        return sha256(prefix + self.public_key).digest()[:KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """Return the key's one line."""
        material = encode_base64(bytes([self.kind]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True)
class SigningKey:
    """A private key; everything but `secret_text` keeps its seed to itself."""

    name: str
    kind: KeyKind
    seed: bytes = field(repr=False)

    @cached_property
    def _private(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        if self.kind is KeyKind.ML_DSA_44_COSIGNATURE:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        """Return the public half."""
        public_key = self._private.public_key().public_bytes_raw()
        return VerifierKey(self.name, self.kind, public_key)

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature: 64 bytes, or 2,420 for ML-DSA-44.

        Ed25519 is deterministic; the library draws fresh randomness for ML-DSA-44
        (FIPS 204, section 3.4), so two signatures of one message differ.
        """
        return self._private.sign(message)

    def secret_text(self) -> str:
        """Return the key's one secret line, for a file that only its owner reads."""
        material = encode_base64(bytes([self.kind]) + self.seed)
        return f"{_SIGNING_KEY_MARK}{self.name}+{self.verifier.key_id.hex()}+{material}"


def make_signing_key(name: str, kind: KeyKind, seed: bytes) -> SigningKey:
    """Return the signing key of a name and 32 secret random bytes.

    Raises:
        KeyMalformed: if the name or the seed will not do.

    """
    check_name(name)
    if len(seed) != SEED_BYTES:
        raise KeyMalformed(
            f"A seed has {SEED_BYTES} bytes; this has {len(seed)}.",
            remedy="Draw 32 bytes from the system's source of randomness.",
        )
    return SigningKey(name, kind, seed)


def parse_verifier_key(text: str) -> VerifierKey:
    """Return the verifier key in a line of text (a vkey).

    Raises:
        KeyMalformed: if it is not the one encoding of a key of a known kind, or its
            public key is one that the pinned rule never accepts.

    """
    name, key_id, kind, public_key = _parts(text)
    if len(public_key) != kind.public_key_bytes:
        raise KeyMalformed(
            f"A public key of {kind.name} has {kind.public_key_bytes} bytes; that of"
            f" {name} has {len(public_key)}.",
            remedy=_REMEDY,
        )
    if kind is not KeyKind.ML_DSA_44_COSIGNATURE and (flaw := point_flaw(public_key)):
        raise KeyMalformed(f"The public key of {name} is {flaw}.", remedy=_REMEDY)
    key = VerifierKey(name, kind, public_key)
    _check_key_id(name, key_id, key)
    return key


def parse_signing_key(text: str) -> SigningKey:
    """Return the signing key in a line of text; no message shows any of its secret.

    Raises:
        KeyMalformed: if it is not the one encoding of a key of a known kind.

    """
    if not text.startswith(_SIGNING_KEY_MARK):
        raise KeyMalformed(
            f"A signing key starts with {_SIGNING_KEY_MARK}.",
            remedy="Give the file that `init` wrote, not the verifier key.",
        )
    # What is wrong with it is not said: in a line that was cut or shuffled, any part
    # could be the secret, and so could the part that a precise message would show.
    with suppress(KeyMalformed):
        name, key_id, kind, seed = _parts(text.removeprefix(_SIGNING_KEY_MARK))
        key = make_signing_key(name, kind, seed)
        _check_key_id(name, key_id, key.verifier)
        return key
    raise KeyMalformed(
        "This signing key is not in its one encoding.",
        remedy="Restore the whole line as `init` wrote it; do not edit it.",
    )


def check_name(name: str) -> None:
    """Refuse a name that cannot stand in a signature line.

    Raises:
        KeyMalformed: if it is empty, too long, or holds a space, a plus or a control.

    """
    if not is_name(name):
        raise KeyMalformed(
            f"{name!r} cannot be the name of a key.",
            remedy="Use a URL without its scheme, such as agency.example/log: no"
            f" spaces, no plus, at most {NAME_BYTES_MAX} bytes.",
        )


def is_name(name: str) -> bool:
    """Tell whether a text can be the name of a key."""
    return (
        0 < len(name.encode("utf-8", "replace")) <= NAME_BYTES_MAX
        and "+" not in name
        and not any(c.isspace() or c < " " or "\ud800" <= c <= "\udfff" for c in name)
    )


def _parts(text: str) -> tuple[str, str, KeyKind, bytes]:
    parts = text.split("+", 2)  # base64 may hold a plus, names and key IDs may not
    material = decode_base64(parts[2]) if len(parts) == 3 else None  # noqa: PLR2004
    if not material:
        raise KeyMalformed(
            "A key is name+id+base64, in that form; this text is not.", remedy=_REMEDY
        )
    check_name(parts[0])
    try:
        kind = KeyKind(material[0])
    except ValueError:
        raise KeyMalformed(
            f"The key of {parts[0]} is of kind {material[0]:#04x}, which is unknown.",
            remedy="Use Ed25519 (0x01), or a cosignature key (0x04, 0x06).",
        ) from None
    return parts[0], parts[1], kind, material[1:]


def _check_key_id(name: str, key_id: str, key: VerifierKey) -> None:
    if key_id != key.key_id.hex():
        raise KeyMalformed(
            f"The key ID of {name} does not fit its name and key.", remedy=_REMEDY
        )
