"""What an application says of the properties of its run.

run_properties of the application, a plain mapping -> RunProperties

Everything may be left out, and then it is unknown: None never means no. Secret values
stay sealed in the application; an officer who opened them records a finding instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from assent.authorisation.review.features import (
    Autonomy,
    Capability,
    DataStanding,
    Measure,
    Novelty,
    Trait,
    trained_for,
)
from assent.authorisation.review.shape import Flop, LaxLevel, Level, Part, read_form
from assent.vocabulary import InputError

POINTS_MAX = 256  # of evaluation, in one run


class PropertiesInvalid(InputError):
    """What is said of a run's properties cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardStatement:
    """What is said of one dangerous capability; None is unknown.

    `trained_for` is whether the run's data, reward or aim leads there; `expected` how
    much of it the model is expected to have.
    """

    trained_for: bool | None = None
    expected: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProperties:
    """The properties as they are stated. Whatever is None is unknown.

    Attributes:
        previous_run_flop: of the developer's largest run so far; 0 if it has none.
        reinforcement_learning_flop: of this run's, in reinforcement learning.
        autonomy: how far the system acts by itself while it is trained.
        traits: known ways of training that are hard to keep in hand, yes or no.
        hazards: by dangerous capability.
        novelty: what no model could do before.
        security_level: RAND's, of the place where the weights are: 1 to 5.
        containment: measures, yes or no.
        oversight_flop_share_ppm: of the run's FLOP, set aside for overseers.
        oversight_points_flop: at which the run is to stop for evaluations, ascending.
        data: whether the training data may lawfully be used.

    """

    previous_run_flop: int | None = None
    reinforcement_learning_flop: int | None = None
    autonomy: Autonomy | None = None
    traits: Mapping[Trait, bool] = field(default_factory=dict)
    hazards: Mapping[Capability, HazardStatement] = field(default_factory=dict)
    novelty: Novelty | None = None
    security_level: int | None = None
    containment: Mapping[Measure, bool] = field(default_factory=dict)
    oversight_flop_share_ppm: int | None = None
    oversight_points_flop: tuple[int, ...] | None = None
    data: DataStanding | None = None

    def __post_init__(self) -> None:
        """Keep copies of the mappings that nobody can change."""
        for name in ("traits", "hazards", "containment"):
            kept = MappingProxyType(dict(getattr(self, name)))
            object.__setattr__(self, name, kept)

    def has(self, feature: str) -> bool | None:
        """Tell whether the run has a feature; None if that is not stated."""
        for trait in Trait:
            if feature == trait:
                return self.traits.get(trait)
        for capability in Capability:
            if feature == trained_for(capability):
                said = self.hazards.get(capability)
                return None if said is None else said.trained_for
        return None

    @property
    def features(self) -> frozenset[str]:
        """The features that the run is stated to have."""
        aims = (
            trained_for(capability)
            for capability, said in self.hazards.items()
            if said.trained_for
        )
        return frozenset({*aims, *(str(t) for t, has in self.traits.items() if has)})


class _Hazard(Part):
    trained_for: bool | None = None
    expected: LaxLevel | None = None


class _Properties(Part):
    previous_run_flop: Flop | None = None
    reinforcement_learning_flop: Flop | None = None
    autonomy: Annotated[Autonomy, Field(strict=False)] | None = None
    traits: dict[Annotated[Trait, Field(strict=False)], bool | None] = Field(default={})
    hazards: dict[Annotated[Capability, Field(strict=False)], _Hazard] = Field(
        default={}
    )
    novelty: Annotated[Novelty, Field(strict=False)] | None = None
    security_level: Annotated[int, Field(ge=1, le=5)] | None = None
    containment: dict[Annotated[Measure, Field(strict=False)], bool | None] = Field(
        default={}
    )
    oversight_flop_share_ppm: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    oversight_points_flop: (
        Annotated[list[Flop], Field(max_length=POINTS_MAX)] | None
    ) = None
    data: Annotated[DataStanding, Field(strict=False)] | None = None


def run_properties_of(value: Any) -> RunProperties:  # noqa: ANN401 - any plain value
    """Return the properties that an application's plain mapping states.

    Raises:
        PropertiesInvalid: if a field is unknown or wrong, or the evaluation points do
            not rise.

    """
    form = read_form(_Properties, value, PropertiesInvalid, "statement on a run")
    points = form.oversight_points_flop
    if points is not None and (points != sorted(set(points)) or 0 in points):
        raise PropertiesInvalid(
            "The points of evaluation do not rise from above 0 FLOP.",
            remedy="List each FLOP count once, the smallest first.",
        )
    return RunProperties(
        previous_run_flop=form.previous_run_flop,
        reinforcement_learning_flop=form.reinforcement_learning_flop,
        autonomy=form.autonomy,
        traits={trait: has for trait, has in form.traits.items() if has is not None},
        hazards={
            capability: HazardStatement(
                trained_for=said.trained_for, expected=said.expected
            )
            for capability, said in form.hazards.items()
        },
        novelty=form.novelty,
        security_level=form.security_level,
        containment={
            measure: has for measure, has in form.containment.items() if has is not None
        },
        oversight_flop_share_ppm=form.oversight_flop_share_ppm,
        oversight_points_flop=None if points is None else tuple(points),
        data=form.data,
    )
