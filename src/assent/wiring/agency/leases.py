"""Leases that renew themselves while their permits are good.

open agency + now -> public/leases/ID.SERIAL.lease, one for each site of each permit
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.files import make_folder, read_bytes, write_durably
from assent.authorisation.permit import (
    Lease,
    LeaseRefused,
    PermitCase,
    PermitState,
    allotment,
    parse_lease,
)
from assent.authorisation.secretariat import all_cards, lease, read_permit
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope
from assent.wiring.agency.open import OpenAgency

LEASES_FOLDER = "leases"
_MODE = 0o644  # they are public: who has no account at the site can use none


def renew_leases(agency: OpenAgency, time: datetime) -> list[str]:
    """Renew the leases of all permits in force that are due; return their names.

    A lease is due when half of its life is over, when the permit has another version,
    or when more is unlocked. A site to which the others leave nothing gets none.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    folder = agency.place.public / LEASES_FOLDER
    make_folder(folder, 0o777)
    published = _published(folder)
    renewed = []
    for card in all_cards(agency.office, "permit", PermitState.IN_FORCE.value):
        case = read_permit(agency.office, card.case_id)
        caps = case.permit.caps
        if not caps.not_before <= time < caps.not_after:
            continue
        for site in caps.sites:
            known = published.get((case.case_id, site))
            if allotment(case, site) <= 0 or not _is_due(known, case, site, time):
                continue
            with suppress(LeaseRefused):  # it ended while this was decided
                renewed.append(_renew(agency, case.case_id, site, time, folder))
    _drop_old(folder, published, time)
    return renewed


def _is_due(
    known: tuple[Lease, Path] | None, case: PermitCase, site: str, time: datetime
) -> bool:
    if known is None:
        return True
    found = known[0]
    half = timedelta(seconds=case.permit.lease_s / 2)
    return (
        found.permit_digest != case.permit.digest
        or found.flop < allotment(case, site)
        or (found.expires - time < half and found.expires < case.permit.caps.not_after)
    )


def _renew(
    agency: OpenAgency, permit_id: str, site: str, time: datetime, folder: Path
) -> str:
    signer = agency.services["lease"]
    made, envelope = lease(agency.office, permit_id, site, signer, time)
    path = folder / f"{permit_id}.{made.serial}.lease"
    write_durably(path, envelope.encoded, _MODE)
    return made.lease_id


def _published(folder: Path) -> dict[tuple[str, str], tuple[Lease, Path]]:
    """Return the newest published lease of each permit and site."""
    newest: dict[tuple[str, str], tuple[Lease, Path]] = {}
    for found, path in _all(folder):
        known = newest.get((found.permit_id, found.site))
        if known is None or known[0].serial < found.serial:
            newest[found.permit_id, found.site] = found, path
    return newest


def _all(folder: Path) -> Iterator[tuple[Lease, Path]]:
    for path in folder.glob("*.lease"):
        try:
            envelope = parse_envelope(read_bytes(path, ENVELOPE_BYTES_MAX))
            yield parse_lease(envelope.payload), path
        except AssentError:
            continue  # somebody else's file; the next lease has another name


def _drop_old(
    folder: Path,
    before: dict[tuple[str, str], tuple[Lease, Path]],
    time: datetime,
) -> None:
    """Remove leases that ended, and those that newer ones had replaced already."""
    kept = {path for _, path in before.values()} | {
        path for _, path in _published(folder).values()
    }
    for found, path in _all(folder):
        if path not in kept or found.expires <= time:
            path.unlink(missing_ok=True)
