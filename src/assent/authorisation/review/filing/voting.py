"""Put a proposal to the vote, take votes in, and close.

Ballot + proposal, vote, time -> the next Events of the case

Two machines of an agency may read clocks that differ. What is written down as later
never has an earlier time: a vote comes, and a decision falls, at the time of the case's
last event if that is ahead of the clock.

For applications and permits alike. Nothing here asks whether a review carries the
proposal; `propose` does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from assent.authorisation.docket import Event
from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    Proposal,
    ReceivedVote,
    VotedTwice,
    settle_vote,
    verify_vote,
    voided,
)
from assent.authorisation.review.filing.ballot import Ballot, VoteNotOpen
from assent.authorisation.review.shape import Line, Part, read_form
from assent.authorisation.treaty import Treaty
from assent.vocabulary import NotAllowed, Plain, digest, format_instant, parse_canonical


class _Withdrawal(Part):
    reason: Line


def put_to_vote(ballot: Ballot, proposal: Proposal, now: datetime, actor: str) -> Event:
    """Return the event `proposed`, of a measure that no review has to carry.

    Raises:
        VoteNotOpen: if a proposal is voted on already, it is about another case, or its
            vote would be over.

    """
    ballot.verify_none_open()
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
    now = ballot.at(now)
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
    proposal, now = ballot.open_proposal, ballot.at(now)
    gone = voided(list(ballot.votes.values()), proposal, treaty, _whole(now))
    return _void(ballot, gone, now, actor)


def _void(
    ballot: Ballot, gone: Sequence[ReceivedVote], now: datetime, actor: str
) -> list[Event]:
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
        NotAllowed: if there is no reason on one line.

    """
    form = read_form(_Withdrawal, {"reason": reason.strip()}, NotAllowed, "withdrawal")
    body = {"decision_id": ballot.open_proposal.decision_id, "reason": form.reason}
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
    now = ballot.at(now)
    decided, votes = _whole(now), list(ballot.votes.values())
    gone, record = settle_vote(ballot.open_proposal, votes, treaty, decided)
    if record is None:
        return None
    events = _void(ballot, gone, now, actor)
    kind = f"decision_{record.outcome.value}"
    body: dict[str, Plain] = {
        "record_digest": record.digest,
        "decision_id": record.proposal.decision_id,
        "outcome": record.outcome.value,
        "reason": record.reason,
    }
    return [*events, Event(kind=kind, time=decided, actor=actor, body=body)], record


def _whole(now: datetime) -> datetime:
    """Drop parts of a second, which no signed document holds."""
    return now.astimezone(UTC).replace(microsecond=0)
