"""New keys for an agency's machines: made aside, in force once the states name them.

folder -> new public keys;  a root -> the keys that sign under it

A thief may have the old keys, so the new treaty names only the new ones. They are kept
apart until a root is published that names the new online key; then they take the place
of the old, for good.
"""

import secrets
from pathlib import Path

from assent.adapters.agency import (
    AgencyFolder,
    ServiceSigner,
    open_agency_folder,
    read_service_keys,
    write_service_keys,
)
from assent.adapters.agency.service_keys import SEED_BYTES
from assent.adapters.files import read_bytes, write_durably
from assent.authorisation.trust import parse_root

SERVICES = ("status", "lease", "online")
_FILE_BYTES_MAX = 16_384
_SECRET = 0o600


def make_keys(path: Path) -> None:
    """Make keys for every service in a new file.

    Raises:
        InputError: if there is a file.
        StoreUnavailable: if the disk refuses.

    """
    write_service_keys(
        path, {name: secrets.token_bytes(SEED_BYTES) for name in SERVICES}
    )


def next_keys(folder: Path) -> dict[str, str]:
    """Return the public keys that the next treaty and root are to name.

    They are made when they are asked for first, and stay the same until they are named.

    Raises:
        NotFound: if there is no agency.
        InputError: if the file that holds them cannot be read.
        StoreUnavailable: if the disk refuses.

    """
    place = open_agency_folder(folder)
    if not place.next_service_keys.exists():
        make_keys(place.next_service_keys)
    signers = read_service_keys(place.next_service_keys)
    return {name: signer.key.text for name, signer in signers.items()}


def keys_under(place: AgencyFolder, root: bytes) -> dict[str, ServiceSigner]:
    """Return the keys of the machines under a root: the next ones, if it names them.

    Raises:
        NotFound, InputError: if they cannot be read.
        TrustMalformed: if that is no root.

    """
    if place.next_service_keys.exists():
        signers = read_service_keys(place.next_service_keys)
        if signers["online"].key in parse_root(root).quorums.online.keys:
            return signers
    return read_service_keys(place.service_keys)


def settle_keys(place: AgencyFolder, root: bytes) -> None:
    """Let the next keys take the place of the old, if this root names them.

    Raises:
        StoreUnavailable: if the disk refuses; call it again then.

    """
    if place.next_service_keys.exists() and keys_under(place, root) == (
        read_service_keys(place.next_service_keys)
    ):
        data = read_bytes(place.next_service_keys, _FILE_BYTES_MAX)
        write_durably(place.service_keys, data, _SECRET)
        place.next_service_keys.unlink(missing_ok=True)
