"""The document of a review policy, as it is written down.

YAML or JSON -> PolicyForm, every field checked for its shape
"""

from typing import Annotated, Literal

from pydantic import Field

from assent.authorisation.review.features import (
    Autonomy,
    DataStanding,
    Measure,
    Novelty,
)
from assent.authorisation.review.policy.policy import Unknown
from assent.authorisation.review.shape import (
    LIST_MAX,
    Day,
    Flop,
    Id,
    LaxLevel,
    Line,
    Name,
    Part,
    Ratio,
    Url,
)
from assent.rulebook import Mark

LaxMark = Annotated[Mark, Field(strict=False)]
LaxUnknown = Annotated[Unknown, Field(strict=False)]
Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
SecurityLevel = Annotated[int, Field(ge=1, le=5)]


class _Sourced(Part):
    """Where a demand comes from, and how sure we are of it."""

    mark: LaxMark
    pinpoint: Line


class RatioStep(_Sourced):
    """A ratio from a day on."""

    since: Day = Field(alias="from")
    value: Ratio


class FlopStep(_Sourced):
    """A count of FLOP from a day on."""

    since: Day = Field(alias="from")
    value: Flop


class DaysStep(_Sourced):
    """A number of days from a day on."""

    since: Day = Field(alias="from")
    value: Annotated[int, Field(ge=1, le=3_660)]


class OversightStep(_Sourced):
    """The demands on the oversight plan from a day on."""

    since: Day = Field(alias="from")
    flop_share_ppm: Ppm
    spacing_factor: Ratio
    first_point_share: Ratio


class GateForm(_Sourced):
    """A practice that is a gate."""

    practice: Id
    since: Day = Field(alias="from")
    until: Day | None = None
    at_least: Literal["in_place", "partly"]


class SecurityForm(_Sourced):
    """A security level above so many FLOP."""

    since: Day = Field(alias="from")
    above_flop: Flop
    level: SecurityLevel


class NeverForm(_Sourced):
    """A class of systems."""

    id: Id
    title: Line
    features: list[Id] = Field(min_length=1, max_length=LIST_MAX)


class StepsForm(_Sourced):
    """Bounds of levels."""

    moderate: Ratio
    high: Ratio
    unacceptable: Ratio | None = None


class LimitForm(Part):
    """A limit as a share of a cap."""

    quantity: Id
    share: Ratio
    of: Literal["flop", "weights"]


class ConditionForm(Part):
    """A proviso."""

    id: Id
    text: Line
    property: Id | None = None
    at_least: LaxLevel | None = None
    limit: LimitForm | None = None


class ResponsibilityForm(Part):
    """Demands on the developer."""

    minimum_score: list[RatioStep] = Field(min_length=1, max_length=LIST_MAX)
    evidence_days_max: list[DaysStep] = Field(min_length=1, max_length=LIST_MAX)
    credit_partly: Ratio
    not_applicable_max: Annotated[int, Field(ge=0, le=LIST_MAX)]
    gates: list[GateForm] = Field(min_length=1, max_length=LIST_MAX)


class SafetyCaseForm(Part):
    """When a safety case is needed."""

    above_flop: list[FlopStep] = Field(min_length=1, max_length=LIST_MAX)
    from_level: LaxLevel


class RunForm(Part):
    """Demands on the run."""

    unknown: dict[Id, LaxUnknown] = Field(min_length=1, max_length=LIST_MAX)
    scale: StepsForm
    reinforcement_learning: StepsForm
    autonomy: dict[Annotated[Autonomy, Field(strict=False)], LaxLevel]
    novelty: dict[Annotated[Novelty, Field(strict=False)], LaxLevel]
    data: dict[Annotated[DataStanding, Field(strict=False)], LaxLevel]
    containment: list[Annotated[Measure, Field(strict=False)]] = Field(max_length=64)
    security: list[SecurityForm] = Field(max_length=LIST_MAX)
    oversight: list[OversightStep] = Field(min_length=1, max_length=LIST_MAX)
    never_allowed: list[NeverForm] = Field(min_length=1, max_length=LIST_MAX)
    horizon_flop: list[FlopStep] = Field(min_length=1, max_length=LIST_MAX)
    safety_case: SafetyCaseForm


class EvaluationsForm(Part):
    """Which evaluations a permit asks for."""

    at_points: list[Id] = Field(min_length=1, max_length=64)
    due: list[Id] = Field(min_length=1, max_length=64)


class SourceForm(Part):
    """A text that the policy follows."""

    text: Line
    url: Url


class PolicyForm(Part):
    """The whole document."""

    format: Literal["assent-review-policy/1"]
    id: Id
    title: Name
    note: Line
    since: Day = Field(alias="from")
    sources: list[SourceForm] = Field(min_length=1, max_length=64)
    practices: Id
    responsibility: ResponsibilityForm
    run: RunForm
    conditions: list[ConditionForm] = Field(max_length=LIST_MAX)
    evaluations: EvaluationsForm
    conflicts: list[Id] = Field(min_length=1, max_length=64)
