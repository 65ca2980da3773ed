"""The transaction in which a witness decides about one log.

origin -> the head that is held; a cosigned head, Evidence, Doubt -> kept
"""

import sqlite3
from hashlib import sha256

from assent.adapters.translog.witness_store.damage import parsed
from assent.adapters.translog.witness_store.refused import insert_refused, remove_doubt
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.split_view import Evidence
from assent.translog.witness import Doubt

_KEEP = """
INSERT INTO head VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE
SET size = excluded.size, root = excluded.root, note = excluded.note
"""


class Decision:
    """The transaction in which a witness decides about one log."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        """Decide about this log within the transaction that the connection is in."""
        self._connection = connection
        self._origin = origin

    @property
    def held(self) -> SignedTreeHead | None:
        """Return the newest head that was cosigned."""
        return held_in(self._connection, self._origin)

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
        remove_doubt(self._connection, head)

    def keep_refused(self, content: Evidence | Doubt, seen_s: int) -> int | None:
        """Keep what came with a refusal, once for each head.

        Returns its number, or None if that head is kept already or there is no room.
        """
        return insert_refused(self._connection, self._origin, content, seen_s)


def held_in(connection: sqlite3.Connection, origin: str) -> SignedTreeHead | None:
    """Return the newest head of a log that was cosigned."""
    row = connection.execute(
        "SELECT note FROM head WHERE origin = ?", [origin]
    ).fetchone()
    return parsed(parse_signed_head, row[0]) if row else None
