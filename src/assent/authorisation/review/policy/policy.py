"""A review policy: gates, minimum score, demands on the run, what is never allowed.

ReviewPolicy + date -> the value that holds on that day

Every number is dated and says how sure we are of its source. A policy only ever makes
it harder to be put to the vote; it grants nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Generic, TypeVar

from assent.authorisation.review.policy.errors import PolicyNotInForce
from assent.authorisation.review.shape import Level
from assent.rulebook import Mark

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[ValueT]):
    """A value, its first day, and where it comes from."""

    since: date
    value: ValueT
    mark: Mark
    pinpoint: str


@dataclass(frozen=True, slots=True)
class Dated(Generic[ValueT]):
    """A value that changes on certain days; the earliest step first, never empty."""

    steps: tuple[Step[ValueT], ...]

    def on(self, day: date) -> ValueT:
        """Return the value of a day; before the first, the first."""
        holding = self.steps[0]
        for step in self.steps:
            if step.since <= day:
                holding = step
        return holding.value


class Unknown(StrEnum):
    """What an unknown property leads to."""

    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A practice without which nothing is put to the vote, whatever the score.

    `needs_all` is whether it must be in place whole; else in part is enough.
    """

    practice: str
    since: date
    until: date | None
    needs_all: bool
    mark: Mark
    pinpoint: str

    def holds_on(self, day: date) -> bool:
        """Tell whether the gate stands on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """From which ratio a quantity is moderate, high or unacceptable; each is above."""

    moderate: Fraction
    high: Fraction
    unacceptable: Fraction | None = None

    def level_of(self, ratio: Fraction) -> Level:
        """Return the level of a quantity; exactly at a bound is still below it."""
        if self.unacceptable is not None and ratio > self.unacceptable:
            return Level.UNACCEPTABLE
        if ratio > self.high:
            return Level.HIGH
        return Level.MODERATE if ratio > self.moderate else Level.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityDemand:
    """Above so many FLOP, weights are guarded at least at this security level."""

    since: date
    above_flop: int
    level: int
    mark: Mark
    pinpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightDemand:
    """How much oversight a run has to plan for.

    Attributes:
        flop_share_ppm: of the run's FLOP, in parts per million.
        spacing_factor: how many times as much compute a point may lie after the last.
        first_point_share: at which share of the run's FLOP the first one is due.

    """

    flop_share_ppm: int
    spacing_factor: Fraction
    first_point_share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverAllowed:
    """A class of systems that is refused whatever speaks for it."""

    id: str
    title: str
    features: frozenset[str]  # all of them together make the class
    mark: Mark
    pinpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRule:
    """A proviso that is attached if a property reaches a level.

    Attributes:
        id: what the permit calls it.
        text: the proviso in words.
        property: which property; None attaches it always.
        at_least: from which level; unknown counts as more than high.
        quantity: what a machine limits; None for a proviso in words alone.
        share: of the cap on `of`, which is `flop` or `weights`; rounded down.
        of: see `share`.

    """

    id: str
    text: str
    property: str | None
    at_least: Level
    quantity: str | None = None
    share: Fraction = Fraction(1)
    of: str = "flop"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """All that the agency demands. `digest` is of the document, canonically."""

    id: str
    title: str
    note: str
    digest: str
    practices: str
    since: date
    minimum_score: Dated[Fraction]
    evidence_days_max: Dated[int]
    credit_partly: Fraction
    not_applicable_max: int
    gates: tuple[Gate, ...]
    unknown: Mapping[str, Unknown]
    scale: Steps
    reinforcement_learning: Steps
    autonomy: Mapping[str, Level]
    novelty: Mapping[str, Level]
    data: Mapping[str, Level]
    containment: frozenset[str]
    security: tuple[SecurityDemand, ...]
    oversight: Dated[OversightDemand]
    never_allowed: tuple[NeverAllowed, ...]
    horizon_flop: Dated[int]
    safety_case_above_flop: Dated[int]
    safety_case_from_level: Level
    conditions: tuple[ConditionRule, ...]
    evaluations_at_points: tuple[str, ...]
    evaluations_due: tuple[str, ...]
    conflicts: frozenset[str]

    def __post_init__(self) -> None:
        """Keep copies of the mappings that nobody can change."""
        for name in ("unknown", "autonomy", "novelty", "data"):
            kept = MappingProxyType(dict(getattr(self, name)))
            object.__setattr__(self, name, kept)

    def verify_in_force(self, on: date) -> None:
        """Refuse a day before the policy's first.

        Raises:
            PolicyNotInForce: if it does not hold yet.

        """
        if on < self.since:
            raise PolicyNotInForce(
                f"The review policy {self.id} holds from {self.since}, not on {on}.",
                remedy="Weigh the case by the policy that held then.",
            )

    def security_level_on(self, on: date, flop: int) -> SecurityDemand | None:
        """Return the strictest demand on the security of weights, if there is one.

        The levels are RAND's SL1 to SL5, which its authors did not mean as a standard:
        they say what attackers are kept out, and not how that is shown.
        """
        due = [d for d in self.security if d.since <= on and flop > d.above_flop]
        return max(due, key=lambda demand: demand.level, default=None)

    def is_mandatory(self, judged: str) -> bool:
        """Tell whether a property may not stay unknown."""
        return judged in self.unknown
