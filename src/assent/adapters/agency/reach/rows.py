"""Gates that an agency knows, and their acknowledgements, in rows of a database.

transactions of SQLite or PostgreSQL -> what `ports.ReachStore` promises

The orders themselves are in the docket. What is lost with these rows is who had
acknowledged, never what is paused.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from assent.supervision.pause import GateRecord
from assent.translog.errors import LogDamaged
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import (
    Envelope,
    PublicKey,
    parse_envelope,
    parse_public_key,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


class Rows(Protocol):
    """A transaction that is under way; `?` stands for a value."""

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return what a statement selects."""

    def each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Do a statement for each row of values."""


class SqlReachStore(ABC):
    """`ReachStore`, but for the database."""

    @abstractmethod
    def transaction(self, *, writes: bool) -> AbstractContextManager[Rows]:
        """Begin a transaction, which commits unless an error leaves it."""

    @abstractmethod
    def damaged(self) -> LogDamaged:
        """Return the error that says so."""

    def put_gates(self, *gates: GateRecord) -> None:
        """Register gates, together, or give them other keys, addresses or relays."""
        with self.transaction(writes=True) as rows:
            rows.each(
                "INSERT INTO gate VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " public = excluded.public, url = excluded.url",
                [(gate.name, gate.key.text, gate.url) for gate in gates],
            )
            rows.each(
                "DELETE FROM behind WHERE gate = ?", [(gate.name,) for gate in gates]
            )
            rows.each(
                "INSERT INTO behind VALUES (?, ?)",
                [(gate.name, gate.relay) for gate in gates if gate.relay is not None],
            )

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known. What it acknowledged stays."""
        with self.transaction(writes=True) as rows:
            was_known = bool(rows.all("SELECT 1 FROM gate WHERE name = ?", [name]))
            rows.each("DELETE FROM behind WHERE gate = ?", [(name,)])
            rows.each("DELETE FROM gate WHERE name = ?", [(name,)])
        return was_known

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""
        with self.transaction(writes=False) as rows:
            found = rows.all(
                "SELECT name, public, url, relay FROM gate"
                " LEFT JOIN behind ON gate.name = behind.gate ORDER BY name"
            )
        try:
            return [
                GateRecord(name, parse_public_key(key), url, relay)
                for name, key, url, relay in found
            ]
        except AssentError:
            raise self.damaged() from None

    def put_relay(self, name: str, key: PublicKey) -> None:
        """Register a relay, or give it another key."""
        with self.transaction(writes=True) as rows:
            rows.each(
                "INSERT INTO relay VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
                " public = excluded.public",
                [(name, key.text)],
            )

    def relays(self) -> dict[str, PublicKey]:
        """Return the keys of all relays, by name."""
        with self.transaction(writes=False) as rows:
            found = rows.all("SELECT name, public FROM relay ORDER BY name")
        try:
            return {name: parse_public_key(key) for name, key in found}
        except AssentError:
            raise self.damaged() from None

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements that were verified, together; again does no harm."""
        with self.transaction(writes=True) as rows:
            rows.each(
                "INSERT INTO ack (order_number, gate, arrived_us, content)"
                " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    (number, gate, (arrived - _EPOCH) // _US, envelope.encoded)
                    for number, gate, envelope, arrived in acks
                ],
            )

    def add_roll(
        self, order_number: int, relay: str, data: bytes, arrived: datetime
    ) -> None:
        """Keep a relay's roll as it was sent; again does no harm."""
        arrived_us = (arrived - _EPOCH) // _US
        with self.transaction(writes=True) as rows:
            rows.each(
                "INSERT INTO roll (order_number, relay, arrived_us, digest, content)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [(order_number, relay, arrived_us, sha256(data).digest(), data)],
            )

    def rolls(self, order_number: int) -> list[tuple[str, bytes, datetime]]:
        """Return the rolls of an order with their relays, in the order they came."""
        with self.transaction(writes=False) as rows:
            found = rows.all(
                "SELECT relay, content, arrived_us FROM roll WHERE order_number = ?"
                ' ORDER BY "row"',
                [order_number],
            )
        try:
            return [
                (relay, bytes(content), _EPOCH + arrived_us * _US)
                for relay, content, arrived_us in found
            ]
        except (TypeError, OverflowError):
            raise self.damaged() from None

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return what gates sent themselves, in the order it was kept."""
        with self.transaction(writes=False) as rows:
            found = rows.all(
                "SELECT content, arrived_us FROM ack WHERE order_number = ?"
                ' ORDER BY "row"',
                [order_number],
            )
        try:
            return [
                (parse_envelope(bytes(content)), _EPOCH + arrived_us * _US)
                for content, arrived_us in found
            ]
        except (AssentError, TypeError, OverflowError):
            raise self.damaged() from None

    def acknowledged(self) -> list[int]:
        """Return the numbers of the orders that were acknowledged, in order."""
        with self.transaction(writes=False) as rows:
            found = rows.all(
                "SELECT order_number FROM ack UNION SELECT order_number FROM roll"
                " ORDER BY order_number"
            )
        return [number for (number,) in found]
