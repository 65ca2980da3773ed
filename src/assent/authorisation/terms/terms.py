"""What is asked for and what is permitted have the same words: who, how much, when.

Developer, Caps -> plain values
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from assent.vocabulary import Plain, format_instant
from assent.vocabulary.envelope import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Developer:
    """Who wants to train, or may, and the key by which it is known at the gate."""

    name: str
    key: PublicKey

    @property
    def plain(self) -> dict[str, Plain]:
        """The developer as plain values."""
        return {"name": self.name, "key": self.key.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What the run may use at most, and when and where.

    Attributes:
        flop: operations of the whole run, hardware convention of the rulebook.
        weights: of the model that leaves the run, in total.
        chips: at most so many of each kind at one time, by accelerator id.
        sites: where; nowhere else.
        not_before: the first instant of training.
        not_after: the instant from which nothing may run any more.

    """

    flop: int
    weights: int
    chips: Mapping[str, int]
    sites: tuple[str, ...]
    not_before: datetime
    not_after: datetime

    def __post_init__(self) -> None:
        """Keep a copy of the mapping that nobody can change."""
        object.__setattr__(self, "chips", MappingProxyType(dict(self.chips)))

    def is_within(self, wider: "Caps") -> bool:
        """Tell whether nothing is allowed that the wider caps do not allow."""
        return (
            self.flop <= wider.flop
            and self.weights <= wider.weights
            and all(
                count <= wider.chips.get(kind, 0) for kind, count in self.chips.items()
            )
            and set(self.sites) <= set(wider.sites)
            and self.not_before >= wider.not_before
            and self.not_after <= wider.not_after
        )

    @property
    def plain(self) -> dict[str, Plain]:
        """The caps as plain values; counts are decimal strings."""
        return {
            "flop": str(self.flop),
            "weights": str(self.weights),
            "chips": {kind: str(count) for kind, count in self.chips.items()},
            "sites": list(self.sites),
            "not_before": format_instant(self.not_before),
            "not_after": format_instant(self.not_after),
        }
