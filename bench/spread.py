"""How long does it take, usually and at worst?

contestants -> p50 and p99 of each; figures of ours and a peer's -> a row of a Table

Contestants take turns, as in `race`. ▼ marks ours where a peer's p50 is lower or the
target is missed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter

from bench.race import OURS
from bench.speed import spell_time
from bench.table import WORSE

COLUMNS = ("what", "p50", "p99", "peer", "its p50", "its p99", "its ÷ ours", "target")
_WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds that half of the calls stay below, and 99 of 100."""

    p50: float
    p99: float


def spreads(
    contestants: Mapping[str, Callable[[], object]], times: int
) -> dict[str, Spread]:
    """Call each contestant so often, in turns, and return how long it took."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(_WARM_UP + times):
        for name, function in contestants.items():
            start = perf_counter()
            function()
            if number >= _WARM_UP:
                seconds[name].append(perf_counter() - start)
    found = {}
    for name, taken in seconds.items():
        cuts = quantiles(taken, n=100, method="inclusive")
        found[name] = Spread(cuts[49], cuts[98])
    return found


def spread_row(
    what: str, found: Mapping[str, Spread], target: float | None = None
) -> tuple[str, ...]:
    """Return the cells of COLUMNS for ours and at most one peer."""
    ours = found[OURS]
    peers = [name for name in found if name != OURS]
    theirs = found[peers[0]] if peers else None
    is_worse = (theirs is not None and theirs.p50 < ours.p50) or (
        target is not None and ours.p50 > target
    )
    return (
        what,
        f"{spell_time(ours.p50)}{f' {WORSE}' if is_worse else ''}",
        spell_time(ours.p99),
        *(
            ("–", "–", "–", "–")
            if theirs is None
            else (
                peers[0],
                spell_time(theirs.p50),
                spell_time(theirs.p99),
                f"{theirs.p50 / ours.p50:.2f}",
            )
        ),
        "–" if target is None else spell_time(target),
    )
