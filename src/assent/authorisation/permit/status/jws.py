"""Signed claims in the compact form of JWS, written and read strictly.

type + claims + signer <-> header.claims.signature

Only status lists need it, for wallets and libraries know them in this form. Of RFC 7515
we take one algorithm, three header fields that must all be there, and no other; what a
header offers to choose from is where readers of JWS were deceived. The signature is
accepted by the one rule of `vocabulary.signatures`.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from assent.authorisation.permit.errors import StatusInvalid, StatusMalformed
from assent.vocabulary import Plain, SignatureInvalid, canonical_bytes
from assent.vocabulary.envelope import PublicKey, Signer
from assent.vocabulary.signatures import ED25519_SIGNATURE_BYTES, verify_ed25519

JWS_BYTES_MAX = 8_000_000  # 16 million permits, of which every tenth is revoked
_HEADER = frozenset({"alg", "kid", "typ"})
_ALGORITHM = "Ed25519"  # RFC 9864; "EdDSA", which left the curve open, is deprecated
_KEY_ID_LENGTH_MAX = 200


def sign_claims(typ: str, claims: Mapping[str, Plain], signer: Signer) -> bytes:
    """Return claims signed by one Ed25519 key, which the header names by its id."""
    header = {"alg": _ALGORITHM, "kid": signer.key.key_id, "typ": typ}
    message = b".".join(encode_part(canonical_bytes(part)) for part in (header, claims))
    return message + b"." + encode_part(signer.sign(message))


def verify_claims(
    data: bytes, typ: str, keys: Mapping[str, PublicKey]
) -> dict[str, Any]:
    """Return the claims that one of the keys signed.

    Args:
        data: header, claims and signature, joined by dots.
        typ: the one type that is accepted.
        keys: by their ids.

    Raises:
        StatusMalformed: if it is not in that form.
        StatusInvalid: if it is of another type, or by none of the keys.

    """
    if len(data) > JWS_BYTES_MAX:
        _refuse(f"it is longer than {JWS_BYTES_MAX:,} bytes")
    parts = data.split(b".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        _refuse("it has not three parts")
    header = _object(decode_part(parts[0]), "header")
    if header.keys() != _HEADER or header["alg"] != _ALGORITHM:
        _refuse(f"its header does not hold {_ALGORITHM}, a key's id and a type alone")
    if header["typ"] != typ:
        raise StatusInvalid(
            f"The signed claims are of type {header['typ']!r:.60}, not {typ}.",
            remedy="Fetch the status list from the address that the permit names.",
        )
    key_id = header["kid"]
    if not isinstance(key_id, str) or (key := keys.get(key_id)) is None:
        raise StatusInvalid(
            f"The status list is signed by {key_id!r:.80}, which is no key in force of"
            " the agency's status service.",
            remedy="Fetch the list from the address that the permit names; if it is"
            " from there, refresh the treaty's trust metadata.",
        )
    signature = decode_part(parts[2])
    if len(signature) != ED25519_SIGNATURE_BYTES:
        _refuse("its signature is not 64 bytes long")
    try:
        verify_ed25519(key.public, signature, b".".join(parts[:2]))
    except SignatureInvalid:
        raise StatusInvalid(
            "The status list's signature does not match: it was changed, or forged.",
            remedy="Fetch the list again; do not rely on this one.",
        ) from None
    return _object(decode_part(parts[1]), "claims")


def encode_part(data: bytes) -> bytes:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decode_part(text: bytes) -> bytes:
    """Return the bytes of the one base64url text without padding that stands for them.

    Raises:
        StatusMalformed: if it is none.

    """
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), b"-_", validate=True)
    except ValueError:
        data = b""
    if not data or encode_part(data) != text:
        _refuse("a part of it is no base64url without padding")
    return data


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        _refuse(f"its {what} are no JSON object with each name once")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _refuse(why: str) -> NoReturn:
    raise StatusMalformed(
        f"This is no status list: {why}.",
        remedy="Fetch it again from the address that the permit names.",
    )
