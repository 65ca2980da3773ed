"""A witness's memory on disk.

path -> WitnessStore, whose `deciding` is the transaction that the protocol asks for

While `deciding` is open, nobody else, in any thread or process, can decide about a
head. When it has closed, what was kept survives a power cut (`sqlite_file`). The memory
names the keys that it belongs to: `verify_keys` tells a fresh or a foreign one.

What it cannot notice: that the whole file was replaced by an older copy of itself. A
witness that was restored from a backup, or copied to run twice, can be made to cosign
two histories; it must start again with new keys.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.translog.sqlite_file import connect, translated
from assent.adapters.translog.witness_store.damage import REMEDY, parsed
from assent.adapters.translog.witness_store.decision import Decision, held_in
from assent.adapters.translog.witness_store.refused import Kept, read_refused
from assent.adapters.translog.witness_store.schema import SCHEMA
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.translog.formats.keys import VerifierKey, parse_verifier_key
from assent.translog.formats.signed_head import SignedTreeHead, cosigners_of
from assent.vocabulary import InputError, NotFound

BUSY_TIMEOUT_S = 10  # a decision takes milliseconds; an asker waits no longer than this
LOG_KEYS_MAX = 16  # of one log: a note with a line of each and our own can be parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedLog:
    """A log by its origin, its keys, and the newest head of it that was cosigned.

    `keys` is empty for a log that is no longer followed; its head is held all the same.
    `cosigned_s` is the POSIX time that its cosignatures tell.
    """

    origin: str
    keys: tuple[VerifierKey, ...]
    held: SignedTreeHead | None
    cosigned_s: int | None


class WitnessStore:
    """A witness's memory, for all threads of this process and of others."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            NotFound: if there is none: a witness that forgot what it cosigned must not
                go on.

        """
        if not path.exists():
            raise NotFound(
                f"There is no witness's database at {path}.",
                remedy="Check the folder. If the file is lost, make a new witness in a"
                " new folder, with new keys: these no longer know what they cosigned.",
            )
        self.path = path
        self._deciding = threading.Lock()  # threads queue here, processes in SQLite
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    @classmethod
    def make(cls, path: Path, keys: Sequence[VerifierKey]) -> "WitnessStore":
        """Make the memory of a new witness, which others know by these keys.

        Raises:
            InputError: if there is a file.
            StoreUnavailable: if it cannot be made; nothing is left of it then.

        """
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise InputError(
                f"There is a witness's database at {path} already.",
                remedy="Make a new witness in a new folder.",
            ) from None
        except OSError as error:
            raise StoreUnavailable(
                f"The witness's database {path} cannot be made: {error.strerror}.",
                remedy="Choose a folder that can be written to.",
            ) from None
        store = cls(path)
        try:
            store._make_tables(keys)
        except BaseException:
            store.remove()
            raise
        return store

    def verify_keys(self, keys: Iterable[VerifierKey]) -> None:
        """Check that this is the memory of whoever has these keys, all of them.

        Raises:
            LogDamaged: if it is another witness's, or was made anew.

        """
        with self._transaction("DEFERRED") as connection:
            own = _own_keys(connection)
        if set(own) != set(keys):
            raise LogDamaged(
                f"{self.path} is not the memory of the witness with these keys.",
                remedy=REMEDY,
            )

    def trust(self, keys: Iterable[tuple[str, VerifierKey]]) -> None:
        """Follow logs by these keys too, each with its origin: all of them or none.

        Raises:
            InputError: if a log had too many keys then; nothing is changed.

        """
        with self._transaction("IMMEDIATE") as connection:
            for origin, key in keys:
                connection.execute(
                    "INSERT OR IGNORE INTO log_key VALUES (?, ?)", [origin, key.text]
                )
                if len(_log_keys(connection, origin)) > LOG_KEYS_MAX:
                    raise InputError(
                        f"{origin!r} would have more than {LOG_KEYS_MAX} keys.",
                        remedy="Untrust it, and trust the keys that it still signs by.",
                    )

    def untrust(self, origin: str) -> None:
        """Stop following a log. The head held of it stays, whoever trusts it again.

        Raises:
            NotFound: if it is not followed.

        """
        with self._transaction("IMMEDIATE") as connection:
            removed = connection.execute(
                "DELETE FROM log_key WHERE origin = ?", [origin]
            ).rowcount
        if not removed:
            raise NotFound(
                f"This witness does not follow {origin!r}.",
                remedy="Name a log by its origin, the first line of its tree heads.",
            )

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys trusted for a log; none if it is not followed."""
        with self._transaction("DEFERRED") as connection:
            return _log_keys(connection, origin)

    def logs(self) -> list[FollowedLog]:
        """Return every log that is followed or was, by origin."""
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute(
                "SELECT origin FROM log_key UNION SELECT origin FROM head ORDER BY 1"
            ).fetchall()
            return [_followed(connection, origin) for (origin,) in rows]

    def held(self, origin: str) -> SignedTreeHead | None:
        """Return the newest head of a log that was cosigned, as it was cosigned."""
        with self._transaction("DEFERRED") as connection:
            return held_in(connection, origin)

    def held_note(self, origin_hash: str) -> bytes | None:
        """Return the same as a note, by the SHA-256 of the origin in hexadecimal."""
        with self._transaction("DEFERRED") as connection:
            row = connection.execute(
                "SELECT note FROM head WHERE origin_hash = ?", [origin_hash]
            ).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def deciding(self, origin: str) -> Iterator[Decision]:
        """Hold off every other decision; leaving commits, an exception rolls back.

        Raises:
            StoreUnavailable: if the database refuses; then nothing was kept.

        """
        with self._deciding, self._transaction("IMMEDIATE") as connection:
            yield Decision(connection, origin)

    def refused(self) -> list[Kept]:
        """Return what was kept of refusals, oldest first."""
        with self._transaction("DEFERRED") as connection:
            return read_refused(connection)

    def close(self) -> None:
        """Close the connections of all threads; nothing may be called after."""
        for connection in self._connections:
            connection.close()

    def remove(self) -> None:
        """Close and forget all, which only a witness may that never cosigned."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _make_tables(self, keys: Sequence[VerifierKey]) -> None:
        with self._transaction("IMMEDIATE") as connection:
            for statement in SCHEMA.split("\n\n"):
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO witness_key VALUES (?)", [[key.text] for key in keys]
            )

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        with translated(f"The witness's database {self.path}", REMEDY):
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
            found = connect(self.path, timeout_s=BUSY_TIMEOUT_S)
            self._local.connection = found
            self._connections.append(found)
        return found


def _log_keys(connection: sqlite3.Connection, origin: str) -> tuple[VerifierKey, ...]:
    rows = connection.execute(
        "SELECT vkey FROM log_key WHERE origin = ?", [origin]
    ).fetchall()
    return tuple(parsed(parse_verifier_key, vkey) for (vkey,) in rows)


def _own_keys(connection: sqlite3.Connection) -> list[VerifierKey]:
    rows = connection.execute("SELECT vkey FROM witness_key").fetchall()
    return [parsed(parse_verifier_key, vkey) for (vkey,) in rows]


def _followed(connection: sqlite3.Connection, origin: str) -> FollowedLog:
    held = held_in(connection, origin)
    times = cosigners_of(held, _own_keys(connection)).values() if held else ()
    return FollowedLog(
        origin=origin,
        keys=_log_keys(connection, origin),
        held=held,
        cosigned_s=max(times, default=None),
    )
