"""Say in words what a proposal decides, before anybody votes on it.

Proposal (+ Treaty) -> lines, or a refusal to show what says two things at once

An approval signs the proposal's paper. So what is done is told from the paper, never
from the title, and a paper that does not fit its proposal is refused: by it a member
could be led to sign one thing while reading another.
"""

from assent.apps.cli.output.visible import visible
from assent.apps.cli.permit.words import describe_change, describe_permit
from assent.authorisation.permit import Permit, read_paper
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.treaty import Treaty
from assent.authorisation.treaty.summary import quorum_in_words
from assent.vocabulary import InputError, format_instant


def describe_proposal(proposal: Proposal, treaty: Treaty | None) -> list[str]:
    """Return all that a proposal decides, one line for each thing.

    Args:
        proposal: believed in nothing.
        treaty: that the reader trusts; None if there is none.

    Raises:
        PaperDiffers: if its paper is none that has an effect, or is another's.
        PermitMalformed, ChangeMalformed: if its paper cannot be read.
        MatterUnknown: if the treaty lets nobody decide it.

    """
    paper = read_paper(proposal)
    if isinstance(paper, Permit):
        done = "GRANT A PERMIT" if paper.version == 1 else "VARY A PERMIT"
        about = describe_permit(paper)
    else:
        done, about = f"{paper.action.value.upper()} A PERMIT", describe_change(paper)
    return [
        done,
        f"the agency calls it: {proposal.title}",
        f"{proposal.decision_id} of {proposal.agency}, about {proposal.case_id}",
        "What takes effect if it is approved:",
        *(f"  {line}" for line in about),
        *(f"why: {reason}" for reason in proposal.reasons),
        *(f"proviso: {text}" for text in proposal.provisos),
        *_excluded(proposal),
        f"votes count from {format_instant(proposal.opens)}",
        f"until {format_instant(proposal.closes)}; then silence is refusal",
        *_needed(proposal, treaty),
        f"treaty: version {proposal.treaty_version}, {proposal.treaty_digest}",
        f"it takes account of the case up to {proposal.case_digest}",
        f"it rests on the review {proposal.review_digest}",
        f"digest of the proposal: {proposal.digest}",
    ]


def _excluded(proposal: Proposal) -> list[str]:
    return [
        f"{member} stands aside, and its vote does not count: {why}"
        for member, why in proposal.excluded.items()
    ] or ["nobody stands aside"]


def _needed(proposal: Proposal, treaty: Treaty | None) -> list[str]:
    if treaty is None:
        return ["how many are needed: the treaty says, which was not given"]
    return [
        f"needed of {organ.title}: {quorum_in_words(organ.approve)}"
        for organ in treaty.organs_of(proposal.matter)
    ] + [
        f"who can block it in {organ.title}: {quorum_in_words(organ.block)}"
        for organ in treaty.organs_of(proposal.matter)
        if organ.block is not None
    ]


def verify_reason(reason: str) -> None:
    """Refuse a reason that says nothing, or in which something hides.

    Raises:
        InputError: if it is empty, of several lines, or has characters unseen.

    """
    if not reason.strip() or visible(reason) != reason:
        raise InputError(
            f"This is no reason for a vote: {visible(reason[:200])!r}.",
            remedy="Give the reason in one line, all of which can be read: it is"
            " public.",
        )
