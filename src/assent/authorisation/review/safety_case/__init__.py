"""The case for safety: claims, arguments and evidence, and whether it holds.

plain value -> SafetyCase; SafetyCase + evidence + judgements -> findings
"""

from assent.authorisation.review.safety_case.case import (
    Assumption,
    Defeater,
    Kind,
    Node,
    SafetyCase,
    SafetyCaseInvalid,
)
from assent.authorisation.review.safety_case.check import (
    CaseFinding,
    check_safety_case,
)
from assent.authorisation.review.safety_case.judgement import (
    Judgement,
    JudgementInvalid,
    judgement_of,
    unaccepted_claims,
)
from assent.authorisation.review.safety_case.outline import outline
from assent.authorisation.review.safety_case.parse import (
    parse_safety_case,
    safety_case_of,
)

__all__ = [
    "Assumption",
    "CaseFinding",
    "Defeater",
    "Judgement",
    "JudgementInvalid",
    "Kind",
    "Node",
    "SafetyCase",
    "SafetyCaseInvalid",
    "check_safety_case",
    "judgement_of",
    "outline",
    "parse_safety_case",
    "safety_case_of",
    "unaccepted_claims",
]
