"""A signing key that its holder has unlocked.

message -> Ed25519 signature
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.vocabulary.envelope import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """An unlocked signing key; a `Signer`. `repr` hides the secret."""

    name: str
    key: PublicKey
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message."""
        return self._private.sign(message)
