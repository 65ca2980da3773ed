"""Gates and acknowledgements in memory.

`ReachStore` for tests and simulations
"""

from collections.abc import Sequence
from datetime import datetime

from assent.supervision.pause import GateRecord
from assent.vocabulary.envelope import Envelope


class MemoryReachStore:
    """Gates and acknowledgements that end with the process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._gates: dict[str, GateRecord] = {}
        self._acks: dict[tuple[int, str, bytes], tuple[Envelope, datetime]] = {}

    def put_gate(self, gate: GateRecord) -> None:
        """Register a gate, or give it another key or address."""
        self._gates[gate.name] = gate

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known."""
        return self._gates.pop(name, None) is not None

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""
        return [self._gates[name] for name in sorted(self._gates)]

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements; again does no harm."""
        for number, gate, envelope, arrived in acks:
            key = (number, gate, envelope.encoded)
            self._acks.setdefault(key, (envelope, arrived))

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return the acknowledgements of an order, in the order they were kept."""
        return [one for key, one in self._acks.items() if key[0] == order_number]

    def close(self) -> None:
        """Let go of nothing."""
