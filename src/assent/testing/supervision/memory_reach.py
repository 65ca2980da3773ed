"""Gates and acknowledgements in memory.

`ReachStore` for tests and simulations
"""

from collections.abc import Sequence
from datetime import datetime

from assent.supervision.pause import GateRecord
from assent.vocabulary.envelope import Envelope, PublicKey


class MemoryReachStore:
    """Gates and acknowledgements that end with the process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._gates: dict[str, GateRecord] = {}
        self._relays: dict[str, PublicKey] = {}
        self._rolls: dict[tuple[int, str, bytes], datetime] = {}
        self._acks: dict[tuple[int, str, bytes], tuple[Envelope, datetime]] = {}

    def put_gates(self, *gates: GateRecord) -> None:
        """Register gates, or give them other keys, addresses or relays."""
        self._gates.update((gate.name, gate) for gate in gates)

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known."""
        return self._gates.pop(name, None) is not None

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""
        return [self._gates[name] for name in sorted(self._gates)]

    def put_relay(self, name: str, key: PublicKey) -> None:
        """Register a relay, or give it another key."""
        self._relays[name] = key

    def relays(self) -> dict[str, PublicKey]:
        """Return the keys of all relays, by name."""
        return dict(self._relays)

    def add_roll(
        self, order_number: int, relay: str, data: bytes, arrived: datetime
    ) -> None:
        """Keep a relay's roll as it was sent; again does no harm."""
        self._rolls.setdefault((order_number, relay, data), arrived)

    def rolls(self, order_number: int) -> list[tuple[str, bytes, datetime]]:
        """Return the rolls of an order with their relays, in the order they came."""
        return [
            (relay, data, arrived)
            for (number, relay, data), arrived in self._rolls.items()
            if number == order_number
        ]

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements; again does no harm."""
        for number, gate, envelope, arrived in acks:
            key = (number, gate, envelope.encoded)
            self._acks.setdefault(key, (envelope, arrived))

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return the acknowledgements of an order, in the order they were kept."""
        return [one for key, one in self._acks.items() if key[0] == order_number]

    def acknowledged(self) -> list[int]:
        """Return the numbers of the orders that were acknowledged, in order."""
        return sorted({number for number, _, _ in [*self._acks, *self._rolls]})

    def close(self) -> None:
        """Let go of nothing."""
