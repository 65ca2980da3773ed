"""The features of a run that count as hazards, and the properties that are judged.

nine dangerous capabilities (Shevlane et al. 2023) + how the system is trained
-> the words that policies and applications share

A class of systems that is never allowed is a set of these features.
"""

from enum import StrEnum


class Capability(StrEnum):
    """A dangerous capability, after Shevlane et al., arXiv 2305.15324."""

    CYBER_OFFENCE = "cyber_offence"
    DECEPTION = "deception"
    PERSUASION = "persuasion"
    POLITICAL_STRATEGY = "political_strategy"
    WEAPONS_ACQUISITION = "weapons_acquisition"
    LONG_HORIZON_PLANNING = "long_horizon_planning"
    AI_DEVELOPMENT = "ai_development"
    SITUATIONAL_AWARENESS = "situational_awareness"
    SELF_PROLIFERATION = "self_proliferation"

    @property
    def words(self) -> str:
        """The capability in words."""
        return self.value.replace("_", " ")


class Trait(StrEnum):
    """A way of training or of working that makes a system harder to keep in hand."""

    ACTS_UNATTENDED = "acts_unattended"
    CHANGES_OWN_WEIGHTS = "changes_own_weights"
    TRAINED_AGAINST_OVERSIGHT = "trained_against_oversight"
    OPEN_TOOLS = "open_tools"

    @property
    def words(self) -> str:
        """The trait in words."""
        return _TRAITS[self]


_TRAITS = {
    Trait.ACTS_UNATTENDED: "acts in training without a person who watches each step",
    Trait.CHANGES_OWN_WEIGHTS: "chooses or starts updates of its own weights",
    Trait.TRAINED_AGAINST_OVERSIGHT: "is rewarded for what its overseers do not see",
    Trait.OPEN_TOOLS: "uses the open internet or real accounts while it is trained",
}


class Autonomy(StrEnum):
    """How far the system acts by itself while it is trained."""

    ABSENT = "absent"
    SUPERVISED = "supervised"
    UNATTENDED = "unattended"
    OPEN_ENDED = "open_ended"  # sets its own goals


class Novelty(StrEnum):
    """What the run is expected to be able to do that no model could before."""

    NOTHING_NEW = "nothing_new"
    INCREMENTAL = "incremental"
    NEW_CAPABILITIES = "new_capabilities"


class DataStanding(StrEnum):
    """Whether the training data may lawfully be used."""

    DOCUMENTED = "documented"
    PARTLY_DOCUMENTED = "partly_documented"
    UNLAWFUL = "unlawful"


class Measure(StrEnum):
    """A measure that keeps a system in while it is trained and evaluated."""

    NETWORK_ISOLATED = "network_isolated"
    EXECUTION_SANDBOXED = "execution_sandboxed"
    WEIGHTS_CONFINED = "weights_confined"
    STOP_REHEARSED = "stop_rehearsed"


class Property(StrEnum):
    """What is judged of a run, besides one hazard for each dangerous capability."""

    SCALE = "scale"
    REINFORCEMENT_LEARNING = "reinforcement_learning"
    AUTONOMY = "autonomy"
    NOVELTY = "novelty"
    SECURITY = "security"
    CONTAINMENT = "containment"
    OVERSIGHT_SHARE = "oversight_share"
    OVERSIGHT_POINTS = "oversight_points"
    DATA = "data"
    HARDWARE = "hardware"
    SITES = "sites"


def hazard(capability: Capability) -> str:
    """Return the property that a dangerous capability is judged under."""
    return f"hazard_{capability}"


def trained_for(capability: Capability) -> str:
    """Return the feature of a run that aims at a dangerous capability."""
    return f"trained_for_{capability}"


HAZARDS = tuple(hazard(capability) for capability in Capability)
PROPERTIES: frozenset[str] = frozenset({*map(str, Property), *HAZARDS})
FEATURES: frozenset[str] = frozenset(
    {*map(str, Trait), *(trained_for(capability) for capability in Capability)}
)
