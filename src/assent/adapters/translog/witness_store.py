"""What a witness must never forget: whom it follows, and the newest head it cosigned.

path -> WitnessStore, an SQLite file beside its write-ahead log

`deciding` is the transaction that the witness protocol asks for: while it is open,
nobody else, in any thread or process, can decide about a head; when it has closed, what
was kept survives a power cut (`synchronous=FULL`). The database itself refuses a head
that is smaller than the one held, and changes to what was kept of refusals.

What it cannot notice: that the whole file was replaced by an older copy of itself. A
witness that was restored from a backup, or copied to run twice, can be made to cosign
two histories; it must start again with new keys.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.translog.formats.keys import VerifierKey, parse_verifier_key
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.formats.witness_exchange import parse_cosign_request
from assent.translog.split_view import Evidence, parse_evidence
from assent.translog.witness import Doubt
from assent.vocabulary import InputError, NotFound

BUSY_TIMEOUT_S = 10  # a decision takes milliseconds; an asker waits no longer than this
REFUSED_MAX = 1000  # of each kind for one log: a failed proof costs an asker nothing
_REMEDY = (
    "Stop this witness. It must not go on from a backup: make a new one, with new keys."
)

_Raw = TypeVar("_Raw")
_Value = TypeVar("_Value")

# Statements, parted by empty lines.
_SCHEMA = """
CREATE TABLE log_key (
    origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)
) WITHOUT ROWID

CREATE TABLE head (
    origin TEXT PRIMARY KEY, origin_hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL
)

CREATE TABLE refused (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL, is_evidence INTEGER NOT NULL,
    size INTEGER NOT NULL, root BLOB NOT NULL, seen_s INTEGER NOT NULL,
    content BLOB NOT NULL, held BLOB, UNIQUE (origin, is_evidence, size, root)
)

CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR NEW.origin <> OLD.origin
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a head that is held only grows'); END

CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a head that is held stays'); END

CREATE TRIGGER refused_is_unchanged BEFORE UPDATE ON refused
BEGIN SELECT RAISE(ABORT, 'what was kept stays as it is'); END

CREATE TRIGGER refused_stays BEFORE DELETE ON refused
BEGIN SELECT RAISE(ABORT, 'what was kept stays'); END
"""
_KEEP = """
INSERT INTO head VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE
SET size = excluded.size, root = excluded.root, note = excluded.note
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was kept of a refusal, its number, and when it came in POSIX seconds."""

    number: int
    seen_s: int
    content: Evidence | Doubt


class WitnessStore:
    """A witness's memory, for all threads of this process and of others."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file, or make it.

        Raises:
            NotFound: if there is none and `create` is false: a witness that forgot what
                it cosigned must not go on.
            StoreUnavailable: if it cannot be opened.

        """
        if not create and not path.exists():
            raise NotFound(
                f"There is no witness's database at {path}.",
                remedy="Check the folder. If the file is lost, make a new witness with"
                " new keys: this one no longer knows what it cosigned.",
            )
        self.path = path
        self._deciding = threading.Lock()  # threads queue here, processes in SQLite
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        if create:
            with self._transaction("IMMEDIATE") as connection:
                _make_tables(connection)

    def trust(self, origin: str, key: VerifierKey) -> None:
        """Follow a log by one more of its keys; nothing happens if it is there."""
        with self._transaction("IMMEDIATE") as connection:
            connection.execute(
                "INSERT OR IGNORE INTO log_key VALUES (?, ?)", [origin, key.text]
            )

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys trusted for a log; none if it is not followed."""
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute(
                "SELECT vkey FROM log_key WHERE origin = ?", [origin]
            ).fetchall()
        return tuple(_parsed(parse_verifier_key, vkey) for (vkey,) in rows)

    def held(self, origin: str) -> SignedTreeHead | None:
        """Return the newest head of a log that was cosigned, as it was cosigned."""
        with self._transaction("DEFERRED") as connection:
            return _held(connection, origin)

    def held_note(self, origin_hash: str) -> bytes | None:
        """Return the same as a note, by the SHA-256 of the origin in hexadecimal."""
        with self._transaction("DEFERRED") as connection:
            row = connection.execute(
                "SELECT note FROM head WHERE origin_hash = ?", [origin_hash]
            ).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def deciding(self, origin: str) -> Iterator["Decision"]:
        """Hold off every other decision; leaving commits, an exception rolls back.

        Raises:
            StoreUnavailable: if the database refuses; then nothing was kept.

        """
        with self._deciding, self._transaction("IMMEDIATE") as connection:
            yield Decision(connection, origin)

    def refused(self) -> list[Kept]:
        """Return what was kept of refusals, oldest first."""
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute(
                "SELECT number, seen_s, is_evidence, content, held FROM refused"
                " ORDER BY number"
            ).fetchall()
            return [_kept(*row) for row in rows]

    def close(self) -> None:
        """Close the connections of all threads; nothing may be called after."""
        for connection in self._connections:
            connection.close()

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        with _translated(self.path):
            connection = self._connection()
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection: each has its own transaction."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self.path,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,  # so that `close` may close it
            )
            for setting in ("journal_mode=WAL", "synchronous=FULL"):
                found.execute(f"PRAGMA {setting}").fetchall()
            self._local.connection = found
            self._connections.append(found)
        return found


class Decision:
    """The transaction in which a witness decides about one log."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        """Decide about this log within the transaction that the connection is in."""
        self._connection = connection
        self._origin = origin

    @property
    def held(self) -> SignedTreeHead | None:
        """Return the newest head that was cosigned."""
        return _held(self._connection, self._origin)

    def keep(self, cosigned: SignedTreeHead) -> None:
        """Hold this head from now on, with its cosignatures."""
        head = cosigned.head
        self._connection.execute(
            _KEEP,
            [
                head.origin,
                sha256(head.origin.encode()).hexdigest(),
                head.size,
                head.root,
                cosigned.encoded,
            ],
        )

    def keep_refused(self, content: Evidence | Doubt, seen_s: int) -> int | None:
        """Keep what came with a refusal, once for each head.

        Returns its number, or None if that head is kept already or too many are.
        """
        if isinstance(content, Evidence):
            is_evidence, head, held = True, content.larger.head, None
            encoded = content.encoded
        else:
            is_evidence, head, held = False, content.request.signed.head, content.held
            encoded = content.request.encoded
        ((count,),) = self._connection.execute(
            "SELECT count(*) FROM refused WHERE origin = ? AND is_evidence = ?",
            [self._origin, is_evidence],
        ).fetchall()
        if count >= REFUSED_MAX:
            return None
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO refused VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._origin,
                is_evidence,
                head.size,
                head.root,
                seen_s,
                encoded,
                held.encoded if held else None,
            ],
        )
        return cursor.lastrowid if cursor.rowcount else None


def _held(connection: sqlite3.Connection, origin: str) -> SignedTreeHead | None:
    row = connection.execute(
        "SELECT note FROM head WHERE origin = ?", [origin]
    ).fetchone()
    return _parsed(parse_signed_head, row[0]) if row else None


def _kept(
    number: int, seen_s: int, is_evidence: int, content: bytes, held: bytes | None
) -> Kept:
    if is_evidence:
        evidence = _parsed(parse_evidence, content)
        return Kept(number=number, seen_s=seen_s, content=evidence)
    request = _parsed(parse_cosign_request, content)
    head = _parsed(parse_signed_head, held) if held else None
    return Kept(number=number, seen_s=seen_s, content=Doubt(request, head))


def _parsed(parse: Callable[[_Raw], _Value], raw: _Raw) -> _Value:
    try:
        return parse(raw)
    except InputError as error:
        raise LogDamaged(
            f"The witness's database is damaged: {error.message}", remedy=_REMEDY
        ) from None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(
            f"The witness's database {path} refuses: {error}.",
            remedy="Make room on the disk, or wait for whoever else writes to it.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise LogDamaged(
            f"The witness's database {path} is damaged: {error}.", remedy=_REMEDY
        ) from error


def _make_tables(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        for statement in _SCHEMA.split("\n\n"):
            connection.execute(statement)
