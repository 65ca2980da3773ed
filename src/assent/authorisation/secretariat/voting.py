"""Receive votes, close them, and do what was decided.

signed vote + case -> recorded; the last one that matters brings the decision about

The decision, what follows from it and the notice that announces it are written in one
transaction: there is no state in which a case is decided and nothing is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import DocketTransaction, RecordedEvent
from assent.authorisation.review import (
    ballot_of,
    close,
    receive_vote,
    void_votes,
    withdraw_proposal,
)
from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    Tally,
    VotedTwice,
    count_votes,
    voided,
)
from assent.authorisation.secretariat.conclude import conclude
from assent.authorisation.secretariat.hand_out import all_cards
from assent.authorisation.secretariat.isolate import Failures, WorkIncomplete, each
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.treaty import MatterUnknown
from assent.vocabulary import NotAllowed

_SECRETARIAT = "secretariat"
_KINDS = ("application", "measure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Where a vote stands: the decision, or the tally while it is open."""

    record: DecisionRecord | None
    notice_id: str | None


def record_vote(
    office: Office, case_id: str, vote: CastVote, actor: str, now: datetime
) -> Counted:
    """Record a vote, and decide the case if that settles it.

    Args:
        office: the agency's.
        case_id: the application or measure that is voted on.
        vote: as the member sent it.
        actor: who handed it in.
        now: the time.

    Raises:
        NotFound: if there is no such case.
        VoteNotOpen: if nothing is put to the vote.
        VoteRefused, VoteMalformed, SignatureInvalid: if it does not count.
        StoreUnavailable: if something cannot be stored; then nothing was recorded.

    """
    (counted,) = record_votes(office, [(case_id, vote)], actor, now)
    return counted


def record_votes(
    office: Office, votes: Sequence[tuple[str, CastVote]], actor: str, now: datetime
) -> list[Counted]:
    """Record votes that came together, each with its case: all of them, or none.

    They are taken in their order, as `record_vote` takes each, in one transaction.

    Raises:
        NotFound, VoteNotOpen, VoteRefused, VoteMalformed, SignatureInvalid,
            StoreUnavailable: as `record_vote` does; then none was recorded.

    """
    with office.docket.writing() as transaction:
        transaction.read_ahead(case_id for case_id, _ in votes)
        return [
            _receive(office, transaction, case_id, vote, actor, now)
            for case_id, vote in votes
        ]


def withdraw_vote(
    office: Office, case_id: str, reason: str, actor: str, now: datetime
) -> str:
    """Take back what a case puts to the vote; return the proposal's identifier.

    Raises:
        NotFound: if there is no such case.
        VoteNotOpen: if nothing is put to the vote.
        NotAllowed: if no reason is given.

    """
    if not reason.strip():
        raise NotAllowed("No reason is given.", remedy="Say why it is withdrawn.")
    with office.docket.writing() as transaction:
        ballot = ballot_of(found(transaction, case_id))
        ended = withdraw_proposal(ballot, reason, now, actor)
        office.add(transaction, case_id, [ended])
    return ballot.open_proposal.decision_id


def close_due(
    office: Office, now: datetime, failures: Failures | None = None
) -> list[Counted]:
    """Close every vote that is over, or that a change of keys has settled.

    Args:
        office: the agency's.
        now: the time.
        failures: where cases that cannot be closed are put.

    Raises:
        WorkIncomplete: if some cannot be closed, and no list was given for them.

    """

    def close_case(case_id: str) -> Counted | None:
        with office.docket.writing() as transaction:
            events = found(transaction, case_id)
            if ballot_of(events).proposal is None:
                return None  # another process was quicker
            events = _void(office, transaction, events, now)
            counted = _close(office, transaction, events, now)
        return None if counted.record is None else counted

    failed: Failures = {} if failures is None else failures
    states = ("put_to_vote", "put_to_appeal")
    cards = [card for kind in _KINDS for card in all_cards(office, kind, *states)]
    closed = each([card.case_id for card in cards], close_case, failed)
    if failures is None and failed:
        raise WorkIncomplete(failed)
    return closed


def count(office: Office, case_id: str, now: datetime) -> Tally:
    """Return how the vote on a case stands.

    Raises:
        NotFound: if there is no such case.
        VoteNotOpen: if nothing is put to the vote.

    """
    ballot = ballot_of(office.read(case_id))
    proposal, votes = ballot.open_proposal, list(ballot.votes.values())
    gone = voided(votes, proposal, office.treaty, now)
    left = [given for given in votes if given not in gone]
    return count_votes(proposal, left, office.treaty, now)


def _receive(  # noqa: PLR0913, PLR0917 - as `record_vote`
    office: Office,
    transaction: DocketTransaction,
    case_id: str,
    vote: CastVote,
    actor: str,
    now: datetime,
) -> Counted:
    events = found(transaction, case_id)
    try:
        event = receive_vote(ballot_of(events), vote, office.treaty, now, actor)
    except VotedTwice:
        # The vote before may be one whose key was replaced meanwhile.
        events = _void(office, transaction, events, now)
        event = receive_vote(ballot_of(events), vote, office.treaty, now, actor)
    events = office.add(transaction, case_id, [event])
    return _close(office, transaction, events, now)


def _void(
    office: Office,
    transaction: DocketTransaction,
    events: list[RecordedEvent],
    now: datetime,
) -> list[RecordedEvent]:
    """Record which votes count no more, so that their members can vote again."""
    new = void_votes(ballot_of(events), office.treaty, now, _SECRETARIAT)
    return office.add(transaction, events[0].case_id, new)


def _close(
    office: Office,
    transaction: DocketTransaction,
    events: list[RecordedEvent],
    now: datetime,
) -> Counted:
    ballot = ballot_of(events)
    try:
        closed = close(ballot, office.treaty, now, _SECRETARIAT)
    except MatterUnknown as error:  # the treaty was amended during the vote
        ended = withdraw_proposal(ballot, error.message, now, _SECRETARIAT)
        office.add(transaction, events[0].case_id, [ended])
        closed = None
    if closed is None:
        return Counted(record=None, notice_id=None)
    new, record = closed
    events = office.add(transaction, events[0].case_id, new)
    notice_id = conclude(office, transaction, events, record, now)
    return Counted(record=record, notice_id=notice_id)
