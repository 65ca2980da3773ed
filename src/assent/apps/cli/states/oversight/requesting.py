"""`assent oversight request`: one evaluation job, from what is kept for overseers.

permit + what is to run + key -> a signed request for the gate
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assent.apps.cli.output.speaking import tell
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.authorisation.secretariat import read_permit
from assent.supervision.oversight import EvaluationRequest, parse_request
from assent.vocabulary import (
    canonical_bytes,
    format_count,
    format_instant,
    parse_count,
)
from assent.wiring.agency import now, open_agency


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an inspector asks for, as it was typed."""

    inspector: str
    name: str
    site: str
    flop: str
    evaluations: tuple[str, ...]
    hours: int


def request(  # noqa: PLR0913, PLR0917 - what the command may be asked
    agency: Path,
    permit_id: str,
    out: Path,
    wanted: Wanted,
    key: Path,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Write and sign a request for one evaluation job."""
    verify_new(out)
    time = now()
    with open_agency(agency, at=time) as opened:
        permit = read_permit(opened.office, permit_id).permit
    made = EvaluationRequest(
        request_id=wanted.name,
        permit_id=permit_id,
        run_id=permit.run_id,
        site=wanted.site,
        inspector=wanted.inspector,
        evaluations=wanted.evaluations,
        flop=parse_count(wanted.flop),
        issued=time,
        expires=time + timedelta(hours=wanted.hours),
    )
    parse_request(canonical_bytes(made.plain))  # what the gate could not read
    kept = format_count(permit.flop_overseers_at_a_site)
    words = [
        f"You ask for one job at {made.site}, of the run {made.run_id} ({permit_id}).",
        f"It evaluates {', '.join(made.evaluations)}.",
        f"At most {format_count(made.flop)} FLOP.",
        f"It has to be over by {format_instant(made.expires)}.",
        f"Kept for overseers there: {kept} FLOP in all.",
    ]
    signer = confirm_and_unlock(words, key, passphrase_file, yes=yes)
    write(out, made.signed_by(signer).encoded)
    tell(
        f"Give it to the site: `assent gate request FOLDER {out.name}`; the job names"
        f" {permit_id} and {made.request_id}."
    )
