"""The file of a review: what was found, who stands aside, and how it was voted on.

RecordedEvents of a case -> ReviewFile, Ballot; what somebody does -> the next Event
"""

from assent.authorisation.review.filing.ballot import (
    Ballot,
    Ended,
    VoteNotOpen,
    ballot_of,
)
from assent.authorisation.review.filing.review_file import ReviewFile, review_file_of
from assent.authorisation.review.filing.verbs import (
    assess_practice,
    judge_safety_case,
    propose,
    record_finding,
    recuse,
    refuse_by_rule,
)
from assent.authorisation.review.filing.voting import (
    close,
    put_to_vote,
    receive_vote,
    void_votes,
    withdraw_proposal,
)

__all__ = [
    "Ballot",
    "Ended",
    "ReviewFile",
    "VoteNotOpen",
    "assess_practice",
    "ballot_of",
    "close",
    "judge_safety_case",
    "propose",
    "put_to_vote",
    "receive_vote",
    "record_finding",
    "recuse",
    "refuse_by_rule",
    "review_file_of",
    "void_votes",
    "withdraw_proposal",
]
