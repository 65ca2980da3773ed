"""What the agency hands out: a permit's file, a status list, a lease.

agency's folder + permit -> files
"""

import re
from pathlib import Path

from assent.apps.cli.output.speaking import show
from assent.apps.cli.output.writing import verify_gives_way
from assent.apps.cli.permit.output import write
from assent.authorisation import secretariat
from assent.authorisation.permit import parse_bundle
from assent.vocabulary import (
    InputError,
    format_count,
    format_instant,
    parse_count,
)
from assent.vocabulary.envelope import parse_envelope
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import now

_SIGNED_LIST = re.compile(rb"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def bundle(agency: Path, permit_id: str, out: Path) -> None:
    """Write a permit's file with a fresh status list; record the first time."""
    verify_gives_way(out, parse_bundle)
    time = now()
    with open_agency(agency, at=time) as opened:
        signer = opened.services["status"]
        status = secretariat.status_list(opened.office, signer, time)
        data = secretariat.give_out(opened.office, permit_id, status, time)
    write(out, data, parse_bundle)


def status(agency: Path, out: Path) -> None:
    """Write the signed status list."""
    verify_gives_way(out, parse_status_list)
    time = now()
    with open_agency(agency, at=time) as opened:
        data = secretariat.status_list(opened.office, opened.services["status"], time)
    write(out, data, parse_status_list)


def exhaust(agency: Path, permit_id: str, actor: str) -> None:
    """Record that a permit is used up."""
    time = now()
    with open_agency(agency, at=time) as opened:
        secretariat.exhaust(opened.office, permit_id, actor, time)
    show(
        f"{permit_id} is used up. Its next status list says so; the public log will"
        " when the agency works next (`assent agency work`)."
    )


def renew(agency: Path, permit_id: str, site: str, out: Path, flop: str) -> None:
    """Write the next lease of a permit for a site."""
    verify_gives_way(out, parse_envelope)
    allotted = parse_count(flop) if flop else None
    time = now()
    with open_agency(agency, at=time) as opened:
        signer = opened.services["lease"]
        lease, envelope = secretariat.lease(
            opened.office, permit_id, site, signer, time, allotted
        )
    write(out, envelope.encoded, parse_envelope)
    show(
        f"{lease.lease_id} for {lease.site}, until {format_instant(lease.expires)}:"
        f" {format_count(lease.flop)} FLOP in all."
    )


def parse_status_list(data: bytes) -> None:
    """Refuse what does not look like a signed status list (a JWT).

    Raises:
        InputError: if it does not.

    """
    if _SIGNED_LIST.fullmatch(data) is None:
        raise InputError("This is no status list.", remedy="Name a status list.")
