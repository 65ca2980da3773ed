"""Make an agency: first its machines and its log, then, signed by the states, itself.

folder -> Prepared: what the treaty must name;  signed root and targets -> an agency;
later signed versions -> the same agency under them
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from assent.adapters.agency import (
    AgencyFolder,
    ServiceSigner,
    bind_docket,
    finish_agency_folder,
    open_agency_folder,
    open_prepared_folder,
    prepare_agency_folder,
    read_service_keys,
)
from assent.adapters.docket import open_docket, rebuild_cards
from assent.adapters.files import read_bytes, write_durably
from assent.adapters.translog.folder import LogFolder, open_log_folder
from assent.authorisation.permit import (
    PermitExpired,
    PermitNotYetValid,
    PermitState,
    PermitSuspended,
    verify_permit_under,
)
from assent.authorisation.secretariat import all_cards, permit_bundle, status_list
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TREATY_BYTES_MAX,
    TrustedTreaty,
)
from assent.translog.formats.statements import POLICY_BYTES_MAX
from assent.vocabulary import AssentError, InputError, NotFound
from assent.wiring.agency.machine_keys import (
    SERVICES,
    keys_under,
    make_keys,
    settle_keys,
)
from assent.wiring.agency.open import (
    OpenAgency,
    cases_under,
    database_of,
    open_agency,
    review_policy_of,
    verify_policy_named,
)
from assent.wiring.agency.trust import newest_root, publish_treaty
from assent.wiring.log import create_log

NO_WITNESSES = b"quorum none\n"
_PUBLIC = 0o644
_VERIFIABLE = (PermitState.IN_FORCE.value, PermitState.SUSPENDED.value)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the treaty and its root have to name: public keys by service, the log."""

    place: AgencyFolder
    keys: Mapping[str, str]
    log_policy: str


@dataclass(frozen=True, kw_only=True)
class Amended:
    """The treaty in force, and permits that are no good under it, with the reason."""

    trusted: TrustedTreaty
    unverified: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Files that the states signed; a root only where there is a new one."""

    root: Path | None
    targets: Path
    treaty: Path


def prepare_agency(
    place: AgencyFolder,
    origin: str,
    witnesses: bytes = NO_WITNESSES,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Prepared:
    """Make the log and the machines' keys of an agency that is still to be founded.

    Again does no harm: keys and log stay the same.

    Args:
        place: its folder, which holds none.
        origin: what its log is called, a URL without its scheme.
        witnesses: lines of a policy on witnesses, groups and the quorum.
        environment: where DATABASE_URL may name another database for the log.

    Raises:
        InputError: if the folder holds an agency, or another log.
        AssentError: of another kind, if something cannot be made.

    """
    review_policy_of(place)  # refused now rather than when the first case is weighed
    place = replace(place, cases=_cases_of(place, environment))
    prepare_agency_folder(place)
    if not place.service_keys.exists():
        make_keys(place.service_keys)
    try:
        log = open_log_folder(place.log)
    except NotFound:
        log = create_log(
            place.log, origin, witnesses, "documents", environment=environment
        )
    if log.origin != origin:
        raise InputError(
            f"{place.log} holds the log {log.origin} already.",
            remedy="Prepare the agency with that origin, or in another folder.",
        )
    return _describe(place, log)


def _cases_of(place: AgencyFolder, environment: Mapping[str, str]) -> str:
    """Return where cases and log go: where they went when this was prepared before."""
    try:
        before = open_prepared_folder(place.folder)
    except NotFound:
        return cases_under(environment)
    database_of(before, environment)
    return before.cases


def _describe(place: AgencyFolder, log: LogFolder) -> Prepared:
    signers = read_service_keys(place.service_keys)
    return Prepared(
        place=place,
        keys={name: signer.key.text for name, signer in signers.items()},
        log_policy=read_bytes(log.policy_path, POLICY_BYTES_MAX).decode(),
    )


def found_agency(
    folder: Path,
    signed: Signed,
    time: datetime,
    *,
    environment: Mapping[str, str] = os.environ,
) -> TrustedTreaty:
    """Found an agency that is prepared, on what the states signed.

    Whoever is stopped on the way does it again.

    Args:
        folder: its folder.
        signed: the root of version 1, the targets that name the treaty, the treaty.
        time: now.
        environment: where DATABASE_URL may name another database for the cases.

    Raises:
        TrustRefused, TrustMalformed, TreatyInvalid: if they do not fit together.
        InputError: if the treaty is another agency's, or does not name these machines.
        AssentError: of another kind, if something cannot be made.

    """
    place = open_prepared_folder(folder)
    if signed.root is None:
        raise InputError("An agency begins with a root.", remedy="Give --root.")
    database = database_of(place, environment)
    root = read_bytes(signed.root, METADATA_BYTES_MAX)
    trusted = _publish(place, (root,), signed, time)
    write_durably(place.root, root, _PUBLIC)
    with closing(open_docket(database, create=True)) as docket:
        bind_docket(docket, f"sha256:{sha256(root).hexdigest()}")
    finish_agency_folder(place)
    return trusted


def amend_agency(
    folder: Path,
    signed: Signed,
    time: datetime,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Amended:
    """Put a new version of the treaty in force, and a next root if there is one.

    The cards of all cases are made again: deadlines run by the new treaty from now on.

    Raises:
        TrustRefused, TrustMalformed, TreatyInvalid: if the states did not sign it, or
            it is older than what is published; nothing changed.
        InputError: if the treaty is another agency's, or does not name these machines.
        AssentError: of another kind, if something cannot be written.

    """
    place = open_agency_folder(folder)
    root = () if signed.root is None else (read_bytes(signed.root, METADATA_BYTES_MAX),)
    trusted = _publish(place, root, signed, time)
    # What the states signed is published even where nothing may be decided.
    with open_agency(
        folder, at=time, even_behind=True, environment=environment
    ) as agency:
        rebuild_cards(agency.office.docket, lambda _: agency.office.card)
        return Amended(trusted=trusted, unverified=dict(_unverified(agency, time)))


def _unverified(agency: OpenAgency, time: datetime) -> Iterator[tuple[str, str]]:
    """Yield permits that the treaty in force does not bear, and why.

    Who signed a permit is counted by the organs of the newest treaty.
    """
    status = status_list(agency.office, agency.services["status"], time)
    for card in all_cards(agency.office, "permit", *_VERIFIABLE):
        if not card.details["is_logged"]:
            continue
        bundle = permit_bundle(agency.office, card.case_id, status)
        try:
            verify_permit_under(
                agency.trusted, bundle.envelope, bundle.proof, status, time
            )
        except (PermitNotYetValid, PermitSuspended, PermitExpired):
            continue
        except AssentError as error:
            yield card.case_id, error.message


def _publish(
    place: AgencyFolder, roots: tuple[bytes, ...], signed: Signed, time: datetime
) -> TrustedTreaty:
    treaty = read_bytes(signed.treaty, TREATY_BYTES_MAX)
    root = roots[-1] if roots else newest_root(place)
    signers = keys_under(place, root)
    trusted = publish_treaty(
        place,
        signers["online"],
        time,
        roots=roots,
        targets=read_bytes(signed.targets, METADATA_BYTES_MAX),
        treaty=treaty,
        verify=lambda found: _verify_own(place, signers, found),
    )
    settle_keys(place, trusted.root)
    return trusted


def _verify_own(
    place: AgencyFolder, signers: Mapping[str, ServiceSigner], treaty: Treaty
) -> None:
    """Check that a treaty is of this agency, its machines, its log and its policy."""
    named = {
        role.value: {dated.key.text for dated in keys}
        for role, keys in treaty.services.items()
    }
    lacking = [
        role
        for role in SERVICES[:2]
        if signers[role].key.text not in named.get(role, set())
    ]
    if treaty.agency != place.agency or lacking:
        raise InputError(
            f"The treaty is of {treaty.agency}, and names"
            f" {'not ' + ' nor '.join(lacking) if lacking else 'the keys'} of the"
            f" machines of {place.agency} in {place.folder}.",
            remedy="Put what `assent agency prepare` printed into the treaty.",
        )
    log = open_log_folder(place.log)
    believed = {line.key for line in treaty.log_policy.logs}
    if not {line.key for line in log.policy.logs} <= believed:
        raise InputError(
            f"By the treaty's log policy nobody believes the log {log.origin} in"
            f" {place.log}.",
            remedy="Put the policy that `assent agency prepare` printed into it.",
        )
    verify_policy_named(review_policy_of(place), treaty)
