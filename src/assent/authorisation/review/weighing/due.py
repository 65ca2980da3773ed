"""What a permit would have to carry: provisos with limits, and points of oversight.

findings + ReviewPolicy + caps -> conditions, oversight points
"""

from collections.abc import Mapping

from assent.authorisation.review.policy import ReviewPolicy
from assent.authorisation.review.run import RunFacts, RunFinding, RunProperties
from assent.authorisation.review.weighing.weighing import ConditionDue
from assent.authorisation.terms import OversightPoint


def conditions_due(
    facts: RunFacts, settled: Mapping[str, RunFinding], policy: ReviewPolicy
) -> tuple[ConditionDue, ...]:
    """Return the conditions that the findings call for, in the policy's order.

    A limit is a share of a cap, rounded down: never one operation more than the share.
    """
    caps = {"flop": facts.flop, "weights": facts.weights}
    return tuple(
        ConditionDue(
            id=rule.id,
            text=rule.text,
            quantity=rule.quantity,
            at_most=None if rule.quantity is None else int(caps[rule.of] * rule.share),
        )
        for rule in policy.conditions
        if rule.property is None
        or settled[rule.property].level.rank >= rule.at_least.rank
    )


def points_due(
    facts: RunFacts, stated: RunProperties, policy: ReviewPolicy
) -> tuple[OversightPoint, ...]:
    """Return the points that the developer planned, and the end of the run."""
    planned = stated.oversight_points_flop or ()
    within = (*(at for at in planned if at < facts.flop), facts.flop)
    return tuple(
        OversightPoint(at_flop=at, evaluations=policy.evaluations_at_points)
        for at in within
    )
