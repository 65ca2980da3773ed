"""The record of a decision: the proposal, the votes, and what they came to.

Proposal + votes + Treaty + time -> DecisionRecord; its digest goes into the public log

    {"decided":"2026-04-20T12:00:00Z","format":"assent-decision/1","outcome":"granted","proposal":{…},"reason":"…","votes":[{"paper_signature":{…},"received":"…","vote":"{…}"}]}

Whoever has the record and the treaty counts again (`verify_record`) and needs to
believe nobody but the members' keys for what they said and when they signed it. When
votes were received and when it was decided is the agency's word, and so is how the
reason is worded; the recount only shows that they fit together. What a record can not
show either is that no vote was held back: a member that finds its vote missing has its
own copy to show.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from assent.authorisation.review.deciding.errors import RecordInvalid, VoteMalformed
from assent.authorisation.review.deciding.proposal import Proposal, proposal_of
from assent.authorisation.review.deciding.tally import Outcome, Tally, tally
from assent.authorisation.review.deciding.verify import (
    read_standing_vote,
    verify_vote,
)
from assent.authorisation.review.deciding.vote import (
    CastVote,
    Vote,
    vote_of,
)
from assent.authorisation.treaty import Treaty
from assent.vocabulary import (
    AssentError,
    Plain,
    Refused,
    SignatureInvalid,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.envelope import Envelope
from assent.vocabulary.texts import LINE

FORMAT = "assent-decision/1"
RECORD_BYTES_MAX = 20_000_000  # a proposal, and 512 votes with the longest reasons
# Each organ's title and what it lacks, which may name every member.
REASON = re.compile(f"{LINE}{{0,100000}}")
_COUNTS_NO_MORE = (Refused, VoteMalformed, SignatureInvalid)


@dataclass(frozen=True, slots=True)
class ReceivedVote:
    """A vote, and when the agency received it."""

    vote: CastVote
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision and all that it rests on."""

    proposal: Proposal
    votes: tuple[ReceivedVote, ...]
    outcome: Outcome
    reason: str
    decided: datetime
    encoded: bytes = field(init=False, repr=False, compare=False)
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the canonical bytes once, and the digest that the public log holds."""
        object.__setattr__(self, "encoded", canonical_bytes(self.plain))
        digest = f"sha256:{sha256(self.encoded).hexdigest()}"
        object.__setattr__(self, "digest", digest)

    @property
    def plain(self) -> dict[str, Plain]:
        """The record as plain values."""
        return {
            "format": FORMAT,
            "proposal": self.proposal.plain,
            "votes": [
                {**given.vote.plain, "received": format_instant(given.received)}
                for given in self.votes
            ],
            "outcome": self.outcome.value,
            "reason": self.reason,
            "decided": format_instant(self.decided),
        }

    @property
    def signed_paper(self) -> Envelope:
        """The paper with the signatures of all who approved."""
        lines = [given.vote.paper_signature for given in self.votes]
        return self.proposal.paper.unsigned.with_signatures(filter(None, lines))


def close_vote(
    proposal: Proposal, votes: Sequence[ReceivedVote], treaty: Treaty, now: datetime
) -> DecisionRecord | None:
    """Return the record if the proposal is decided by now; None while it is open.

    Raises:
        VoteRefused, VoteMalformed, SignatureInvalid: if one of the votes does not
            count; see `verify_vote` and `tally`.

    """
    return _record(proposal, votes, count_votes(proposal, votes, treaty, now), now)


def count_votes(
    proposal: Proposal, votes: Sequence[ReceivedVote], treaty: Treaty, now: datetime
) -> Tally:
    """Return the count of votes as they were received.

    Every vote is verified by the keys in force when it came and by those in force when
    it is counted, so that a stolen key that was withdrawn in time decides nothing.
    `voided` finds such votes beforehand: their members vote again, by the new key.

    Raises:
        VoteRefused, VoteMalformed, SignatureInvalid: if one does not count.

    """
    return tally(
        [_verified(given, proposal, treaty, now) for given in votes],
        proposal,
        treaty,
        now,
    )


def voided(
    votes: Sequence[ReceivedVote], proposal: Proposal, treaty: Treaty, now: datetime
) -> list[ReceivedVote]:
    """Return the votes that counted when they came and do not any more."""
    found = []
    for given in votes:
        try:
            _verified(given, proposal, treaty, now)
        except _COUNTS_NO_MORE:
            found.append(given)
    return found


def settle_vote(
    proposal: Proposal, votes: Sequence[ReceivedVote], treaty: Treaty, now: datetime
) -> tuple[list[ReceivedVote], DecisionRecord | None]:
    """Return which votes count no more, and the record if the others decide.

    As `voided` and `close_vote` of what is left, but signatures are verified only if
    the votes, which were verified when they came, would decide now; and then once.
    """
    if not _count_standing(proposal, votes, treaty, now).is_final:
        return [], None
    gone, left, said = [], [], []
    for given in votes:
        try:
            said.append(_verified(given, proposal, treaty, now))
            left.append(given)
        except _COUNTS_NO_MORE:
            gone.append(given)
    return gone, _record(proposal, left, tally(said, proposal, treaty, now), now)


def _count_standing(
    proposal: Proposal, votes: Sequence[ReceivedVote], treaty: Treaty, now: datetime
) -> Tally:
    said, at = [], min(now, proposal.closes)
    for given in votes:
        with suppress(*_COUNTS_NO_MORE):
            said.append(
                read_standing_vote(given.vote, proposal, treaty, given.received, at)
            )
    return tally(said, proposal, treaty, now)


def _verified(
    given: ReceivedVote, proposal: Proposal, treaty: Treaty, now: datetime
) -> Vote:
    # By the keys in force at both instants: when it came, and when it is counted.
    at = min(now, proposal.closes)
    return verify_vote(given.vote, proposal, treaty, given.received, at)


def _record(
    proposal: Proposal, votes: Sequence[ReceivedVote], count: Tally, now: datetime
) -> DecisionRecord | None:
    if not count.is_final:
        return None
    return DecisionRecord(
        proposal=proposal,
        votes=tuple(votes),
        outcome=count.outcome,
        reason=count.reason,
        decided=now,
    )


def verify_record(data: bytes, treaty: Treaty) -> DecisionRecord:
    """Count a decision again, believing nothing but the members' keys.

    The outcomes are compared. The reason is the agency's wording: an organ that was
    renamed since is called otherwise in a recount.

    Args:
        data: the record's bytes.
        treaty: the one in force when it was decided, or a later one that gives the
            same members the same votes.

    Raises:
        RecordInvalid: if it is no record, or comes out otherwise.
        VoteRefused, VoteMalformed, SignatureInvalid: if a vote in it does not count.

    """
    if len(data) > RECORD_BYTES_MAX:
        raise _invalid(f"it has more than {RECORD_BYTES_MAX:,} bytes")
    try:
        value = parse_canonical(data)
        record = _record_of(value)
    except (AssentError, KeyError, TypeError, ValueError) as error:
        raise _invalid(f"it cannot be read ({error})") from None
    if record.encoded != data:
        raise _invalid("it has further fields")
    if record.proposal.agency != treaty.agency:
        raise _invalid(f"it is of {record.proposal.agency:.80}, not {treaty.agency}")
    if any(given.received > record.decided for given in record.votes):
        raise _invalid("a vote in it came after it was decided")
    count = count_votes(record.proposal, record.votes, treaty, record.decided)
    if not count.is_final:
        raise _invalid("it was not decided yet")
    if count.outcome is not record.outcome:
        raise _invalid(
            f"it says {record.outcome}, and its votes say {count.outcome}:"
            f" {count.reason}"
        )
    return record


def _record_of(value: Any) -> DecisionRecord:  # noqa: ANN401 - any plain value
    return DecisionRecord(
        proposal=proposal_of(value["proposal"]),
        votes=tuple(
            ReceivedVote(
                vote_of({name: given[name] for name in ("vote", "paper_signature")}),
                parse_instant(given["received"]),
            )
            for given in value["votes"]
        ),
        outcome=Outcome(value["outcome"]),
        reason=_reason(value["reason"]),
        decided=parse_instant(value["decided"]),
    )


def _reason(value: object) -> str:
    if not isinstance(value, str) or REASON.fullmatch(value) is None:
        raise ValueError("its reason is not one line")
    return value


def _invalid(why: str) -> RecordInvalid:
    return RecordInvalid(
        f"This is no record of a decision that could be believed: {why}.",
        remedy="Ask the agency for the document whose digest the public log holds.",
    )
