"""Read what a proposal would bring about, and hold it against the proposal.

Proposal -> Permit or PermitChange, or PaperDiffers

An approval signs the paper, not the proposal. A paper that is about something else than
the proposal says would have members sign one thing while they read another; so it is
held against it before it is put to the vote, before anybody signs, and before it takes
effect.
"""

from assent.authorisation.permit.change import CHANGE_TYPE, PermitChange, parse_change
from assent.authorisation.permit.parse import parse_permit
from assent.authorisation.permit.permit import PERMIT_TYPE, Permit
from assent.authorisation.review.deciding import Proposal
from assent.vocabulary import Refused, canonical_bytes


class PaperDiffers(Refused):
    """A proposal's paper is not about what the proposal says, or cannot be read."""


def read_paper(proposal: Proposal) -> Permit | PermitChange:
    """Return what a proposal would bring about.

    Raises:
        PaperDiffers: if it is about something else than the proposal says.
        PermitMalformed, ChangeMalformed: if it cannot be read.

    """
    payload, kind = canonical_bytes(proposal.paper.payload), proposal.paper.payload_type
    paper: Permit | PermitChange
    if kind == PERMIT_TYPE:
        paper = parse_permit(payload)
        treaty = (paper.treaty_version, paper.treaty_digest)
        if treaty != (proposal.treaty_version, proposal.treaty_digest):
            raise _differs(proposal, "treaty")
        if paper.decide_by != proposal.closes:
            raise _differs(proposal, "deadline")
        subject = paper.case_id if paper.version == 1 else paper.permit_id
    elif kind == CHANGE_TYPE:
        paper = parse_change(payload)
        subject = paper.permit_id
    else:
        raise PaperDiffers(
            f"{proposal.decision_id} would sign a statement of type {kind:.120}, which"
            " assent cannot show.",
            remedy="Do not vote on it; ask the agency for the proposal again.",
        )
    for name, said, is_same in (
        ("agency", paper.agency, paper.agency == proposal.agency),
        ("decision", paper.decision_id, paper.decision_id == proposal.decision_id),
        ("matter", paper.matter, paper.matter is proposal.matter),
        ("case", subject, subject == proposal.case_id),
        (
            "members who stand aside",
            ", ".join(sorted(paper.excluded)) or "none",
            paper.excluded == proposal.excluded.keys(),
        ),
    ):
        if not is_same:
            raise _differs(proposal, f"{name} ({said:.80})")
    return paper


def _differs(proposal: Proposal, what: str) -> PaperDiffers:
    return PaperDiffers(
        f"What {proposal.decision_id} would sign has another {what} than the proposal"
        " says.",
        remedy="Do not vote on it; tell the agency what you were sent.",
    )
