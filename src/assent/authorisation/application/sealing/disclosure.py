"""One sealed field: its salt, its name and its value, as one text.

salt + name + value -> Disclosure -> base64url text -> its digest, which is published

    ["c2FsdC1vZi0xMjgtYml0cw","learning_rate","0.0003"]

An element of an array has no name: `[salt, value]`. The digest is of the text, so the
text is kept as it came: another spelling of the same JSON is another disclosure (RFC
9901, 4.2). We write canonical JSON and read any.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from assent.authorisation.application.sealing.errors import (
    DisclosureMalformed,
    SaltUnsound,
)
from assent.vocabulary import InputError, Plain, canonical_bytes

DIGESTS = "_sd"  # RFC 9901, 4.2.4.1: the digests of a mapping's sealed fields
ELEMENT = "..."  # 4.2.4.2: the digest of a sealed element stands under this name
ALGORITHM = "_sd_alg"  # 4.1.1: at the top of the document only
RESERVED = frozenset({DIGESTS, ELEMENT, ALGORITHM})

SALT_BYTES_MIN = 16  # 128 bits, RFC 9901, 9.3: fewer can be guessed with the value
SALT_BYTES_MAX = 64  # more than the digest has hide nothing better
DISCLOSURE_LENGTH_MAX = 1_000_000  # a table of data sources takes 100,000
SALT_LENGTH_MIN = 22  # characters of base64url for 128 bits
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A sealed field, opened. Its text tells everything; `repr` tells nothing.

    Attributes:
        salt: as base64url.
        name: of the field, or None for an element of an array.
        value: plain; it may hold digests of fields sealed inside it.
        encoded: the text that is handed on.

    """

    salt: str = field(repr=False)
    name: str | None = field(repr=False)
    value: Any = field(repr=False)
    encoded: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The base64url SHA-256 of the text's characters, which is published."""
        return digest_of(self.encoded)


def disclosure_of(salt: bytes, name: str | None, value: Plain) -> Disclosure:
    """Return the disclosure of a field, or of an element if there is no name.

    Raises:
        SaltUnsound: if the salt is too short or too long.

    """
    if not SALT_BYTES_MIN <= len(salt) <= SALT_BYTES_MAX:
        raise SaltUnsound(
            f"A salt has {SALT_BYTES_MIN} to {SALT_BYTES_MAX} bytes; this has"
            f" {len(salt)}.",
            remedy="Take 16 bytes from the operating system's generator for each.",
        )
    text = encode_base64url(salt)
    parts: list[Plain] = [text, value] if name is None else [text, name, value]
    encoded = encode_base64url(canonical_bytes(parts))
    return Disclosure(salt=text, name=name, value=value, encoded=encoded)


def parse_disclosure(text: str) -> Disclosure:
    """Return what a disclosure says; whether it belongs to a document is not asked.

    Raises:
        DisclosureMalformed: if the text is none.

    """
    if len(text) > DISCLOSURE_LENGTH_MAX:
        raise _malformed(f"it is longer than {DISCLOSURE_LENGTH_MAX:,} characters")
    try:
        parts = json.loads(
            _decode_base64url(text).decode(),
            object_pairs_hook=_without_repeats,
            parse_float=_refuse,  # fractions have no canonical form
            parse_constant=_refuse,
        )
        canonical_bytes(parts)  # no half characters
    except (ValueError, RecursionError, InputError):
        raise _malformed("it does not decode to plain JSON values") from None
    match parts:
        case [str(salt), value]:
            name = None
        case [str(salt), str(name), value]:
            pass
        case _:
            raise _malformed("it is neither [salt, name, value] nor [salt, value]")
    if len(salt) < SALT_LENGTH_MIN:
        raise _malformed("its salt has less than 128 bits")
    if name in RESERVED:
        raise _malformed(f"{name!r} is no name of a field")
    return Disclosure(salt=salt, name=name, value=value, encoded=text)


def digest_of(text: str) -> str:
    """Return the base64url SHA-256 of a text of ASCII characters."""
    return encode_base64url(hashlib.sha256(text.encode("ascii")).digest())


def encode_base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode_base64url(text: str) -> bytes:
    if _BASE64URL.fullmatch(text) is None:
        raise ValueError
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError from None
    if encode_base64url(data) != text:  # spare bits that are not zero
        raise ValueError
    return data


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _malformed(why: str) -> DisclosureMalformed:
    return DisclosureMalformed(
        f"This is no disclosure: {why}.",
        remedy="Hand on the disclosure's text exactly as it was made.",
    )
