"""Past decisions that resemble a case, and in what.

PastDecision's + the case at hand -> the nearest, with reasons

They are shown to whoever judges, and bind nobody: a precedent is no reason by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

PRECEDENTS_MAX = 10  # that anybody reads before a decision
_FEATURE_WEIGHT = 1_000  # one feature more or less is as far as ten times the compute
_DIGITS = Context(prec=50)  # a count has at most 37 digits
_SAME_DEVELOPER = 500  # brings a case nearer by a factor of about three in compute


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """What is compared of a case; the case at hand has no outcome yet.

    `features` are those of the run, and the properties that were found high or worse.
    """

    case_id: str
    developer: str
    flop: int
    features: frozenset[str]
    outcome: str
    decided: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """A past decision, how far it is from the case, and why it is shown."""

    past: PastDecision
    distance: int
    reasons: tuple[str, ...]


def similar(
    decisions: Iterable[PastDecision],
    now: PastDecision,
    limit: int = PRECEDENTS_MAX,
) -> list[Precedent]:
    """Return the nearest past decisions, the nearest first.

    The distance is the difference of log10 FLOP in thousandths, plus 1,000 for each
    feature that only one of the two has, less 500 for the same developer. Of equals the
    later comes first, then the case id decides, so that everybody sees the same list.
    """
    found = [
        _compared(past, now)
        for past in decisions
        if past.case_id != now.case_id and past.decided <= now.decided
    ]
    found.sort(
        key=lambda near: (
            near.distance,
            -near.past.decided.toordinal(),
            near.past.case_id,
        )
    )
    return found[: max(0, min(limit, PRECEDENTS_MAX))]


def _compared(past: PastDecision, now: PastDecision) -> Precedent:
    apart = abs(milli_log10(past.flop) - milli_log10(now.flop))
    shared = sorted(past.features & now.features)
    unshared = past.features ^ now.features
    reasons = [f"{apart // 1000}.{apart % 1000:03d} orders of magnitude apart in FLOP"]
    if shared:
        reasons.append(f"both: {', '.join(shared)}")
    if unshared:
        reasons.append(f"only one of them: {', '.join(sorted(unshared))}")
    distance = apart + _FEATURE_WEIGHT * len(unshared)
    if past.developer == now.developer:
        reasons.append("the same developer")
        distance -= _SAME_DEVELOPER
    return Precedent(past=past, distance=distance, reasons=tuple(reasons))


def milli_log10(count: int) -> int:
    """Return log10 of a count in thousandths, rounded down; 0 and 1 give 0.

    Decimal arithmetic is correctly rounded, so every machine finds the same.
    """
    if count <= 1:
        return 0
    return int(_DIGITS.multiply(_DIGITS.log10(Decimal(count)), Decimal(1_000)))
