"""The logs and witnesses that sign in the vectors, and the bytes that they sign.

name + kind + seed -> Party, with its keys in text; what it says -> signature lines

Nothing here is of assent: every byte is put together from the specifications, so that
the vectors judge the implementation and not the other way round.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from tests.rfc6962 import DefinedTree, leaf_hash

ED25519, COSIGNER, ML_DSA_44 = 0x01, 0x04, 0x06
KEPT_PATH = Path(__file__).parent / "ml_dsa_44.json"
TIME_S = 1_760_000_000


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


class KeptSignatures:
    """Signatures of ML-DSA-44, which is randomised: those kept before are used again.

    One is kept for each key and message, as long as it verifies; `used` are the ones
    that were asked for.
    """

    def __init__(self, path: Path) -> None:
        """Read what was kept; nothing, where there is no such file yet."""
        text = path.read_text("ascii") if path.exists() else '{"signatures": []}'
        self._kept = {
            (row["public_key"], row["message"]): base64.b64decode(row["signature"])
            for row in json.loads(text)["signatures"]
        }
        self.used: dict[tuple[str, str], bytes] = {}

    def sign(self, key: MLDSA44PrivateKey, message: bytes) -> bytes:
        """Return a signature: the one that was kept, or a new one."""
        public_key = key.public_key()
        place = (b64(public_key.public_bytes_raw()), b64(message))
        signature = self._kept.get(place, b"")
        try:
            public_key.verify(signature, message)
        except InvalidSignature:
            signature = key.sign(message)
        self._kept[place] = self.used[place] = signature
        return signature


KEPT = KeptSignatures(KEPT_PATH)
REFERRED: dict[str, str] = {}
SECRETS: dict[str, str] = {}


@dataclass(frozen=True)
class Party:
    """A log or witness: the name and kind of its key, and its seed, which is public."""

    name: str
    kind: int
    seed: bytes

    @cached_property
    def private_key(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        """Return the key that the seed gives."""
        if self.kind == ML_DSA_44:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public_key(self) -> bytes:
        """Return its public half: 32 bytes, or 1,312."""
        return self.private_key.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> bytes:
        """Return the four bytes that mark its signatures."""
        return key_id(self.name, self.kind, self.public_key)

    @property
    def vkey(self) -> str:
        """Return the verifier key in text."""
        return vkey(self.name, self.kind, self.public_key)

    @property
    def ref(self) -> str:
        """Return the key's name in cases; `keys` of the file has the key."""
        REFERRED[f"{self.name}+{self.key_id.hex()}"] = self.vkey
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def secret_ref(self) -> str:
        """Return the same for a key that a case signs with; in `signing_keys`."""
        SECRETS[self.ref] = self.signing_key
        return self.ref

    @property
    def signing_key(self) -> str:
        """Return the signing key in text."""
        material = b64(bytes([self.kind]) + self.seed)
        return f"PRIVATE+KEY+{self.name}+{self.key_id.hex()}+{material}"

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature."""
        if isinstance(self.private_key, MLDSA44PrivateKey):
            return KEPT.sign(self.private_key, message)
        return self.private_key.sign(message)

    def line(self, signature: bytes) -> str:
        """Return the signature line that claims this signature to be the party's."""
        return line(self.name, self.key_id, signature)


def party(name: str, kind: int) -> Party:
    """Return a party whose seed anybody can compute."""
    seed = sha256(f"assent test vectors, {name}, {kind:#04x}".encode()).digest()
    return Party(name, kind, seed)


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def vkey(name: str, kind: int, public_key: bytes) -> str:
    material = b64(bytes([kind]) + public_key)
    return f"{name}+{key_id(name, kind, public_key).hex()}+{material}"


# Lines, notes and tree heads


def line(name: str, identifier: bytes, signature: bytes) -> str:
    return f"\N{EM DASH} {name} {b64(identifier + signature)}\n"


def note(text: str, *lines: str) -> str:
    return f"{text}\n{''.join(lines)}"


@dataclass(frozen=True)
class Head:
    """A tree head, as its log says it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        rows = [self.origin, str(self.size), b64(self.root), *self.extensions]
        return "".join(f"{row}\n" for row in rows)


def cosigned_message(  # noqa: PLR0913, PLR0917 - the fields in their order
    cosigner: str, time_s: int, origin: str, start: int, end: int, root: bytes
) -> bytes:
    """Return what an ML-DSA-44 cosignature covers."""
    names = [name.encode() for name in (cosigner, origin)]
    cosigner_bytes, origin_bytes = [bytes([len(name)]) + name for name in names]
    return b"".join(
        (
            b"subtree/v1\n\0",
            cosigner_bytes,
            time_s.to_bytes(8, "big"),
            origin_bytes,
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            root,
        )
    )


def head_message(by: Party, head: Head, time_s: int) -> bytes:
    """Return what a cosignature of a tree head covers."""
    if by.kind == COSIGNER:
        return f"cosignature/v1\ntime {time_s}\n{head.text}".encode()
    return cosigned_message(by.name, time_s, head.origin, 0, head.size, head.root)


def cosignature(by: Party, head: Head, time_s: int = TIME_S) -> str:
    signature = by.sign(head_message(by, head, time_s))
    return by.line(time_s.to_bytes(8, "big") + signature)


def subtree_cosignature(
    by: Party, origin: str, start: int, end: int, root: bytes
) -> str:
    message = cosigned_message(by.name, 0, origin, start, end, root)
    return by.line(bytes(8) + by.sign(message))


def log_signature(by: Party, head: Head) -> str:
    if by.kind == ED25519:
        return by.line(by.sign(head.text.encode()))
    return cosignature(by, head)


def signed(head: Head, *signers: Party) -> str:
    return note(head.text, *(log_signature(by, head) for by in signers))


# One log and its entries

LOG = party("log.example/vectors", ED25519)
OLD_LOG = Party(LOG.name, ED25519, sha256(b"assent test vectors, an old key").digest())
ML_DSA_LOG = party(LOG.name, ML_DSA_44)
OTHER_LOG = party("other.example/log", ED25519)
W1 = party("w1.example", COSIGNER)
W2 = party("w2.example", COSIGNER)
W3 = party("w3.example", COSIGNER)
ML_DSA_W = party("w4.example", ML_DSA_44)
STRANGER = party("stranger.example", ED25519)

ENTRIES = [f"entry {number}".encode() for number in range(300)]
TREE = DefinedTree([leaf_hash(entry) for entry in ENTRIES])


def head_of(size: int, *extensions: str, origin: str = LOG.name) -> Head:
    return Head(origin, size, TREE.mth(0, size), extensions)


def hash_lines(hashes: Iterable[bytes]) -> str:
    return "".join(f"{b64(value)}\n" for value in hashes)
