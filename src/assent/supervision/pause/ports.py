"""What the reach of orders needs of the world: gates that are known, and their acks.

`adapters` implements it on SQLite, `testing` in memory; the same contract tests run on
both. Orders need no port of their own: they are a case of the docket.
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

    """

    name: str
    key: PublicKey
    url: str | None = None


class ReachStore(Protocol):
    """Gates and their acknowledgements. What is kept when a call returns, stays.

    All raise StoreUnavailable if the database refuses.
    """

    def put_gate(self, gate: GateRecord) -> None:
        """Register a gate, or give it another key or address."""

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known. What it acknowledged stays."""

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements that were verified, together.

        Args:
            acks: the order's number, the gate's name, the signed acknowledgement, and
                when it arrived. One that is kept already stays as it is.

        """

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return the acknowledgements of an order, in the order they were kept."""

    def close(self) -> None:
        """Let go of the database."""
