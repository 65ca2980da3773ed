"""The one rule by which a signature is accepted, everywhere in assent.

public key + signature + message -> nothing, or SignatureInvalid

Implementations of Ed25519 disagree on edge cases: one library takes a signature that
another refuses, so two honest parties could differ on whether a permit is signed. Here
one rule is pinned, the strictest in common use:

(1) A and R are canonical: the y coordinate is below 2**255 - 19, and x = 0 has sign 0;
(2) neither A nor R is one of the eight points of small order;
(3) S is below the order of the group, and the equation holds without multiplying by
    the cofactor (OpenSSL through `cryptography`, which compares the encoding of R).

RFC 8032, section 5.1.7, leaves (1) in part and (2) open. The table of outcomes on the
known edge cases is a test. ML-DSA-44 (FIPS 204) has one encoding of each value, so it
needs no rule of its own.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from assent.vocabulary.errors import SignatureInvalid

ED25519_KEY_BYTES = 32
ED25519_SIGNATURE_BYTES = 64
ML_DSA_44_KEY_BYTES = 1312  # FIPS 204, table 2
ML_DSA_44_SIGNATURE_BYTES = 2420

FIELD_PRIME = 2**255 - 19  # RFC 8032, section 5.1
_SIGN_BIT = 1 << 255
# y of the points of order 8, from x**2 = -y**2 and the equation of the curve
_Y_OF_ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER_Y = frozenset(
    {
        1,
        FIELD_PRIME - 1,
        0,
        _Y_OF_ORDER_EIGHT,
        FIELD_PRIME - _Y_OF_ORDER_EIGHT,
    }
)

_REMEDY_SIGNATURE = "Ask the signer for a signature by the key you trust."
_REMEDY_KEY = "Ask the owner for the public key again, by a channel you trust."


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Accept an Ed25519 signature by the pinned rule.

    Args:
        public_key: 32 bytes, RFC 8032.
        signature: 64 bytes, R then S.
        message: what was signed.

    Raises:
        SignatureInvalid: if any of the three conditions of the rule fails.

    """
    key = _ed25519_key(public_key)
    if len(signature) != ED25519_SIGNATURE_BYTES:
        raise SignatureInvalid(
            f"An Ed25519 signature has 64 bytes; this one has {len(signature)}.",
            remedy=_REMEDY_SIGNATURE,
        )
    if (flaw := point_flaw(signature[:32])) is not None:
        raise SignatureInvalid(
            f"The Ed25519 signature's point R is {flaw}.", remedy=_REMEDY_SIGNATURE
        )
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise SignatureInvalid(
            "The Ed25519 signature does not match the key and the message.",
            remedy=_REMEDY_SIGNATURE,
        ) from None


def verify_ml_dsa_44(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Accept an ML-DSA-44 signature (FIPS 204, empty context).

    Args:
        public_key: 1,312 bytes.
        signature: 2,420 bytes.
        message: what was signed.

    Raises:
        SignatureInvalid: if a length is wrong or the signature does not match.

    """
    key = _ml_dsa_44_key(public_key)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise SignatureInvalid(
            "The ML-DSA-44 signature does not match the key and the message.",
            remedy=_REMEDY_SIGNATURE,
        ) from None


def point_flaw(encoded: bytes) -> str | None:
    """Return what disqualifies an encoded point of 32 bytes, or None.

    Conditions (1) and (2) of the rule; whether it is on the curve at all is left to
    the library that verifies.
    """
    value = int.from_bytes(encoded, "little")
    sign, y = value & _SIGN_BIT, value & (_SIGN_BIT - 1)
    if y >= FIELD_PRIME or (sign and y in {1, FIELD_PRIME - 1}):
        return "not in its canonical encoding"
    if y in SMALL_ORDER_Y:
        return "of small order"
    return None


@lru_cache(maxsize=1024)
def _ed25519_key(public_key: bytes) -> Ed25519PublicKey:
    if len(public_key) != ED25519_KEY_BYTES:
        raise SignatureInvalid(
            f"An Ed25519 public key has 32 bytes; this one has {len(public_key)}.",
            remedy=_REMEDY_KEY,
        )
    if (flaw := point_flaw(public_key)) is not None:
        raise SignatureInvalid(f"The Ed25519 public key is {flaw}.", remedy=_REMEDY_KEY)
    return Ed25519PublicKey.from_public_bytes(public_key)


@lru_cache(maxsize=1024)
def _ml_dsa_44_key(public_key: bytes) -> MLDSA44PublicKey:
    if len(public_key) != ML_DSA_44_KEY_BYTES:
        raise SignatureInvalid(
            f"An ML-DSA-44 public key has 1,312 bytes; this has {len(public_key)}.",
            remedy=_REMEDY_KEY,
        )
    return MLDSA44PublicKey.from_public_bytes(public_key)
