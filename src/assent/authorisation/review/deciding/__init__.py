"""Decide by quorum, by votes that anybody can count again.

Proposal + signed votes + Treaty + now -> DecisionRecord
"""

from assent.authorisation.review.deciding.errors import (
    ProposalMalformed,
    RecordInvalid,
    VotedTwice,
    VoteMalformed,
    VoteOnAnotherDecision,
    VoteRefused,
    VoterNotEligible,
    VoterRecused,
    VoteTooLate,
    VoteUnsigned,
)
from assent.authorisation.review.deciding.paper import VOTE_TYPE, Paper
from assent.authorisation.review.deciding.proposal import (
    Proposal,
    parse_proposal,
    proposal_of,
)
from assent.authorisation.review.deciding.record import (
    DecisionRecord,
    ReceivedVote,
    close_vote,
    count_votes,
    settle_vote,
    verify_record,
    voided,
)
from assent.authorisation.review.deciding.tally import Outcome, Tally, tally
from assent.authorisation.review.deciding.verify import verify_vote
from assent.authorisation.review.deciding.vote import (
    CastVote,
    Choice,
    Vote,
    cast_vote,
    parse_vote,
    vote_of,
)

__all__ = [
    "VOTE_TYPE",
    "CastVote",
    "Choice",
    "DecisionRecord",
    "Outcome",
    "Paper",
    "Proposal",
    "ProposalMalformed",
    "ReceivedVote",
    "RecordInvalid",
    "Tally",
    "Vote",
    "VoteMalformed",
    "VoteOnAnotherDecision",
    "VoteRefused",
    "VoteTooLate",
    "VoteUnsigned",
    "VotedTwice",
    "VoterNotEligible",
    "VoterRecused",
    "cast_vote",
    "close_vote",
    "count_votes",
    "parse_proposal",
    "parse_vote",
    "proposal_of",
    "settle_vote",
    "tally",
    "verify_record",
    "verify_vote",
    "voided",
    "vote_of",
]
