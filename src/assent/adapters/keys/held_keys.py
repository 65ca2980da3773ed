"""Keys that people hold: encrypted at rest, opened with a passphrase, each in one file.

name + passphrase + secret -> file of mode 0600;  file + passphrase -> HeldKey

    {"created":"2026-03-01T12:00:00Z","format":"assent-key/1","key_id":"7b3c…","kind":"signing","name":"KEN","public":"d75a…"}

That line is followed by an age file for the passphrase, so `tail -n +2 FILE | age -d`
opens it without us. Inside are the same fields again, with the secret: whoever changes
the line that everybody can read is found out when the key is unlocked.

A signing key is an Ed25519 seed of 32 bytes. An opening key is an age identity, to
which secret fields are encrypted. No message repeats a secret or a passphrase. Python
cannot wipe memory: an unlocked key is safe from who reads the disk, and from no one who
reads the process.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.adapters.files import write_durably
from assent.adapters.keys.age_files import (
    Identity,
    decrypt_with_passphrase,
    encrypt_with_passphrase,
)
from assent.adapters.keys.held_key import HeldKey
from assent.adapters.keys.secret_files import (
    SECRET_BYTES_MAX,
    SecretExposed,
    check_new_passphrase,
    read_secret,
)
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    InputError,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.envelope import PublicKey, parse_public_key

FORMAT = "assent-key/1"
SEED_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class KeyFileExists(InputError):
    """There is a file where a new key was to go; a key is never overwritten."""


class KeyFileDamaged(DocumentInvalid):
    """A file is no held key, was cut short, or its public line was changed."""


class KeyOfAnotherKind(InputError):
    """A key that opens was to sign, or the reverse."""


class KeyKind(StrEnum):
    """What a key is for. No key is for both."""

    SIGNING = "signing"
    OPENING = "opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDescription:
    """What everybody may know of a held key.

    Attributes:
        name: whose it is, such as a member's name in the treaty.
        kind: whether it signs or opens.
        public: the signing key as hexadecimal digits, or the recipient, `age1…`.
        created: when.

    """

    name: str
    kind: KeyKind
    public: str
    created: datetime

    @property
    def key_id(self) -> str | None:
        """The id that signatures name the key by; an opening key has none."""
        if self.kind is KeyKind.OPENING:
            return None
        return parse_public_key(self.public).key_id

    @property
    def plain(self) -> dict[str, str | None]:
        """The fields as the file's first line states them."""
        return {
            "format": FORMAT,
            "name": self.name,
            "kind": self.kind.value,
            "public": self.public,
            "key_id": self.key_id,
            "created": format_instant(self.created),
        }


def new_held_key(
    path: Path, *, name: str, passphrase: str, seed: bytes, created: datetime
) -> KeyDescription:
    """Write a new signing key to a new file.

    Args:
        path: where; there must be nothing.
        name: whose key it is: letters, digits and . _ @ -
        passphrase: at least 12 characters.
        seed: 32 bytes from the operating system's generator.
        created: now.

    Raises:
        InputError: if the name or the seed is unfit.
        PassphraseUnfit: if the passphrase is.
        KeyFileExists: if there is a file.
        StoreUnavailable: if the disk refuses.

    """
    if len(seed) != SEED_BYTES:
        raise InputError(
            f"The seed of a key has {SEED_BYTES} bytes; this has {len(seed)}.",
            remedy="Take it from the operating system's generator.",
        )
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    about = KeyDescription(
        name=name, kind=KeyKind.SIGNING, public=public.hex(), created=created
    )
    return _write(path, about, seed.hex(), passphrase)


def new_held_identity(
    path: Path, *, name: str, passphrase: str, identity: Identity, created: datetime
) -> KeyDescription:
    """Write a new opening key to a new file; arguments and errors as `new_held_key`."""
    about = KeyDescription(
        name=name, kind=KeyKind.OPENING, public=identity.recipient, created=created
    )
    return _write(path, about, identity.secret, passphrase)


def read_public(path: Path) -> KeyDescription:
    """Return what a key's file says of it. Nothing vouches for it until `unlock`.

    Raises:
        NotFound: if there is no file, or it cannot be read.
        SecretExposed: if others can read it.
        KeyFileDamaged: if it holds no key.

    """
    return _parts(path)[0]


def unlock(path: Path, passphrase: str) -> HeldKey:
    """Return the signing key in a file.

    Raises:
        KeyOfAnotherKind: if it is an opening key.
        PassphraseWrong: if the passphrase does not open it.
        NotFound: as `read_public` does, and whatever else that raises.

    """
    about, secret = _secret(path, passphrase, KeyKind.SIGNING)
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    except ValueError:
        raise _damaged(path, "its secret is no Ed25519 seed") from None
    key = PublicKey(private.public_key().public_bytes_raw())
    if key.text != about.public:
        raise _damaged(path, "its public key is not that of its secret")
    return HeldKey(name=about.name, key=key, _private=private)


def unlock_identity(path: Path, passphrase: str) -> Identity:
    """Return the opening key in a file; errors as `unlock`."""
    about, secret = _secret(path, passphrase, KeyKind.OPENING)
    identity = Identity(secret)
    try:
        is_own = identity.recipient == about.public
    except InputError:
        is_own = False
    if not is_own:
        raise _damaged(path, "its recipient is not that of its secret")
    return identity


def _write(
    path: Path, about: KeyDescription, secret: str, passphrase: str
) -> KeyDescription:
    if _NAME.fullmatch(about.name) is None:
        raise InputError(
            f"{about.name!r:.80} is no name of a key.",
            remedy="Use up to 64 letters, digits and . _ @ - as in KEN or expert-2.",
        )
    check_new_passphrase(passphrase)
    if path.exists():  # before a second's work; the link below decides
        raise _exists(path)
    inside = canonical_bytes({**about.plain, "secret": secret})
    line = canonical_bytes(about.plain)
    data = line + b"\n" + encrypt_with_passphrase(inside, passphrase)
    try:
        write_durably(path, data, 0o600, replaces=False)
    except FileExistsError:
        raise _exists(path) from None
    return about


def _parts(path: Path) -> tuple[KeyDescription, bytes]:
    try:
        line, _, locked = read_secret(path).partition(b"\n")
    except SecretExposed:
        if not _may_be_key(path):  # then others may read it as they like
            raise _damaged(path, f"it is not in the format {FORMAT}") from None
        raise
    try:
        about = _description(parse_canonical(line))
    except (AssentError, KeyError, TypeError, ValueError):
        raise _damaged(path, f"its first line is not in the format {FORMAT}") from None
    return about, locked


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SECRET_BYTES_MAX)
    except OSError:
        return b""


def _may_be_key(path: Path) -> bool:
    line, _, _ = _beginning(path).partition(b"\n")
    try:
        _description(parse_canonical(line))
    except (AssentError, KeyError, TypeError, ValueError):
        return False
    return True


def _description(value: Any) -> KeyDescription:  # noqa: ANN401 - any plain value
    about = KeyDescription(
        name=value["name"],
        kind=KeyKind(value["kind"]),
        public=value["public"],
        created=parse_instant(value["created"]),
    )
    texts = (about.name, about.public)
    if not all(isinstance(text, str) and text.isascii() for text in texts):
        raise ValueError
    if _NAME.fullmatch(about.name) is None or about.plain != value:
        raise ValueError
    return about


def _secret(path: Path, passphrase: str, kind: KeyKind) -> tuple[KeyDescription, str]:
    about, locked = _parts(path)
    if about.kind is not kind:
        raise KeyOfAnotherKind(
            f"The key in {path} is for {about.kind}, not for {kind}.",
            remedy=f"Make one with `assent key new --kind {kind}`.",
        )
    try:
        inside = decrypt_with_passphrase(locked, passphrase)
        value = parse_canonical(inside)
    except DocumentInvalid:
        raise _damaged(
            path, "what is encrypted in it was cut short or changed"
        ) from None
    secret = value.pop("secret", None) if isinstance(value, dict) else None
    if value != about.plain or not isinstance(secret, str):
        raise _damaged(path, "its first line is not what was encrypted with the key")
    return about, secret


def _exists(path: Path) -> KeyFileExists:
    return KeyFileExists(
        f"There is a file {path} already; a key is never overwritten.",
        remedy="Choose another path. What a key signed can be verified by no other.",
    )


def _damaged(path: Path, why: str) -> KeyFileDamaged:
    return KeyFileDamaged(
        f"{path} holds no key that can be used: {why}.",
        remedy="Take the file from its backup; if there is none, have the treaty name"
        " a new key.",
    )
