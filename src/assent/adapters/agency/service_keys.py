"""The keys that the agency's machines sign with by themselves, in one file.

names -> file of mode 0600; file -> ServiceSigner for each name

They sign what is short-lived: status lists, leases, and the timestamps of the trusted
metadata. No permit can be made with them. A machine that signs while nobody is there
can not be asked for a passphrase, so whoever reads this file can sign in its place
until the states name other keys: keep it on the machine that needs it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.adapters.files import write_durably
from assent.vocabulary import InputError, NotFound
from assent.vocabulary.envelope import PublicKey

SEED_BYTES = 32
_FILE_BYTES_MAX = 16_384
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class ServiceSigner:
    """A key of a service; its seed is never shown."""

    seed: bytes = field(repr=False)

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message."""
        return self._private.sign(message)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def write_service_keys(path: Path, seeds: Mapping[str, bytes]) -> None:
    """Write seeds of 32 bytes, by the names of services, to a new file.

    Raises:
        InputError: if there is a file: keys are never overwritten.
        StoreUnavailable: if the disk refuses.

    """
    text = "".join(f"{name} {seed.hex()}\n" for name, seed in seeds.items())
    try:
        write_durably(path, text.encode(), 0o600, replaces=False)
    except FileExistsError:
        raise InputError(
            f"{path} holds keys already.",
            remedy="Keep them until the treaty names others.",
        ) from None


def read_service_keys(path: Path) -> dict[str, ServiceSigner]:
    """Return the keys in a file by the names of their services.

    Raises:
        NotFound: if there is no file.
        InputError: if others than its owner can read it, or it is damaged.

    """
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise InputError(
                    f"Others can read the keys in {path}.",
                    remedy=f"Run `chmod 600 {path}`; if others did read them, have the"
                    " treaty name new ones.",
                )
            rows = [line.split() for line in file.read(_FILE_BYTES_MAX).splitlines()]
        signers = {name: ServiceSigner(bytes.fromhex(seed)) for name, seed in rows}
    except FileNotFoundError:
        raise NotFound(
            f"There are no keys at {path}.", remedy="Check the folder that is named."
        ) from None
    except (OSError, ValueError):
        signers = {}
    if not signers or any(len(found.seed) != SEED_BYTES for found in signers.values()):
        raise InputError(
            f"The keys in {path} cannot be read.",
            remedy="Restore the file, or have the treaty name new keys.",
        )
    return signers
