"""Count the votes on a proposal.

verified votes + Proposal + Treaty + now -> Tally: granted, refused or still open

Only approval by every organ's quorum grants. Silence, abstention and standing aside
never help; at the deadline what is not granted is refused. A vote ends early when no
further vote could change its outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assent.authorisation.review.deciding.errors import VotedTwice
from assent.authorisation.review.deciding.proposal import Proposal
from assent.authorisation.review.deciding.vote import Choice, Vote
from assent.authorisation.treaty import Treaty
from assent.vocabulary import format_instant


class Outcome(StrEnum):
    """What became of a proposal."""

    GRANTED = "granted"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The count, and why it comes out so.

    `pending` are the members who may vote and have not; `absent` those whom the
    proposal excludes, or who stand aside themselves.
    """

    outcome: Outcome
    reason: str
    approve: frozenset[str]
    reject: frozenset[str]
    abstain: frozenset[str]
    absent: frozenset[str]
    pending: frozenset[str]

    @property
    def is_final(self) -> bool:
        """Tell whether the proposal is decided."""
        return self.outcome is not Outcome.OPEN


def tally(
    votes: Sequence[Vote], proposal: Proposal, treaty: Treaty, now: datetime
) -> Tally:
    """Return the count at an instant.

    Args:
        votes: verified, of this proposal, at most one of each member.
        proposal: what they are about.
        treaty: in force at that instant.
        now: the instant; after the deadline nothing is pending any more.

    Raises:
        VotedTwice: if a member stands twice.
        MatterUnknown: if the treaty lets nobody decide it.

    """
    by_choice: dict[Choice, set[str]] = {choice: set() for choice in Choice}
    seen: set[str] = set()
    for vote in votes:
        if vote.member in seen:
            raise VotedTwice(
                f"{vote.member} voted twice on {proposal.decision_id}.",
                remedy="Count the vote that came first.",
            )
        seen.add(vote.member)
        by_choice[vote.choice].add(vote.member)
    # Whoever counts late counts as at the deadline: a party that has left meanwhile
    # takes no decision back.
    at = min(now, proposal.closes)
    eligible = treaty.eligible(proposal.matter, at) - proposal.excluded.keys()
    approve = by_choice[Choice.APPROVE] & eligible
    reject = by_choice[Choice.REJECT] & eligible
    is_over = now > proposal.closes
    pending = frozenset() if is_over else frozenset(eligible - seen)
    outcome, reason = _outcome(proposal, treaty, approve, reject, pending, at)
    return Tally(
        outcome=outcome,
        reason=reason,
        approve=frozenset(approve),
        reject=frozenset(reject),
        abstain=frozenset(by_choice[Choice.ABSTAIN] & eligible),
        absent=frozenset(by_choice[Choice.RECUSE] | proposal.excluded.keys()),
        pending=pending,
    )


def _outcome(  # noqa: PLR0913, PLR0917 - all that the outcome depends on
    proposal: Proposal,
    treaty: Treaty,
    approve: set[str],
    reject: set[str],
    pending: frozenset[str],
    at: datetime,
) -> tuple[Outcome, str]:
    matter = proposal.matter
    # (1) Enough against it, where the treaty gives them a veto.
    if treaty.is_blocked(matter, reject, at):
        return Outcome.REFUSED, "it was blocked by those who may"
    # (2) Whoever is still to vote could not bring about a quorum.
    if lack := treaty.lacking(matter, approve | pending, at):
        return Outcome.REFUSED, f"a quorum is out of reach: {lack}"
    lack = treaty.lacking(matter, approve, at)
    # (3) Enough for it, and nobody who could still block it.
    if not lack:
        if treaty.is_blocked(matter, reject | pending, at):
            return Outcome.OPEN, "it has a quorum, and could still be blocked"
        return Outcome.GRANTED, "every organ's quorum approved"
    closes = format_instant(proposal.closes)
    return Outcome.OPEN, f"until {closes} it lacks: {lack}"
