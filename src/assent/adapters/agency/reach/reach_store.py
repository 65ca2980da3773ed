"""Gates that an agency knows, and their acknowledgements, in one SQLite file.

path -> ReachStore

The orders themselves are in the docket. What is lost with this file is who had
acknowledged, never what is paused.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from assent.adapters.translog.sqlite_tables import REMEDY, SqliteTables
from assent.supervision.pause import GateRecord
from assent.translog.errors import LogDamaged
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import (
    Envelope,
    PublicKey,
    parse_envelope,
    parse_public_key,
)

_TABLES = (
    """CREATE TABLE gate (
        name TEXT PRIMARY KEY, public TEXT NOT NULL, url TEXT
    ) WITHOUT ROWID""",
    """CREATE TABLE ack (
        row INTEGER PRIMARY KEY, order_number INTEGER NOT NULL, gate TEXT NOT NULL,
        arrived_us INTEGER NOT NULL, content BLOB NOT NULL,
        UNIQUE (order_number, gate, content)
    )""",
)
_OF_RELAYS = (  # not in files of before there were relays
    """CREATE TABLE IF NOT EXISTS relay (
        name TEXT PRIMARY KEY, public TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS behind (
        gate TEXT PRIMARY KEY, relay TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roll (
        row INTEGER PRIMARY KEY, order_number INTEGER NOT NULL, relay TEXT NOT NULL,
        arrived_us INTEGER NOT NULL, digest BLOB NOT NULL, content BLOB NOT NULL,
        UNIQUE (order_number, relay, digest)
    )""",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


class SqliteReachStore:
    """`ReachStore` in a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            InputError, StoreUnavailable, LogDamaged: if it cannot be used.

        """
        self._path = path
        self._file = SqliteTables(path, "The file of acknowledgements", _TABLES)
        try:
            with self._file.transaction("IMMEDIATE") as connection:
                for statement in _OF_RELAYS:
                    connection.execute(statement)
        except BaseException:
            self._file.close()
            raise

    def put_gates(self, *gates: GateRecord) -> None:
        """Register gates, together, or give them other keys, addresses or relays."""
        with self._file.transaction("IMMEDIATE") as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO gate VALUES (?, ?, ?)",
                [(gate.name, gate.key.text, gate.url) for gate in gates],
            )
            connection.executemany(
                "DELETE FROM behind WHERE gate = ?", [(gate.name,) for gate in gates]
            )
            connection.executemany(
                "INSERT INTO behind VALUES (?, ?)",
                [(gate.name, gate.relay) for gate in gates if gate.relay is not None],
            )

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known. What it acknowledged stays."""
        with self._file.transaction("IMMEDIATE") as connection:
            connection.execute("DELETE FROM behind WHERE gate = ?", [name])
            done = connection.execute("DELETE FROM gate WHERE name = ?", [name])
            return done.rowcount > 0

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""
        with self._file.transaction() as connection:
            rows = connection.execute(
                "SELECT name, public, url, relay FROM gate"
                " LEFT JOIN behind ON gate.name = behind.gate ORDER BY name"
            ).fetchall()
        try:
            return [
                GateRecord(name, parse_public_key(key), url, relay)
                for name, key, url, relay in rows
            ]
        except AssentError:
            raise self._damaged() from None

    def add_acks(self, acks: Sequence[tuple[int, str, Envelope, datetime]]) -> None:
        """Keep acknowledgements that were verified, together; again does no harm."""
        rows = [
            (number, gate, (arrived - _EPOCH) // _US, envelope.encoded)
            for number, gate, envelope, arrived in acks
        ]
        with self._file.transaction("IMMEDIATE") as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO ack (order_number, gate, arrived_us, content)"
                " VALUES (?, ?, ?, ?)",
                rows,
            )

    def put_relay(self, name: str, key: PublicKey) -> None:
        """Register a relay, or give it another key."""
        with self._file.transaction("IMMEDIATE") as connection:
            connection.execute(
                "INSERT OR REPLACE INTO relay VALUES (?, ?)", [name, key.text]
            )

    def relays(self) -> dict[str, PublicKey]:
        """Return the keys of all relays, by name."""
        with self._file.transaction() as connection:
            rows = connection.execute("SELECT * FROM relay ORDER BY name").fetchall()
        try:
            return {name: parse_public_key(key) for name, key in rows}
        except AssentError:
            raise self._damaged() from None

    def add_roll(
        self, order_number: int, relay: str, data: bytes, arrived: datetime
    ) -> None:
        """Keep a relay's roll as it was sent; again does no harm."""
        with self._file.transaction("IMMEDIATE") as connection:
            connection.execute(
                "INSERT OR IGNORE INTO roll VALUES (NULL, ?, ?, ?, ?, ?)",
                [
                    order_number,
                    relay,
                    (arrived - _EPOCH) // _US,
                    sha256(data).digest(),
                    data,
                ],
            )

    def rolls(self, order_number: int) -> list[tuple[str, bytes, datetime]]:
        """Return the rolls of an order with their relays, in the order they came."""
        with self._file.transaction() as connection:
            rows = connection.execute(
                "SELECT relay, content, arrived_us FROM roll WHERE order_number = ?"
                " ORDER BY row",
                [order_number],
            ).fetchall()
        try:
            return [
                (relay, bytes(content), _EPOCH + arrived_us * _US)
                for relay, content, arrived_us in rows
            ]
        except (TypeError, OverflowError):
            raise self._damaged() from None

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return what gates sent themselves, in the order it was kept."""
        with self._file.transaction() as connection:
            rows = connection.execute(
                "SELECT content, arrived_us FROM ack WHERE order_number = ?"
                " ORDER BY row",
                [order_number],
            ).fetchall()
        try:
            return [
                (parse_envelope(bytes(content)), _EPOCH + arrived_us * _US)
                for content, arrived_us in rows
            ]
        except (AssentError, TypeError, OverflowError):
            raise self._damaged() from None

    def close(self) -> None:
        """Close the file, for good."""
        self._file.close()

    def _damaged(self) -> LogDamaged:
        return LogDamaged(
            f"The file of acknowledgements {self._path} is damaged.", remedy=REMEDY
        )
