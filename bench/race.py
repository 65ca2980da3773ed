"""Who is faster at the same work?

contestants + cases -> the median of each; medians + target -> a row of a Table

Contestants take turns, so that a slow moment of the machine meets all of them. ▼ marks
ours wherever a peer is faster or its target is missed, by however little.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TypeVar

from bench.speed import spell_time
from bench.table import WORSE, Table

OURS = "assent"
ROUNDS = 5
Case = TypeVar("Case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One kind of work, measured for us and for whoever does it too.

    Attributes:
        what: the work.
        figures: the median of each contestant: seconds, or pieces of work a second.
        target: what ours must reach, in the same unit.
        is_rate: the figures are a second, and more is better.

    """

    what: str
    figures: Mapping[str, float]
    target: float | None = None
    is_rate: bool = False

    @property
    def advantage(self) -> float | None:
        """Return how many times as fast we are as the fastest peer."""
        peers = [value for name, value in self.figures.items() if name != OURS]
        if not peers:
            return None
        ours = self.figures[OURS]
        return ours / max(peers) if self.is_rate else min(peers) / ours

    def row(self, peers: Sequence[str]) -> tuple[str, ...]:
        """Return the cells of the table, with a column for each of these peers."""
        ours, target, advantage = self.figures[OURS], self.target, self.advantage
        is_beaten = advantage is not None and advantage < 1
        is_missed = target is not None and (
            ours < target if self.is_rate else ours > target
        )
        mark = f" {WORSE}" if is_beaten or is_missed else ""
        return (
            self.what,
            f"{self._spell(ours)}{mark}",
            *(self._spell(self.figures.get(peer)) for peer in peers),
            "–" if advantage is None else f"{advantage:.2f}",
            self._spell(target),
        )

    def _spell(self, figure: float | None) -> str:
        if figure is None:
            return "–"
        return f"{figure:,.0f} /s" if self.is_rate else spell_time(figure)


def race_table(
    title: str, peers: Sequence[str], races: Iterable[Race], notes: Sequence[str]
) -> Table:
    """Return the results as a table."""
    return Table(
        title=title,
        columns=("what", OURS, *peers, "ours ÷ best peer's speed", "target"),
        rows=[race.row(peers) for race in races],
        notes=notes,
    )


def in_turns(contestants: Mapping[str, Callable[[int], float]]) -> dict[str, float]:
    """Return the median figure of each contestant over rounds of its work.

    A contestant is called with the number of the round and returns its figure; round 0
    warms up and does not count.
    """
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name in _order(contestants, number):
            figure = contestants[name](number)
            if number:
                found[name].append(figure)
    return {name: median(figures) for name, figures in found.items()}


def each_in_turns(
    contestants: Mapping[str, Callable[[Case], object]],
    cases: Sequence[Case],
    *,
    warm_up: Sequence[Case],
) -> dict[str, float]:
    """Return the median seconds that each contestant takes for a case.

    Before that, each does the cases of `warm_up`, which do not count.
    """
    for function in contestants.values():
        for case in warm_up:
            function(case)
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for number, case in enumerate(cases):
        for name in _order(contestants, number):
            start = perf_counter()
            contestants[name](case)
            found[name].append(perf_counter() - start)
    return {name: median(seconds) for name, seconds in found.items()}


def _order(contestants: Mapping[str, object], number: int) -> list[str]:
    """Return their names, another one first each time."""
    names = list(contestants)
    first = number % len(names)
    return names[first:] + names[:first]
