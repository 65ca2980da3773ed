"""Gates that an agency knows, and their acknowledgements, in one SQLite file.

path -> ReachStore

The orders themselves are in the docket. What is lost with this file is who had
acknowledged, never what is paused.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assent.adapters.translog.sqlite_tables import REMEDY, SqliteTables
from assent.supervision.pause import GateRecord
from assent.translog.errors import LogDamaged
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Envelope, parse_envelope, parse_public_key

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

    def put_gate(self, gate: GateRecord) -> None:
        """Register a gate, or give it another key or address."""
        with self._file.transaction("IMMEDIATE") as connection:
            connection.execute(
                "INSERT OR REPLACE INTO gate VALUES (?, ?, ?)",
                [gate.name, gate.key.text, gate.url],
            )

    def drop_gate(self, name: str) -> bool:
        """Forget a gate; tell whether it was known. What it acknowledged stays."""
        with self._file.transaction("IMMEDIATE") as connection:
            done = connection.execute("DELETE FROM gate WHERE name = ?", [name])
            return done.rowcount > 0

    def gates(self) -> list[GateRecord]:
        """Return all gates, by name."""
        with self._file.transaction() as connection:
            rows = connection.execute("SELECT * FROM gate ORDER BY name").fetchall()
        try:
            return [
                GateRecord(name, parse_public_key(key), url) for name, key, url in rows
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

    def acks(self, order_number: int) -> list[tuple[Envelope, datetime]]:
        """Return the acknowledgements of an order, in the order they were kept."""
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
