"""`assent measure propose`: put a change of a permit to the vote.

permit + what is to change -> a measure's case, and the proposal that members read
"""

from dataclasses import dataclass
from pathlib import Path

from assent.apps.cli.output.speaking import show
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.capping import CapsChange, pair_of
from assent.apps.cli.permit.output import write
from assent.authorisation.review import ballot_of
from assent.authorisation.secretariat import Motion, propose_measure, read_permit
from assent.authorisation.treaty import Matter
from assent.vocabulary import format_instant
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import now


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A motion as it was typed."""

    matter: str
    reason: str
    exclude: tuple[str, ...]
    changes: CapsChange


def propose(agency: Path, permit_id: str, moved: Moved, actor: str, out: Path) -> None:
    """Put a measure to the vote, and write its proposal."""
    verify_new(out)
    time = now()
    excluded = dict(pair_of(text, "--exclude") for text in moved.exclude)
    with open_agency(agency, at=time) as opened:
        permit = read_permit(opened.office, permit_id).permit
        motion = Motion(
            matter=Matter(moved.matter),
            reason=moved.reason,
            caps=moved.changes.applied_to(permit.caps),
            excluded=excluded,
        )
        measure_id = propose_measure(opened.office, permit_id, motion, actor, time)
        proposal = ballot_of(opened.office.read(measure_id)).open_proposal
    write(out, proposal.encoded)
    show(
        f"{measure_id}: {proposal.title}, until {format_instant(proposal.closes)}",
        f"Members read it with `assent vote show` and vote with `assent vote cast`;"
        f" record what they send with `assent vote record … {measure_id}`.",
    )
