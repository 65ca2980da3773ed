"""Where a run stops until its evaluations are passed: at a FLOP count, a date, a loss.

OversightPoint, OversightDate, OversightLoss -> plain values, and the words for each

    {"at_flop":"10000000000000000000000000","evaluations":["cyber-offence"]}
    {"at":"2026-09-01T00:00:00Z","evaluations":["cyber-offence"]}
    {"at_loss":"2.15","evaluations":["cyber-offence"]}

FLOP a gate bounds by the chips, and a date by the clock. A loss is the developer's
word.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from assent.authorisation.terms.terms import Caps
from assent.vocabulary import Plain, QuantityInvalid, format_count, format_instant

_LOSS = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{0,8}[1-9])?")  # in one spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightPoint:
    """At this FLOP count the run stops until these evaluations are passed."""

    at_flop: int
    evaluations: tuple[str, ...]

    @property
    def mark(self) -> dict[str, str]:
        """What tells it from the other points."""
        return {"at_flop": str(self.at_flop)}

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return f"at {format_count(self.at_flop)} FLOP"

    @property
    def plain(self) -> dict[str, Plain]:
        """The point as plain values."""
        return {**self.mark, "evaluations": list(self.evaluations)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightDate:
    """From this instant on the run stops until these evaluations are passed."""

    at: datetime
    evaluations: tuple[str, ...]

    @property
    def mark(self) -> dict[str, str]:
        """What tells it from the other points."""
        return {"at": format_instant(self.at)}

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return f"on {format_instant(self.at)}"

    @property
    def plain(self) -> dict[str, Plain]:
        """The point as plain values."""
        return {**self.mark, "evaluations": list(self.evaluations)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightLoss:
    """Once a loss at or below this is reported, the run stops until they are passed."""

    at_loss: Decimal
    evaluations: tuple[str, ...]

    @property
    def mark(self) -> dict[str, str]:
        """What tells it from the other points."""
        return {"at_loss": format_loss(self.at_loss)}

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return f"at a loss of {format_loss(self.at_loss)}"

    @property
    def plain(self) -> dict[str, Plain]:
        """The point as plain values."""
        return {**self.mark, "evaluations": list(self.evaluations)}


Point = OversightPoint | OversightDate | OversightLoss
MARKS = ("at_flop", "at", "at_loss")


def dates_within(
    dates: Iterable[OversightDate], caps: Caps
) -> tuple[OversightDate, ...]:
    """Return the dates that lie within the time of caps, in order."""
    found = [one for one in dates if caps.not_before < one.at < caps.not_after]
    return tuple(sorted(found, key=lambda one: one.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightPeriod:
    """Every so many days of a permit the run stops until these are passed."""

    days: int
    evaluations: tuple[str, ...]

    @property
    def plain(self) -> dict[str, Plain]:
        """The period as plain values."""
        return {"days": self.days, "evaluations": list(self.evaluations)}

    def dates_in(self, caps: Caps) -> tuple[OversightDate, ...]:
        """Return its dates in the time of caps, counted from their first instant."""
        step = timedelta(days=self.days)
        count = (caps.not_after - caps.not_before) // step
        dates = (
            OversightDate(at=caps.not_before + step * n, evaluations=self.evaluations)
            for n in range(1, count + 1)
        )
        return dates_within(dates, caps)


def mark_of(value: Mapping[str, Plain]) -> dict[str, str]:
    """Return the mark of a point, among other plain values."""
    return {name: str(value[name]) for name in MARKS if name in value}


def where_of(mark: Mapping[str, str]) -> str:
    """Return in words where the point of a mark is."""
    if "at_flop" in mark:
        return f"at {format_count(int(mark['at_flop']))} FLOP"
    return f"on {mark['at']}" if "at" in mark else f"at a loss of {mark['at_loss']}"


def parse_loss(value: object) -> Decimal:
    """Return a loss that is written in decimal digits, at most nine after the point.

    Raises:
        QuantityInvalid: if it is none, or in another spelling.

    """
    if not isinstance(value, str) or _LOSS.fullmatch(value) is None:
        raise QuantityInvalid(
            f"{value!r:.60} is no loss.",
            remedy="Write it so: 2.15, without zeros after.",
        )
    return Decimal(value)


def format_loss(loss: Decimal) -> str:
    """Return a loss in its one spelling."""
    text = f"{loss:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
