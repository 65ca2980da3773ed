"""Draw up what an agency tells a gate of its owners.

exempt books of all gates + groups of owners + a gate -> TallyGroup

A gate is told of the owners that it reported, or that the agency's own register knows
there. What they used at this very gate is left out: the gate knows it, and sooner.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from assent.supervision.daybook import OwnerGroups
from assent.supervision.tally.tally import TallyGroup


class Slice(NamedTuple):
    """What an owner used and reserved at a gate without a permit, in FLOP."""

    gate: str
    owner_id: str
    flop: int


def draw_up(
    slices: Iterable[Slice], groups: OwnerGroups, gates: Iterable[str]
) -> Mapping[str, tuple[TallyGroup, ...]]:
    """Return the groups that each gate is told of; one alone that used nothing is not.

    Args:
        slices: of all gates.
        groups: whose owners belong together.
        gates: whom to tell.

    """
    used: Counter[str] = Counter()
    used_there: Counter[tuple[str, str]] = Counter()
    for one in slices:
        group = groups.of_owner(one.gate, one.owner_id)
        used[group] += one.flop
        used_there[one.gate, group] += one.flop
    by_gate = groups.by_gate()
    return {
        gate: tuple(
            TallyGroup(owners=tuple(sorted(owners)), flop=flop)
            for group, owners in sorted(by_gate.get(gate, {}).items())
            if (flop := used[group] - used_there[gate, group]) or owners[1:]
        )
        for gate in gates
    }
