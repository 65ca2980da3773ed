"""The key that a machine signs with: a seed in a file that only its owner can read.

path -> Signer; the file is made if there is none
bytes + public key -> a file that this machine alone can open, and back

A meter or a gate signs without anybody there to type a passphrase, so its key is not
encrypted. It permits nothing: it says what was counted, or what reached the gate.
"""

import os
import re
from pathlib import Path

import pyrage  # type: ignore[import-untyped] # ships no types
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from assent.adapters.files import write_durably
from assent.adapters.keys.held_key import HeldKey
from assent.adapters.keys.secret_files import read_secret
from assent.vocabulary import DocumentInvalid, Refused
from assent.vocabulary.envelope import PublicKey

_SEED_BYTES = 32
_SEED = re.compile(rb"[0-9a-f]{64}\n?")
_MODE = 0o600


class NotForThisMachine(Refused):
    """A file is sealed for another machine's key, or is none."""


def open_machine_key(path: Path, name: str) -> HeldKey:
    """Return the key in a file, which is made if there is none.

    Raises:
        NotFound: if it cannot be read.
        SecretExposed: if others can read it.
        DocumentInvalid: if it is no seed.
        StoreUnavailable: if it cannot be written.

    """
    if not path.exists():
        seed = os.urandom(_SEED_BYTES).hex().encode()
        write_durably(path, seed + b"\n", _MODE)
    private = _private(path)
    key = PublicKey(private.public_key().public_bytes_raw())
    return HeldKey(name=name, key=key, _private=private)


def seal_for_machine(data: bytes, key: PublicKey) -> bytes:
    """Return an age file that only the machine with this key can open.

    It is age's `ssh-ed25519` recipient: the same key signs and opens, so nothing but
    the key by which a machine is registered has to be known of it.

    Raises:
        DocumentInvalid: if the key is no point of the curve.

    """
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        recipient = pyrage.ssh.Recipient.from_str(public.decode())
        return bytes(pyrage.encrypt(data, [recipient]))
    except (ValueError, pyrage.RecipientError, pyrage.EncryptError):
        raise DocumentInvalid(
            f"Nothing can be sealed for the key {key.text[:16]}….",
            remedy="Have the machine's operator send its key again.",
        ) from None


def unseal_at_machine(data: bytes, path: Path) -> bytes:
    """Return what a file holds that was sealed for the machine with this key.

    Raises:
        NotForThisMachine: if it was not, or is no such file, or was changed.
        NotFound, SecretExposed, DocumentInvalid: if the key cannot be used.

    """
    pem = _private(path).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    try:
        return bytes(pyrage.decrypt(data, [pyrage.ssh.Identity.from_buffer(pem)]))
    except pyrage.DecryptError:
        raise NotForThisMachine(
            "This file is not sealed for this machine, or was changed.",
            remedy="Fetch the one for this machine's key, as the agency knows it.",
        ) from None


def _private(path: Path) -> Ed25519PrivateKey:
    data = read_secret(path)
    if _SEED.fullmatch(data) is None:
        raise DocumentInvalid(
            f"{path} is no machine's key.",
            remedy="It holds 64 hexadecimal digits; name another file to make one.",
        )
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(data.decode().strip()))
