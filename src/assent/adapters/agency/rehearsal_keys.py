"""Keys for a rehearsal: held as people hold theirs, made and opened without waiting.

name + secret + passphrase -> a key's file that `assent key` reads

Their passphrase stands beside them, so the second's work that protects a real key would
protect nothing here, and two dozen keys would take a minute. The library that encrypts
real keys cannot be told to work less. So this writes the same format, age v1, by its
specification with the primitives of `cryptography`; the library opens it. Nothing else
may be encrypted with it.
"""

import hashlib
import hmac
import os
from base64 import b64encode
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from assent.adapters.agency.service_keys import SEED_BYTES
from assent.adapters.files import write_durably
from assent.adapters.keys.age_files import new_identity
from assent.adapters.keys.held_keys import KeyDescription, KeyKind
from assent.vocabulary import InputError, canonical_bytes

_WORK = 10  # 2**10 rounds: a millisecond
_MODE = 0o600


def new_rehearsal_key(
    path: Path, name: str, passphrase: str, created: datetime, kind: KeyKind
) -> KeyDescription:
    """Write a new key to a new file.

    Raises:
        InputError: if there is a file.
        StoreUnavailable: if the disk refuses.

    """
    if kind is KeyKind.SIGNING:
        seed = os.urandom(SEED_BYTES)
        private = Ed25519PrivateKey.from_private_bytes(seed)
        secret, public = seed.hex(), private.public_key().public_bytes_raw().hex()
    else:
        identity = new_identity()
        secret, public = identity.secret, identity.recipient
    about = KeyDescription(name=name, kind=kind, public=public, created=created)
    inside = canonical_bytes({**about.plain, "secret": secret})
    data = canonical_bytes(about.plain) + b"\n" + _encrypt(inside, passphrase.encode())
    try:
        write_durably(path, data, _MODE, replaces=False)
    except FileExistsError:
        raise InputError(
            f"There is a key {path} already.", remedy="Rehearse in a new folder."
        ) from None
    return about


def _encrypt(data: bytes, passphrase: bytes) -> bytes:
    """Return an age file of one chunk, for a passphrase (C2SP age v1)."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt"
    wrap = Scrypt(salt=label + salt, length=32, n=2**_WORK, r=8, p=1)
    body = ChaCha20Poly1305(wrap.derive(passphrase)).encrypt(bytes(12), file_key, None)
    header = b"age-encryption.org/v1\n-> scrypt %b %d\n%b\n---" % (
        _base64(salt),
        _WORK,
        _base64(body),
    )
    mac = hmac.digest(_derived(file_key, b"", b"header"), header, hashlib.sha256)
    last_chunk = bytes(11) + b"\x01"  # the first chunk, and the last
    stream = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    payload = nonce + stream.encrypt(last_chunk, data, None)
    return header + b" " + _base64(mac) + b"\n" + payload


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, info).derive(key)


def _base64(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")
