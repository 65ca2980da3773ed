"""What the agency hands out: a permit's file, a status list, a lease.

agency's folder + permit -> files
"""

from pathlib import Path

from assent.apps.cli.permit.output import show, write
from assent.authorisation import secretariat
from assent.vocabulary import format_instant
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import now


def bundle(agency: Path, permit_id: str, out: Path) -> None:
    """Write a permit's file with a fresh status list; record the first time."""
    time = now()
    with open_agency(agency, at=time) as opened:
        signer = opened.services["status"]
        status = secretariat.status_list(opened.office, signer, time)
        data = secretariat.give_out(opened.office, permit_id, status, time)
    write(out, data)


def status(agency: Path, out: Path) -> None:
    """Write the signed status list."""
    time = now()
    with open_agency(agency, at=time) as opened:
        data = secretariat.status_list(opened.office, opened.services["status"], time)
    write(out, data)


def exhaust(agency: Path, permit_id: str, actor: str) -> None:
    """Record that a permit is used up."""
    time = now()
    with open_agency(agency, at=time) as opened:
        secretariat.exhaust(opened.office, permit_id, actor, time)
    show(
        f"{permit_id} is used up. Its next status list says so; the public log will"
        " when the agency works next (`assent agency work`)."
    )


def renew(agency: Path, permit_id: str, site: str, out: Path) -> None:
    """Write the next lease of a permit for a site."""
    time = now()
    with open_agency(agency, at=time) as opened:
        signer = opened.services["lease"]
        lease, envelope = secretariat.lease(
            opened.office, permit_id, site, signer, time
        )
    write(out, envelope.encoded)
    show(f"{lease.lease_id} for {lease.site}, until {format_instant(lease.expires)}.")
