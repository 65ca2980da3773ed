"""`assent review weigh | precedents | propose | refuse`: what the review comes to.

case -> a verdict in words, a proposal's bytes for the members, or a refusal
"""

from pathlib import Path

from assent.apps.cli.apply.desk import Desk, desk, tell, verify_series
from assent.apps.cli.apply.weighed import weighing_lines
from assent.apps.cli.output.writing import verify_new, write_new
from assent.apps.cli.permit.capping import CapsChange
from assent.authorisation import secretariat
from assent.authorisation.application import SERIES, Kind, fold
from assent.authorisation.review import Precedent
from assent.authorisation.secretariat import precedents_of, weigh_case
from assent.vocabulary import format_instant


def weigh(agency: Path, case_id: str) -> None:
    """Print the verdict of the day, and what similar cases came to."""
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        weighed = weigh_case(at.office, at.office.read(case_id), at.time.date())
        tell(f"{case_id} is {weighed.case.state}.", *weighing_lines(weighed.weighing))
        for name, reason in weighed.file.recusals.items():
            tell(f"stands aside: {name}: {reason}")
        _tell_precedents(at, case_id)


def precedents(agency: Path, case_id: str) -> None:
    """Print past decisions that resemble a case."""
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        _tell_precedents(at, case_id)


def propose(
    agency: Path, case_id: str, narrower: CapsChange, out: Path, actor: str
) -> None:
    """Put the permit to the vote, and write the proposal that members sign.

    Raises:
        NotAllowed: if the review does not let it, or the caps are wider.
        InputError: if there is a file already, or a cap cannot be read.

    """
    verify_series(case_id, SERIES)
    verify_new(out)
    with desk(agency) as at:
        asked = fold(at.office.read(case_id)).application.requested
        caps = None if asked is None else narrower.applied_to(asked)
        proposal = secretariat.propose_permit(
            at.office, case_id, actor, at.time, caps=caps
        )
    write_new(out, proposal.encoded)
    tell(
        f"{proposal.decision_id} is put to the vote: {proposal.title}",
        f"votes count until {format_instant(proposal.closes)}",
        *(f"stands aside: {name}: {why}" for name, why in proposal.excluded.items()),
        f"Wrote {out}: {proposal.digest}",
    )


def refuse(agency: Path, case_id: str, actor: str) -> None:
    """Refuse what the rules refuse, and print every reason."""
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        fold(at.office.read(case_id)).verify_takes(Kind.REFUSED_BY_RULE)
        weighing = secretariat.refuse(at.office, case_id, actor, at.time)
    tell(f"{case_id} is refused:", *(f"  - {text}" for text in weighing.reasons))


def _tell_precedents(at: Desk, case_id: str) -> None:
    found = precedents_of(at.office, case_id, at.time.date())
    tell("similar past decisions, which bind nobody:" if found else "no precedents")
    for near in found:
        tell(*_precedent(near))


def _precedent(near: Precedent) -> list[str]:
    past = near.past
    return [
        f"  {past.case_id}  {past.outcome} on {past.decided}, {past.developer}",
        *(f"    {reason}" for reason in near.reasons),
    ]
