"""Judge the properties of a run by the review policy.

RunFacts + RunProperties + ReviewPolicy + date -> one finding for each property

What is not stated is unknown, never good. What the policy forbids is unacceptable, and
no other property makes up for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from assent.authorisation.review.features import Capability, Property, hazard
from assent.authorisation.review.policy import OversightDemand, ReviewPolicy
from assent.authorisation.review.run.finding import RULES, RunFinding
from assent.authorisation.review.run.properties import RunProperties
from assent.authorisation.review.shape import Level, percent, ratio_text
from assent.vocabulary import format_count

_NOT_STATED = "it is not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the application asks for, besides the properties that it states.

    Attributes:
        developer: who is to train.
        flop: the cap that is asked for, of the whole run; above 0.
        weights: the cap on the model's weight count.
        chips: how many of each kind; empty if that is not declared.
        sites: where; empty if that is not declared.
        provider: who runs the sites; None if that is not declared.

    """

    developer: str
    flop: int
    weights: int
    chips: Mapping[str, int] = field(default_factory=dict)
    sites: tuple[str, ...] = ()
    provider: str | None = None

    def __post_init__(self) -> None:
        """Keep a copy of the mapping that nobody can change."""
        object.__setattr__(self, "chips", MappingProxyType(dict(self.chips)))


def judge_run(
    facts: RunFacts, stated: RunProperties, policy: ReviewPolicy, on: date
) -> list[RunFinding]:
    """Return a finding for every property, in a fixed order."""
    return [
        _scale(facts, stated, policy),
        _reinforcement_learning(facts, stated, policy),
        _word(Property.AUTONOMY, stated.autonomy, policy.autonomy),
        _word(Property.NOVELTY, stated.novelty, policy.novelty),
        _word(Property.DATA, stated.data, policy.data),
        _security(facts, stated, policy, on),
        _containment(stated, policy),
        _oversight_share(stated, policy.oversight.on(on)),
        _oversight_points(facts, stated, policy.oversight.on(on)),
        _declared(Property.HARDWARE, sorted(facts.chips)),
        _declared(Property.SITES, list(facts.sites) if facts.provider else []),
        *(_hazard(capability, stated) for capability in Capability),
    ]


def _scale(facts: RunFacts, stated: RunProperties, policy: ReviewPolicy) -> RunFinding:
    previous = stated.previous_run_flop
    if previous is None:
        return _found(Property.SCALE, "unknown", Level.UNKNOWN, _NOT_STATED)
    if previous == 0:
        reason = (
            "the developer has trained nothing before that it could be held against"
        )
        return _found(Property.SCALE, "first run", Level.HIGH, reason)
    ratio = Fraction(facts.flop, previous)
    reason = (
        f"{format_count(facts.flop)} FLOP after at most {format_count(previous)} FLOP"
    )
    level = policy.scale.level_of(ratio)
    return _found(Property.SCALE, ratio_text(ratio), level, reason)


def _reinforcement_learning(
    facts: RunFacts, stated: RunProperties, policy: ReviewPolicy
) -> RunFinding:
    flop = stated.reinforcement_learning_flop
    judged = Property.REINFORCEMENT_LEARNING
    if flop is None:
        return _found(judged, "unknown", Level.UNKNOWN, _NOT_STATED)
    if flop > facts.flop:
        reason = "it is more than the whole run: one of the two statements is wrong"
        return _found(judged, "contradiction", Level.UNKNOWN, reason)
    share = Fraction(flop, facts.flop)
    level = policy.reinforcement_learning.level_of(share) if flop else Level.NONE
    reason = f"{percent(share)} of the run's FLOP"
    return _found(judged, ratio_text(share), level, reason)


def _word(
    judged: Property, said: str | None, levels: Mapping[str, Level]
) -> RunFinding:
    if said is None:
        return _found(judged, "unknown", Level.UNKNOWN, _NOT_STATED)
    level = levels.get(str(said), Level.UNKNOWN)
    return _found(judged, str(said), level, f"the policy holds this for {level}")


def _security(
    facts: RunFacts, stated: RunProperties, policy: ReviewPolicy, on: date
) -> RunFinding:
    demand = policy.security_level_on(on, facts.flop)
    level = stated.security_level
    if level is None:
        return _found(Property.SECURITY, "unknown", Level.UNKNOWN, _NOT_STATED)
    if demand is None:
        reason = "the policy demands no level at so few FLOP"
        return _found(Property.SECURITY, f"SL{level}", Level.LOW, reason)
    reason = (
        f"above {format_count(demand.above_flop)} FLOP the policy demands"
        f" SL{demand.level} at least"
    )
    if level < demand.level:
        return _found(Property.SECURITY, f"SL{level}", Level.UNACCEPTABLE, reason)
    found = Level.LOW if level == demand.level else Level.NONE
    return _found(Property.SECURITY, f"SL{level}", found, reason)


def _containment(stated: RunProperties, policy: ReviewPolicy) -> RunFinding:
    said = {str(measure): has for measure, has in stated.containment.items()}
    absent = sorted(m for m in policy.containment if said.get(m) is False)
    unknown = sorted(m for m in policy.containment if m not in said)
    judged = Property.CONTAINMENT
    value = ", ".join(sorted(m for m, has in said.items() if has)) or "none stated"
    if absent:
        reason = f"the policy demands {', '.join(absent)}"
        return _found(judged, value, Level.UNACCEPTABLE, reason)
    if unknown:
        reason = f"nothing is said of {', '.join(unknown)}"
        return _found(judged, value, Level.UNKNOWN, reason)
    reason = "every measure that the policy demands is stated"
    return _found(judged, value, Level.LOW, reason)


def _oversight_share(stated: RunProperties, demand: OversightDemand) -> RunFinding:
    judged, share = Property.OVERSIGHT_SHARE, stated.oversight_flop_share_ppm
    if share is None:
        return _found(judged, "unknown", Level.UNKNOWN, _NOT_STATED)
    reason = f"the policy demands {demand.flop_share_ppm:,} ppm of the run's FLOP"
    is_enough = share >= demand.flop_share_ppm
    level = Level.LOW if is_enough else Level.UNACCEPTABLE
    return _found(judged, f"{share} ppm", level, reason)


def _oversight_points(
    facts: RunFacts, stated: RunProperties, demand: OversightDemand
) -> RunFinding:
    judged, points = Property.OVERSIGHT_POINTS, stated.oversight_points_flop
    if points is None:
        return _found(judged, "unknown", Level.UNKNOWN, _NOT_STATED)
    value = f"{len(points)} points"
    first_max = demand.first_point_share * facts.flop
    if not points or points[0] > first_max:
        reason = f"the first is due by {format_count(int(first_max))} FLOP"
        return _found(judged, value, Level.UNACCEPTABLE, reason)
    for last, following in zip(points, (*points[1:], facts.flop), strict=True):
        if following > demand.spacing_factor * last:
            reason = (
                f"from {format_count(last)} to {format_count(following)} FLOP is more"
                f" than {ratio_text(demand.spacing_factor)} times as much"
            )
            return _found(judged, value, Level.UNACCEPTABLE, reason)
    reason = f"never more than {ratio_text(demand.spacing_factor)} times apart"
    return _found(judged, value, Level.LOW, reason)


def _declared(judged: Property, names: list[str]) -> RunFinding:
    if not names:
        reason = "it is not declared, or not who provides it"
        return _found(judged, "unknown", Level.UNKNOWN, reason)
    value = ", ".join(names)
    return _found(judged, value[:_VALUE_LENGTH_MAX], Level.LOW, "it is declared")


_VALUE_LENGTH_MAX = 2_000  # what a line of a finding holds


def _hazard(capability: Capability, stated: RunProperties) -> RunFinding:
    judged, said = hazard(capability), stated.hazards.get(capability)
    title = capability.words
    if said is None or said.expected is None or said.trained_for is None:
        reason = (
            f"it is not stated whether the run aims at {title}, and how much of it the"
            " model is expected to have"
        )
        if said is not None and said.expected is Level.UNACCEPTABLE:
            return _found(judged, "expected", Level.UNACCEPTABLE, reason)
        return _found(judged, "unknown", Level.UNKNOWN, reason)
    if said.trained_for and said.expected.rank < Level.HIGH.rank:
        reason = f"the run aims at {title}, whatever little of it is expected"
        return _found(judged, "trained for", Level.HIGH, reason)
    aim = "aims" if said.trained_for else "does not aim"
    reason = f"the run {aim} at {title}; expected: {said.expected}"
    value = "trained for" if said.trained_for else "not trained for"
    return _found(judged, value, said.expected, reason)


def _found(judged: str, value: str, level: Level, reason: str) -> RunFinding:
    return RunFinding(
        about=str(judged), value=value, level=level, reason=reason, by=RULES
    )
