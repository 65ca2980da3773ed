"""A gate's memory of orders: what it verified once, it knows after every crash.

path -> GateRegister;  FeedItem + treaty + now -> Reception, durable when it is told

What is in the file was verified when it came, and is not verified again: a pause must
not vanish because the treaty names other keys now. A file that is damaged is an error,
never an empty register: whoever cannot read what is paused lets nothing run.
"""

import threading
from datetime import datetime
from pathlib import Path

from assent.adapters.translog.sqlite_tables import REMEDY, SqliteTables
from assent.authorisation.treaty import Treaty
from assent.supervision.pause import (
    FeedItem,
    KnownOrder,
    Outcome,
    Paused,
    PauseOrder,
    Reception,
    RunFacts,
    parse_order,
)
from assent.translog.errors import LogDamaged
from assent.vocabulary import AssentError, NotFound
from assent.vocabulary.envelope import parse_envelope

_TABLES = (
    """CREATE TABLE known (
        digest TEXT PRIMARY KEY, content BLOB NOT NULL, proof BLOB
    ) WITHOUT ROWID""",
    "CREATE TABLE feed (position INTEGER NOT NULL)",
    "INSERT INTO feed VALUES (0)",
    """CREATE TRIGGER orders_stay BEFORE DELETE ON known
    BEGIN SELECT RAISE(ABORT, 'an order that is known stays'); END""",
)


class GateRegister:
    """Orders that a gate or a meter knows, in a file; any thread may use it."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file.

        Args:
            path: the file.
            create: make it, if it is not there: once, when the gate is set up. A new
                register knows no order until the feed was read.

        Raises:
            NotFound: if there is none and `create` is false: it was lost.
            LogDamaged: if it is damaged: then nothing may run.
            InputError, StoreUnavailable: if it cannot be used.

        """
        if not create and not path.exists():
            raise NotFound(
                f"There is no register of orders at {path}: what is paused is not"
                " known, so nothing may run.",
                remedy="Check the folder; or make a new one, and read the feed first.",
            )
        self._path = path
        self._file = SqliteTables(path, "The register of orders", _TABLES)
        self._lock = threading.Lock()
        self._unkept: set[str] = set()  # digests that the disk refused
        self._refused: set[int] = set()  # positions of what is not believed yet
        self._newest = 0
        try:
            self._paused, self._position = self._read()
        except BaseException:
            self._file.close()
            raise

    @property
    def paused(self) -> Paused:
        """What is known now."""
        return self._paused

    def paused_order(self, digest: str) -> KnownOrder | None:
        """Return a known order by its digest."""
        return self._paused.known.get(digest)

    @property
    def position(self) -> int:
        """How far the agency's feed was read, and all of it believed.

        What is refused now may hold later: the clock goes on, the treaty is fetched. So
        a gate that starts again reads it again.
        """
        return self._position

    def holds(self, facts: RunFacts, now: datetime) -> tuple[PauseOrder, ...]:
        """Return the orders in force that stop a run: it may start if there is none."""
        return self._paused.holds(facts, now)

    def receive(self, item: FeedItem, treaty: Treaty, now: datetime) -> Reception:
        """Take an order that came; what it changes is durable when this returns.

        An order from elsewhere than the feed has the position 0.

        Raises:
            StoreUnavailable: if the disk refuses; the order holds here all the same,
                and is to be given again.

        """
        with self._lock:
            after, reception = self._paused.receive(
                item.envelope, treaty, now, item.proof
            )
            self._paused = after  # first: a full disk must not keep a run going
            if reception.is_news:
                self._unkept.add(reception.digest)
            position = self._position_after(item.position, reception)
            if self._unkept or position != self._position:
                self._keep(position)
                self._unkept.clear()
                self._position = position
            return reception

    def _position_after(self, position: int, reception: Reception) -> int:
        self._newest = max(self._newest, self._position, position)
        self._refused.discard(position)
        if reception.outcome is Outcome.REFUSED and position > self._position:
            self._refused.add(position)
        return min(self._refused, default=self._newest + 1) - 1

    def read_again(self) -> None:
        """Go back to the beginning of the feed: after the treaty has changed, say."""
        with self._lock:
            with self._file.transaction("IMMEDIATE") as connection:
                connection.execute("UPDATE feed SET position = 0")
            self._position = self._newest = 0
            self._refused.clear()

    def close(self) -> None:
        """Close the file, for good."""
        self._file.close()

    def _keep(self, position: int) -> None:
        with self._file.transaction("IMMEDIATE") as connection:
            for digest in self._unkept:
                known = self._paused.known[digest]
                connection.execute(
                    "INSERT INTO known VALUES (?, ?, ?) ON CONFLICT (digest) DO"
                    " UPDATE SET content = excluded.content, proof = excluded.proof",
                    [digest, known.envelope.encoded, known.proof],
                )
            connection.execute("UPDATE feed SET position = ?", [position])

    def _read(self) -> tuple[Paused, int]:
        with self._file.transaction() as connection:
            rows = connection.execute("SELECT * FROM known").fetchall()
            positions = connection.execute("SELECT position FROM feed").fetchall()
        known = {}
        try:
            for digest, content, proof in rows:
                envelope = parse_envelope(bytes(content))
                order = parse_order(envelope.payload)
                if order.digest != digest:
                    raise self._damaged()
                held = None if proof is None else bytes(proof)
                known[digest] = KnownOrder(order, held is not None, envelope, held)
            ((position,),) = positions
            return Paused(known), int(position)
        except LogDamaged:
            raise
        except (AssentError, TypeError, ValueError):
            raise self._damaged() from None

    def _damaged(self) -> LogDamaged:
        return LogDamaged(
            f"The register of orders {self._path} is damaged: what is paused is not"
            " known, so nothing may run.",
            remedy=REMEDY,
        )
