"""Weigh a case: may it be put to the vote, and on what conditions?

CaseAtHand + ReviewPolicy + Questionnaire + date -> Weighing
"""

from assent.authorisation.review.weighing.weigh import CaseAtHand, weigh
from assent.authorisation.review.weighing.weighing import (
    ConditionDue,
    Question,
    Verdict,
    Weighing,
)

__all__ = [
    "CaseAtHand",
    "ConditionDue",
    "Question",
    "Verdict",
    "Weighing",
    "weigh",
]
