"""Signed statements by several keys: DSSE envelopes, read strictly.

payload + type + signatures <-> one line of JSON; envelope + keys -> who signed

    {"payload":"eyJh…","payloadType":"application/vnd.assent.permit+json","signatures":[{"keyid":"7b3c…","sig":"q83v…"}]}

The signed bytes bind the payload's type, so a vote can never be passed off as a permit
(DSSE 1.0, "pre-authentication encoding"). The envelope is securesystemslib's; the rule
by which a signature is accepted is the one of `signatures`. A key is named by the
SHA-256 of its description, as TUF names it, and that is checked here, so one key can
not stand under two names and be counted twice.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from securesystemslib.dsse import Envelope as DsseEnvelope

from assent.vocabulary.canonical import Plain, canonical_bytes, parse_canonical
from assent.vocabulary.errors import DocumentInvalid, DocumentTooLarge, SignatureInvalid
from assent.vocabulary.signatures import (
    ED25519_KEY_BYTES,
    ED25519_SIGNATURE_BYTES,
    verify_ed25519,
)

ENVELOPE_BYTES_MAX = 1_000_000  # a permit of 256 states takes 60,000
SIGNATURES_MAX = 512  # two for each state there is
SIGNATURE_BYTES_MAX = 1_000  # ours takes 64; a stranger's is passed over, if short
_KEY_ID = re.compile(r"[0-9a-f]{64}")
_PUBLIC = re.compile(r"[0-9a-f]{64}")
_FIELDS, _LINE_FIELDS = {"payload", "payloadType", "signatures"}, {"keyid", "sig"}
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, 32 bytes.

    Raises:
        SignatureInvalid: if it has another length.

    """

    public: bytes

    def __post_init__(self) -> None:
        """Check the length; whether it is a sound point is checked when it is used."""
        if len(self.public) != ED25519_KEY_BYTES:
            raise SignatureInvalid(
                f"An Ed25519 public key has 32 bytes; this has {len(self.public)}.",
                remedy="Ask the owner for the public key again.",
            )

    @property
    def key_id(self) -> str:
        """The hexadecimal SHA-256 of the key's canonical description (TUF, 4.2)."""
        return _key_id(self.text)

    @property
    def text(self) -> str:
        """The key as 64 hexadecimal digits."""
        return self.public.hex()


@lru_cache(maxsize=1024)  # more than one treaty's members and services
def _key_id(public: str) -> str:
    description: Plain = {
        "keytype": "ed25519",
        "scheme": "ed25519",
        "keyval": {"public": public},
    }
    return hashlib.sha256(canonical_bytes(description)).hexdigest()


def parse_public_key(text: object) -> PublicKey:
    """Return the key that 64 hexadecimal digits in lower case are.

    Raises:
        SignatureInvalid: if it is none.

    """
    if not isinstance(text, str) or _PUBLIC.fullmatch(text) is None:
        raise SignatureInvalid(
            f"{text!r:.80} is no Ed25519 public key.",
            remedy="Write 64 hexadecimal digits in lower case.",
        )
    return PublicKey(bytes.fromhex(text))


class Signer(Protocol):
    """Whoever holds a private key: a file, a hardware module, a test."""

    @property
    def key(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message, 64 bytes."""


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """One signature, and the name of the key that is said to have made it.

    Raises:
        DocumentInvalid: if the key's name, or the signature, could be none.

    """

    key_id: str
    signature: bytes

    def __post_init__(self) -> None:
        """Check the form; whether the key made it is for `verify_envelope` to say."""
        if not isinstance(self.key_id, str) or _KEY_ID.fullmatch(self.key_id) is None:
            raise _malformed("a key is not named by 64 hexadecimal digits")
        if (
            not isinstance(self.signature, bytes)
            or len(self.signature) > SIGNATURE_BYTES_MAX
        ):
            raise _malformed(
                f"a signature is not of up to {SIGNATURE_BYTES_MAX:,} bytes"
            )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its type and signatures, believed in nothing yet."""

    payload: bytes
    payload_type: str
    signatures: tuple[EnvelopeSignature, ...] = ()

    @property
    def message(self) -> bytes:
        """The bytes that are signed: type and payload with their lengths (PAE)."""
        pae: bytes = DsseEnvelope(self.payload, self.payload_type, {}).pae()
        return pae

    @property
    def encoded(self) -> bytes:
        """The one line of canonical JSON, which `parse_envelope` takes."""
        return canonical_bytes(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {
                        "keyid": line.key_id,
                        "sig": base64.b64encode(line.signature).decode(),
                    }
                    for line in self.signatures
                ],
            }
        )

    def signed_by(self, signer: Signer) -> "Envelope":
        """Return the envelope with one more signature; the key's former one goes."""
        line = EnvelopeSignature(signer.key.key_id, signer.sign(self.message))
        return self.with_signatures([line])

    def with_signatures(self, lines: Iterable[EnvelopeSignature]) -> "Envelope":
        """Return the envelope with more signatures, one for each key, in order."""
        merged = {line.key_id: line for line in [*self.signatures, *lines]}
        ordered = tuple(merged[key_id] for key_id in sorted(merged))
        return Envelope(self.payload, self.payload_type, ordered)


def parse_envelope(data: bytes) -> Envelope:
    """Return the envelope that these bytes are, whose `encoded` they are.

    Raises:
        DocumentInvalid: if they are none, or in another spelling.
        DocumentTooLarge: if there are too many of them, or too many signatures.

    """
    if len(data) > ENVELOPE_BYTES_MAX:
        raise DocumentTooLarge(
            f"A signed statement has at most {ENVELOPE_BYTES_MAX:,} bytes.",
            remedy="Ask for the statement alone.",
        )
    value = parse_canonical(data)
    try:
        lines = value["signatures"]
        if not isinstance(lines, list):
            raise _malformed("signatures are no list")
        if len(lines) > SIGNATURES_MAX:
            raise DocumentTooLarge(
                f"A signed statement has at most {SIGNATURES_MAX} signatures.",
                remedy="Leave out those of keys that nobody knows.",
            )
        envelope = Envelope(
            payload=_decoded(value["payload"]),
            payload_type=_checked(value["payloadType"], _TYPE),
            signatures=tuple(
                EnvelopeSignature(line["keyid"], _decoded(line["sig"]))
                for line in lines
            ),
        )
        is_all = value.keys() == _FIELDS and all(
            line.keys() == _LINE_FIELDS for line in lines
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _malformed("a field is missing or of the wrong kind") from None
    if not is_all:
        raise _malformed("it has further fields")
    if len({line.key_id for line in envelope.signatures}) != len(lines):
        raise _malformed("a key signs twice")
    return envelope


def verify_envelope(
    envelope: Envelope, payload_type: str, keys: Iterable[PublicKey]
) -> frozenset[str]:
    """Return the ids of those of the keys that signed.

    Signatures by other keys mean nothing and are passed over. Whether the signers are
    enough is for the caller to say.

    Raises:
        SignatureInvalid: if the type is another, or one of the keys is said to have
            signed and has not: then somebody changed the envelope.

    """
    if envelope.payload_type != payload_type:
        raise SignatureInvalid(
            f"The statement is of type {envelope.payload_type!r:.120}, not"
            f" {payload_type}.",
            remedy="Ask for the statement itself; a signature binds its type.",
        )
    known = {key.key_id: key for key in keys}
    message = envelope.message
    signed = set()
    for line in envelope.signatures:
        if (key := known.get(line.key_id)) is None:
            continue
        if len(line.signature) != ED25519_SIGNATURE_BYTES:
            raise SignatureInvalid(
                f"The signature by key {line.key_id[:12]}… is not 64 bytes long.",
                remedy="Ask the signer to sign again.",
            )
        verify_ed25519(key.public, line.signature, message)
        signed.add(line.key_id)
    return frozenset(signed)


def _decoded(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise _malformed("it is in another spelling")
    return data


def _checked(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError
    return value


def _malformed(why: str) -> DocumentInvalid:
    return DocumentInvalid(
        f"This is no signed statement (DSSE): {why}.",
        remedy="Take the file as its maker wrote it.",
    )
