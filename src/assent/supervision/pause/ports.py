"""What the reach of orders needs of the world: gates that are known, and their acks.

`adapters` implements it on SQLite and PostgreSQL, `testing` in memory; the same
contract tests run on all. Orders need no port of their own: they are a case of the
docket.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assent.vocabulary.envelope import Envelope, PublicKey


@dataclass(frozen=True, slots=True)
class GateRecord:
    """A gate that the agency knows.

    Attributes:
        name: what the gate calls itself.
        key: what it signs acknowledgements with.
        url: where new orders are posted to; None if it only pulls.
        relay: the relay that may swear to its acknowledgements; None if there is none.

    """

    name: str
    key: PublicKey
    url: str | None = None
    relay: str | None = None


class ReachStore(Protocol):
    """Gates and their acknowledgements. What is kept when a call returns, stays.

    All raise StoreUnavailable if the database refuses.
    """

    def put_gates(self, *gates: GateRecord) -> None:
        """Register gates, together, or give them other keys, addresses or relays."""

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known. What it acknowledged stays."""

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""

    def put_relay(self, name: str, key: PublicKey) -> None:
        """Register a relay, or give it another key."""

    def relays(self) -> dict[str, PublicKey]:
        """Return the keys of all relays, by name."""

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements that were verified, together.

        Args:
            acks: the order's number, the gate's name, the signed acknowledgement, and
                when it arrived. One that is kept already stays as it is.

        """

    def add_roll(
        self, order_number: int, relay: str, data: bytes, arrived: datetime
    ) -> None:
        """Keep a relay's roll as it was sent; again does no harm."""

    def rolls(self, order_number: int) -> list[tuple[str, bytes, datetime]]:
        """Return the rolls of an order with their relays, in the order they came."""

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return what gates sent themselves, in the order it was kept."""

    def acknowledged(self) -> list[int]:
        """Return the numbers of the orders that were acknowledged, in order."""

    def close(self) -> None:
        """Let go of the database."""
