"""The key that a machine signs with: a seed in a file that only its owner can read.

path -> Signer; the file is made if there is none

A meter or a gate signs without anybody there to type a passphrase, so its key is not
encrypted. It permits nothing: it says what was counted, or what reached the gate.
"""

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.adapters.files import write_durably
from assent.adapters.keys.held_key import HeldKey
from assent.adapters.keys.secret_files import read_secret
from assent.vocabulary import DocumentInvalid
from assent.vocabulary.envelope import PublicKey

_SEED_BYTES = 32
_SEED = re.compile(rb"[0-9a-f]{64}\n?")
_MODE = 0o600


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
    data = read_secret(path)
    if _SEED.fullmatch(data) is None:
        raise DocumentInvalid(
            f"{path} is no machine's key.",
            remedy="It holds 64 hexadecimal digits; name another file to make one.",
        )
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(data.decode().strip()))
    key = PublicKey(private.public_key().public_bytes_raw())
    return HeldKey(name=name, key=key, _private=private)
