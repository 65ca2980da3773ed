"""What a witness keeps of what it refused, within limits that no stranger can exceed.

Evidence or Doubt <-> a row of the table `refused`

A stranger can raise a doubt with any head that a log signed and this witness has not
cosigned yet: a failing proof costs nothing. Such a doubt goes when the head is
cosigned, so only heads that never are take room for long. Evidence has room of its own,
which only whoever holds the log's key can fill.
"""

import sqlite3
from dataclasses import dataclass

from assent.adapters.translog.witness_store.damage import parsed
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.formats.witness_exchange import parse_cosign_request
from assent.translog.split_view import FILE_SUFFIX, Evidence, parse_evidence
from assent.translog.witness import Doubt

# Of each kind, for one log:
REFUSED_MAX = 1000
REFUSED_BYTES_MAX = 4 * 1024 * 1024  # a thousand of some common 4 KB each
DOUBT_BYTES_MAX = 64 * 1024  # a log that signs by a few ML-DSA-44 keys takes 20 KB


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was kept of a refusal, its number, and when it came in POSIX seconds."""

    number: int
    seen_s: int
    content: Evidence | Doubt

    @property
    def files(self) -> dict[str, bytes]:
        """Return what to show others, by the names of files.

        Evidence verifies anywhere. A doubt is the body of the request that was refused,
        and the head that was held then.
        """
        if isinstance(self.content, Evidence):
            return {f"{self.number}{FILE_SUFFIX}": self.content.encoded}
        files = {f"{self.number}.request": self.content.request.encoded}
        if self.content.held is not None:
            files[f"{self.number}.held"] = self.content.held.encoded
        return files


def insert_refused(
    connection: sqlite3.Connection, origin: str, content: Evidence | Doubt, seen_s: int
) -> int | None:
    """Keep what came with a refusal, once for each head.

    Returns its number, or None if that head is kept already or there is no room.
    """
    if isinstance(content, Evidence):
        is_evidence, head, held = True, content.larger.head, None
        encoded = content.encoded
    else:
        is_evidence, head = False, content.request.signed.head
        held = content.held.encoded if content.held else None
        encoded = content.request.encoded
    size_bytes = len(encoded) + len(held or b"")
    if not is_evidence and size_bytes > DOUBT_BYTES_MAX:
        return None
    ((count, bytes_kept),) = connection.execute(
        "SELECT count(*), coalesce(sum(length(content) + coalesce(length(held), 0)), 0)"
        " FROM refused WHERE origin = ? AND is_evidence = ?",
        [origin, is_evidence],
    ).fetchall()
    if count >= REFUSED_MAX or bytes_kept + size_bytes > REFUSED_BYTES_MAX:
        return None
    cursor = connection.execute(
        "INSERT OR IGNORE INTO refused VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        [origin, is_evidence, head.size, head.root, seen_s, encoded, held],
    )
    return cursor.lastrowid if cursor.rowcount else None


def remove_doubt(connection: sqlite3.Connection, head: TreeHead) -> None:
    """Forget the doubt about a head that turned out to extend the one before it."""
    connection.execute(
        "DELETE FROM refused"
        " WHERE origin = ? AND NOT is_evidence AND size = ? AND root = ?",
        [head.origin, head.size, head.root],
    )


def read_refused(connection: sqlite3.Connection) -> list[Kept]:
    """Return all that was kept, oldest first."""
    rows = connection.execute(
        "SELECT number, seen_s, is_evidence, content, held FROM refused ORDER BY number"
    ).fetchall()
    return [_kept(*row) for row in rows]


def _kept(
    number: int, seen_s: int, is_evidence: int, content: bytes, held: bytes | None
) -> Kept:
    if is_evidence:
        evidence = parsed(parse_evidence, content)
        return Kept(number=number, seen_s=seen_s, content=evidence)
    request = parsed(parse_cosign_request, content)
    head = parsed(parse_signed_head, held) if held else None
    return Kept(number=number, seen_s=seen_s, content=Doubt(request, head))
