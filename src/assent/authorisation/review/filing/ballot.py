"""The votes of a case: what is put to the vote now, and what was before.

RecordedEvents -> Ballot;  Ballot + proposal, vote, time -> the next Events

It reads the events `proposed`, `vote_received`, `vote_voided`, `proposal_withdrawn`,
`decision_granted` and `decision_refused`, of applications and permits alike. A change
of the application ends a proposal: the members voted on another plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from assent.authorisation.docket import Event, RecordedEvent
from assent.authorisation.docket.event import CaseDamaged
from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    Outcome,
    Proposal,
    ReceivedVote,
    VotedTwice,
    close_vote,
    proposal_of,
    verify_vote,
    voided,
    vote_of,
)
from assent.authorisation.treaty import Treaty
from assent.vocabulary import (
    AssentError,
    NotAllowed,
    Plain,
    digest,
    format_instant,
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

    """

    case_id: str = ""
    proposal: Proposal | None = None
    votes: Mapping[str, ReceivedVote] = field(default_factory=dict)
    ended: tuple[Ended, ...] = ()

    def __post_init__(self) -> None:
        """Keep a copy of the votes that nobody can change."""
        object.__setattr__(self, "votes", MappingProxyType(dict(self.votes)))

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
    ballot = Ballot()
    for recorded in events:
        try:
            ballot = _after(replace(ballot, case_id=recorded.case_id), recorded.event)
        except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
            why = error.message if isinstance(error, AssentError) else "unreadable"
            raise CaseDamaged(
                f"Event {recorded.number} of {recorded.case_id}"
                f" ({recorded.event.kind}) does not follow: {why}",
                remedy="Restore the database from a backup.",
            ) from None
    return ballot


def _after(ballot: Ballot, event: Event) -> Ballot:
    body: Mapping[str, Any] = event.body
    match event.kind:
        case "proposed":
            _verify_none_open(ballot)
            return replace(ballot, proposal=proposal_of(body["proposal"]), votes={})
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


def put_to_vote(ballot: Ballot, proposal: Proposal, now: datetime, actor: str) -> Event:
    """Return the event `proposed`.

    Raises:
        VoteNotOpen: if a proposal is voted on already, it is about another case, or its
            vote would be over.

    """
    _verify_none_open(ballot)
    if ballot.case_id and proposal.case_id != ballot.case_id:
        raise VoteNotOpen(
            f"{proposal.decision_id} is about {proposal.case_id}, not about"
            f" {ballot.case_id}.",
            remedy="Draw up a proposal about this case.",
        )
    if proposal.closes <= now:
        raise VoteNotOpen(
            f"The vote on {proposal.decision_id} would be over before it begins.",
            remedy="Give members time to vote.",
        )
    if any(past.proposal.decision_id == proposal.decision_id for past in ballot.ended):
        raise VoteNotOpen(
            f"{proposal.decision_id} was put to the vote before.",
            remedy="Give each proposal an identifier of its own.",
        )
    body: dict[str, Plain] = {"proposal": parse_canonical(proposal.encoded)}
    return Event(kind="proposed", time=now, actor=actor, body=body)


def receive_vote(
    ballot: Ballot, vote: CastVote, treaty: Treaty, now: datetime, actor: str
) -> Event:
    """Return the event `vote_received` of a vote that counts now.

    Raises:
        VoteNotOpen: if nothing is put to the vote.
        VotedTwice: if the member voted already; the first vote stands.
        VoteRefused, VoteMalformed, SignatureInvalid: if it does not count; see
            `verify_vote`.

    """
    proposal, received = ballot.open_proposal, _whole(now)
    said = verify_vote(vote, proposal, treaty, received)
    if said.member in ballot.votes:
        raise VotedTwice(
            f"{said.member} voted before on {proposal.decision_id}.",
            remedy="The first vote stands; the agency can withdraw the proposal.",
        )
    body: dict[str, Plain] = {
        **vote.plain,
        "received": format_instant(received),
        "member": said.member,
    }
    return Event(kind="vote_received", time=now, actor=actor, body=body)


def void_votes(
    ballot: Ballot, treaty: Treaty, now: datetime, actor: str
) -> list[Event]:
    """Return an event `vote_voided` for each vote that counts no more."""
    proposal = ballot.open_proposal
    gone = voided(list(ballot.votes.values()), proposal, treaty, _whole(now))
    return [
        Event(
            kind="vote_voided",
            time=now,
            actor=actor,
            body={
                "member": member,
                "vote_digest": digest(given.vote.plain),
                "reason": "the key or the standing of the member is not in force now",
            },
        )
        for member, given in ballot.votes.items()
        if given in gone
    ]


def withdraw_proposal(ballot: Ballot, reason: str, now: datetime, actor: str) -> Event:
    """Return the event `proposal_withdrawn`.

    Raises:
        VoteNotOpen: if nothing is put to the vote.

    """
    body = {"decision_id": ballot.open_proposal.decision_id, "reason": reason}
    return Event(kind="proposal_withdrawn", time=now, actor=actor, body=body)


def close(
    ballot: Ballot, treaty: Treaty, now: datetime, actor: str
) -> tuple[list[Event], DecisionRecord] | None:
    """Return the decision and its events; None while the vote is open.

    Votes that count no more are voided first, and their events come before the
    decision's, so that a key that was withdrawn decides nothing.

    Raises:
        VoteNotOpen: if nothing is put to the vote.

    """
    decided = _whole(now)
    events = void_votes(ballot, treaty, now, actor)
    gone = {event.body["member"] for event in events}
    left = [given for member, given in ballot.votes.items() if member not in gone]
    record = close_vote(ballot.open_proposal, left, treaty, decided)
    if record is None:
        return None
    kind = f"decision_{record.outcome.value}"
    body: dict[str, Plain] = {
        "record_digest": record.digest,
        "decision_id": record.proposal.decision_id,
        "outcome": record.outcome.value,
        "reason": record.reason,
    }
    return [*events, Event(kind=kind, time=decided, actor=actor, body=body)], record


def _verify_none_open(ballot: Ballot) -> None:
    if ballot.proposal is not None:
        raise VoteNotOpen(
            f"{ballot.proposal.decision_id} is put to the vote already.",
            remedy="Wait until it is decided, or withdraw it.",
        )


def _member(vote: CastVote) -> object:
    return parse_canonical(vote.envelope.payload)["member"]


def _whole(now: datetime) -> datetime:
    """Drop parts of a second, which no signed document holds."""
    return now.astimezone(UTC).replace(microsecond=0)
