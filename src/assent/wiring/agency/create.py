"""Make an agency: first its machines and its log, then, signed by the states, itself.

folder -> Prepared: what the treaty must name;  signed root and targets -> an agency
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assent.adapters.agency import (
    AgencyFolder,
    finish_agency_folder,
    read_service_keys,
    write_service_keys,
)
from assent.adapters.agency.service_keys import SEED_BYTES
from assent.adapters.docket import open_docket
from assent.adapters.files import read_bytes, write_durably
from assent.adapters.trust import TrustFolder
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TREATY_BYTES_MAX,
    TrustedTreaty,
    TrustMetadata,
    verify_trust,
)
from assent.translog.formats.statements import POLICY_BYTES_MAX
from assent.vocabulary import InputError
from assent.wiring.agency.open import list_again
from assent.wiring.log import DATABASE_VARIABLE, create_log

SERVICES = ("status", "lease", "online")
_PUBLIC = 0o644


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the treaty and its root have to name: public keys by service, the log."""

    place: AgencyFolder
    keys: Mapping[str, str]
    log_policy: str


def prepare_agency(
    place: AgencyFolder,
    origin: str,
    witnesses: bytes = b"quorum none\n",
    *,
    environment: Mapping[str, str] = os.environ,
) -> Prepared:
    """Make the log and the machines' keys of an agency that is still to be founded.

    Args:
        place: its folder, which holds none.
        origin: what its log is called, a URL without its scheme.
        witnesses: lines of a policy on witnesses, groups and the quorum.
        environment: where DATABASE_URL may name another database for the log.

    Raises:
        InputError: if the folder holds an agency or a log.
        AssentError: of another kind, if something cannot be made.

    """
    if not place.service_keys.exists():
        seeds = {name: secrets.token_bytes(SEED_BYTES) for name in SERVICES}
        write_service_keys(place.service_keys, seeds)
    log = create_log(place.log, origin, witnesses, "documents", environment=environment)
    return describe_prepared(place, log.policy_path)


def describe_prepared(place: AgencyFolder, policy: Path) -> Prepared:
    """Return what an agency's machines and log are known by."""
    signers = read_service_keys(place.service_keys)
    return Prepared(
        place=place,
        keys={name: signer.key.text for name, signer in signers.items()},
        log_policy=read_bytes(policy, POLICY_BYTES_MAX).decode(),
    )


def found_agency(  # noqa: PLR0913 - three files, and where and when
    place: AgencyFolder,
    root: Path,
    targets: Path,
    treaty: Path,
    time: datetime,
    *,
    environment: Mapping[str, str] = os.environ,
) -> TrustedTreaty:
    """Found an agency that is prepared, on what the states signed.

    Args:
        place: its folder.
        root: the file of the root, version 1, signed by enough states.
        targets: the file of the targets that name the treaty, signed likewise.
        treaty: the file of the treaty's canonical bytes.
        time: now.
        environment: where DATABASE_URL may name another database for the cases.

    Raises:
        TrustRefused, TrustMalformed, TreatyInvalid: if they do not fit together.
        InputError: if the treaty is another agency's, or does not name these machines.
        AssentError: of another kind, if something cannot be made.

    """
    signed_root = read_bytes(root, METADATA_BYTES_MAX)
    signers = read_service_keys(place.service_keys)
    bare = TrustMetadata(
        timestamp=b"",
        snapshot=b"",
        targets=read_bytes(targets, METADATA_BYTES_MAX),
        treaty=read_bytes(treaty, TREATY_BYTES_MAX),
        roots=(signed_root,),
    )
    listed = list_again(
        bare, signers["online"], time, snapshot_version=1, timestamp_version=1
    )
    trusted = verify_trust(signed_root, listed, time)
    _check_named(place, trusted, signers["status"].key.text)
    TrustFolder(place.trust).write(listed, time)
    write_durably(place.root, signed_root, _PUBLIC)
    database = environment.get(DATABASE_VARIABLE) or place.database
    with closing(open_docket(database, create=True)):
        pass
    finish_agency_folder(place)
    return trusted


def _check_named(place: AgencyFolder, trusted: TrustedTreaty, status: str) -> None:
    named = {
        dated.key.text for keys in trusted.treaty.services.values() for dated in keys
    }
    if trusted.treaty.agency != place.agency or status not in named:
        raise InputError(
            f"The treaty is of {trusted.treaty.agency} and does not name the machines"
            f" of {place.agency} in {place.folder}.",
            remedy="Put what `assent agency prepare` printed into the treaty.",
        )
