"""The votes of a case: what is put to the vote now, and what was before.

RecordedEvents -> Ballot

It reads the events `proposed`, `vote_received`, `vote_voided`, `proposal_withdrawn`,
`decision_granted` and `decision_refused`, of applications and permits alike. A change
of the application ends a proposal: the members voted on another plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from assent.authorisation.docket import CaseDamaged, Event, Folding, RecordedEvent
from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    Outcome,
    Proposal,
    ReceivedVote,
    VotedTwice,
    proposal_of,
    vote_of,
)
from assent.vocabulary import (
    AssentError,
    NotAllowed,
    canonical_bytes,
    parse_canonical,
    parse_instant,
)

_ENDS = frozenset({"proposal_withdrawn", "amended", "withdrawn"})
_DECIDES = {"decision_granted": Outcome.GRANTED, "decision_refused": Outcome.REFUSED}


class VoteNotOpen(NotAllowed):
    """Nothing is put to the vote, or something else is already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A proposal that is voted on no more; `record` is None if it was withdrawn."""

    proposal: Proposal
    ended: datetime
    reason: str
    record: DecisionRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Where the votes of a case stand.

    Attributes:
        case_id: the case; empty before its first event.
        proposal: that is voted on now; None if there is none.
        votes: on it, by member, in the order in which they came; voided ones are out.
        ended: earlier proposals, the oldest first.
        updated: when the case's last event happened; None before its first.

    """

    case_id: str = ""
    proposal: Proposal | None = None
    votes: Mapping[str, ReceivedVote] = field(default_factory=dict)
    ended: tuple[Ended, ...] = ()
    updated: datetime | None = None

    def __post_init__(self) -> None:
        """Keep a copy of the votes that nobody can change."""
        object.__setattr__(self, "votes", MappingProxyType(dict(self.votes)))

    def verify_none_open(self) -> None:
        """Refuse a second proposal beside the one that is voted on.

        Raises:
            VoteNotOpen: if there is one.

        """
        if self.proposal is not None:
            raise VoteNotOpen(
                f"{self.proposal.decision_id} is put to the vote already.",
                remedy="Wait until it is decided, or withdraw it.",
            )

    def at(self, now: datetime) -> datetime:
        """Return an instant, or that of the last event if its clock was ahead."""
        return now if self.updated is None else max(now, self.updated)

    @property
    def last_record(self) -> DecisionRecord | None:
        """The record of the last decision; None before the first."""
        records = [past.record for past in self.ended if past.record is not None]
        return records[-1] if records else None

    @property
    def open_proposal(self) -> Proposal:
        """The proposal that is voted on.

        Raises:
            VoteNotOpen: if there is none.

        """
        if self.proposal is None:
            raise VoteNotOpen(
                f"Nothing is put to the vote in {self.case_id or 'this case'}.",
                remedy="Put a proposal to the vote first.",
            )
        return self.proposal


def ballot_of(events: Sequence[RecordedEvent]) -> Ballot:
    """Return the ballot that all events of a case make.

    Raises:
        CaseDamaged: if an event does not follow from those before it.

    """
    return _FOLDING.of(events) or Ballot()


def _step(ballot: Ballot | None, recorded: RecordedEvent) -> Ballot:
    try:
        before = ballot or Ballot(case_id=recorded.case_id)
        return replace(_after(before, recorded.event), updated=recorded.event.time)
    except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = error.message if isinstance(error, AssentError) else "unreadable"
        raise CaseDamaged(
            f"Event {recorded.number} of {recorded.case_id}"
            f" ({recorded.event.kind}) does not follow: {why}",
            remedy="Restore the database from a backup.",
        ) from None


_FOLDING = Folding(_step)


def _after(ballot: Ballot, event: Event) -> Ballot:
    body: Mapping[str, Any] = event.body
    match event.kind:
        case "proposed":
            ballot.verify_none_open()
            proposal = _proposal(canonical_bytes(body["proposal"]))
            return replace(ballot, proposal=proposal, votes={})
        case "vote_received":
            proposal, member = ballot.open_proposal, str(body["member"])
            vote = vote_of({name: body[name] for name in ("vote", "paper_signature")})
            if member in ballot.votes or _member(vote) != member:
                raise VotedTwice(
                    f"A vote of {member} on {proposal.decision_id} is out of place.",
                    remedy="Restore the database from a backup.",
                )
            received = ReceivedVote(vote, parse_instant(body["received"]))
            return replace(ballot, votes={**ballot.votes, member: received})
        case "vote_voided":
            left = dict(ballot.votes)
            del left[str(body["member"])]
            return replace(ballot, votes=left)
        case "decision_granted" | "decision_refused":
            return _ended(ballot, event, _record(ballot, event))
        case kind if kind in _ENDS and ballot.proposal is not None:
            return _ended(ballot, event, None)
        case _:
            return ballot


def _ended(ballot: Ballot, event: Event, record: DecisionRecord | None) -> Ballot:
    past = Ended(
        proposal=ballot.open_proposal,
        ended=event.time,
        reason=str(event.body.get("reason", event.kind)),
        record=record,
    )
    return replace(ballot, proposal=None, votes={}, ended=(*ballot.ended, past))


def _record(ballot: Ballot, event: Event) -> DecisionRecord:
    """Make the record again, and hold it against the digest that was recorded."""
    record = DecisionRecord(
        proposal=ballot.open_proposal,
        votes=tuple(ballot.votes.values()),
        outcome=_DECIDES[event.kind],
        reason=str(event.body["reason"]),
        decided=event.time,
    )
    if record.digest != event.body["record_digest"]:
        raise CaseDamaged(
            "the recorded decision is not the one that these votes make.",
            remedy="Restore the database from a backup.",
        )
    return record


@lru_cache(maxsize=64)  # a ballot is read often while it is voted on
def _proposal(document: bytes) -> Proposal:
    return proposal_of(parse_canonical(document))


def _member(vote: CastVote) -> object:
    return parse_canonical(vote.envelope.payload)["member"]
