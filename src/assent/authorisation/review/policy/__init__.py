"""What the agency demands of a case before it may be put to the vote, as dated data.

YAML -> ReviewPolicy; ReviewPolicy + date -> every demand that holds on that day
"""

from assent.authorisation.review.policy.errors import PolicyInvalid, PolicyNotInForce
from assent.authorisation.review.policy.parse import parse_policy, policy_of
from assent.authorisation.review.policy.policy import (
    ConditionRule,
    Dated,
    Gate,
    NeverAllowed,
    OversightDemand,
    ReviewPolicy,
    SecurityDemand,
    Steps,
)

__all__ = [
    "ConditionRule",
    "Dated",
    "Gate",
    "NeverAllowed",
    "OversightDemand",
    "PolicyInvalid",
    "PolicyNotInForce",
    "ReviewPolicy",
    "SecurityDemand",
    "Steps",
    "parse_policy",
    "policy_of",
]
