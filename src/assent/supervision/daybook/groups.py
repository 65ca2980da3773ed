"""Whose compute without permits belongs together, over all gates.

owners as gates know them + developers' keys + the agency's register -> groups

Two owners are of one group if a gate says that they are under the same control, if they
hold the same key, or if the agency's own register says so. Accounts in that register
are `GATE/OWNER`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from assent.supervision.admission import OwnerRegister
from assent.supervision.daybook.book import DayOwner

_KEY, _REGISTER = "key:", "register:"  # no gate is called so


class OwnerGroups:
    """Groups of owners, by gate and owner or by a developer's key."""

    def __init__(
        self,
        owners: Mapping[str, Iterable[DayOwner]],
        register: OwnerRegister | None,
        on: date,
    ) -> None:
        """Join owners.

        Args:
            owners: by gate.
            register: the agency's own; None if it has none.
            on: the day on which control counts.

        """
        self._above: dict[str, str] = {}
        self._names: dict[str, str] = {}
        if register is not None:
            self._join_registered(register, on)
        for gate, known in owners.items():
            for owner in known:
                node = f"{gate}/{owner.owner_id}"
                self._names[node] = owner.name
                for other in owner.group:
                    self._join(node, f"{gate}/{other}")
                for key in owner.keys:
                    self._join(node, f"{_KEY}{key}")
        self._labels = self._labelled()

    def of_owner(self, gate: str, owner_id: str) -> str:
        """Return the group of an owner at a gate, by the first of its names."""
        return self._label(f"{gate}/{owner_id}")

    def by_gate(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Return the owners known at each gate, by gate and group."""
        found: dict[str, dict[str, list[str]]] = {}
        for node in self._above:
            gate, slash, owner_id = node.partition("/")
            if slash and not node.startswith((_KEY, _REGISTER)):
                groups = found.setdefault(gate, {})
                groups.setdefault(self._label(node), []).append(owner_id)
        return found

    def of_key(self, key: str) -> str | None:
        """Return the group that holds a developer's key; None if nobody does."""
        node = f"{_KEY}{key}"
        return self._label(node) if node in self._above else None

    def _label(self, node: str) -> str:
        return self._labels.get(self._top(node), node)

    def _join_registered(self, register: OwnerRegister, on: date) -> None:
        for owner in register.owners.values():
            node = f"{_REGISTER}{owner.owner_id}"
            self._names[node] = owner.name
            for other in register.group_of(owner.owner_id, on):
                self._join(node, f"{_REGISTER}{other}")
            for account in owner.accounts:
                self._join(node, account)
            for key in owner.keys:
                self._join(node, f"{_KEY}{key.text}")

    def _labelled(self) -> dict[str, str]:
        """Return a name for each group; what is called alike is told apart."""
        first: dict[str, tuple[str, str]] = {}
        for node, name in self._names.items():
            top = self._top(node)
            first[top] = min(first.get(top, (name, node)), (name, node))
        taken: dict[str, str] = {}
        labels: dict[str, str] = {}
        for top, (name, node) in sorted(first.items(), key=lambda item: item[1]):
            labels[top] = f"{name} ({node})" if name in taken else name
            taken[name] = top
        return labels

    def _top(self, node: str) -> str:
        path = []
        while (above := self._above.get(node, node)) != node:
            path.append(node)
            node = above
        for one in path:
            self._above[one] = node
        return node

    def _join(self, one: str, other: str) -> None:
        self._above.setdefault(one, one)
        self._above.setdefault(other, other)
        self._above[self._top(one)] = self._top(other)
