"""The statements that both databases understand, on rows that are checked when read.

rows -> what `ports.LogTransaction` promises, or LogDamaged
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from assent.translog.errors import LogDamaged, StoreUnavailable, WrongOrigin
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.merkle import HASH_BYTES, FullTile
from assent.translog.ports import KeptHead
from assent.vocabulary import InputError, NotFound


class SqlTransaction(ABC):
    """A transaction that is under way; in statements, `?` stands for a value."""

    @abstractmethod
    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows that a query finds."""

    @abstractmethod
    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values."""

    def size(self) -> int:
        """Return how many entries there are."""
        ((last,),) = self._all("SELECT max(entry_index) FROM translog_entry")
        return 0 if last is None else int(last) + 1

    def entries(self, start: int, end: int) -> list[bytes]:
        """Return entries [start, end) in order."""
        rows = self._all(
            "SELECT content FROM translog_entry"
            " WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index",
            [start, end],
        )
        return _whole(rows, end - start, "entries")

    def tile_nodes(self, level: int, index: int) -> bytes:
        """Return the hashes of a full tile."""
        rows = self._all(
            "SELECT nodes FROM translog_tile WHERE level = ? AND tile_index = ?",
            [level, index],
        )
        return _whole(rows, 1, "tiles")[0]

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Return the root hashes of full tiles [start, end) of a level."""
        rows = self._all(
            "SELECT substr(nodes, length(nodes) - ?) FROM translog_tile"
            " WHERE level = ? AND tile_index >= ? AND tile_index < ?"
            " ORDER BY tile_index",
            [HASH_BYTES - 1, level, start, end],
        )
        return _whole(rows, end - start, "tiles")

    def add_tiles(self, tiles: Sequence[FullTile]) -> None:
        """Add full tiles."""
        self._each(
            "INSERT INTO translog_tile VALUES (?, ?, ?)"
            " ON CONFLICT (level, tile_index) DO UPDATE SET nodes = excluded.nodes",
            [(tile.level, tile.index, tile.nodes) for tile in tiles],
        )

    def signed_size(self) -> int:
        """Return how many entries the newest signed head has."""
        ((size,),) = self._all("SELECT max(size) FROM translog_head")
        return int(size or 0)

    def newest_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was ever signed."""
        return _head(
            self._all("SELECT note FROM translog_head ORDER BY size DESC LIMIT 1")
        )

    def published_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was published."""
        return _head(
            self._all(
                "SELECT note FROM translog_head WHERE is_published"
                " ORDER BY size DESC LIMIT 1"
            )
        )

    def add_head(self, signed: SignedTreeHead, *, is_published: bool) -> None:
        """Keep a signed tree head."""
        self._each(
            "INSERT INTO translog_head VALUES (?, ?, ?)"
            " ON CONFLICT (size) DO UPDATE SET note = excluded.note,"
            " is_published = excluded.is_published WHERE excluded.is_published",
            [(signed.head.size, signed.encoded, is_published)],
        )

    def heads(self, after: int, count: int) -> list[KeptHead]:
        """Return a page of the tree heads that are larger than `after`."""
        rows = self._all(
            "SELECT size, note, is_published FROM translog_head WHERE size > ?"
            " ORDER BY size LIMIT ?",
            [after, count],
        )
        return [
            KeptHead(size, note, bool(is_published))
            for size, note, is_published in typed(rows, int, bytes, int)
        ]

    def tiles(self, after: tuple[int, int], count: int) -> list[FullTile]:
        """Return a page of the full tiles behind this (level, index)."""
        rows = self._all(
            "SELECT level, tile_index, nodes FROM translog_tile"
            " WHERE (level, tile_index) > (?, ?) ORDER BY level, tile_index LIMIT ?",
            [*after, count],
        )
        return [FullTile(*row) for row in typed(rows, int, int, bytes)]

    def keys(self, after: tuple[int, int], count: int) -> list[tuple[int, int]]:
        """Return a page of the (key, index) behind this one."""
        rows = self._all(
            "SELECT key, entry_index FROM translog_key"
            " WHERE (key, entry_index) > (?, ?) ORDER BY key, entry_index LIMIT ?",
            [*after, count],
        )
        return typed(rows, int, int)

    def add_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Add (key, index) that are not there."""
        self._each("INSERT INTO translog_key VALUES (?, ?)", rows)

    def remove_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Remove (key, index) that are there."""
        self._each("DELETE FROM translog_key WHERE key = ? AND entry_index = ?", rows)


def check_origin(found: str | None, expected: str, place: str) -> None:
    """Refuse the database of another log.

    Raises:
        NotFound: if it is no log's.
        WrongOrigin: if it is another's.

    """
    if found is None:
        raise NotFound(
            f"{place} holds no log.", remedy="Make the log with `assent log init`."
        )
    if found != expected:
        raise WrongOrigin(
            f"{place} holds the log {found}, not {expected}.",
            remedy="Give each log a database of its own.",
        )


def closed(place: str) -> StoreUnavailable:
    """Return the error for what is asked of a store after `close`."""
    return StoreUnavailable(f"{place} was closed.", remedy="Open the log again.")


def writing_already(place: str) -> StoreUnavailable:
    """Return the error for a thread that would write while it writes."""
    return StoreUnavailable(
        f"{place} is being written to by the same thread.",
        remedy="End one `writing` before the next.",
    )


def typed(rows: list[Any], *types: type) -> list[Any]:
    """Return the rows, if their values are of these types; a damaged page has others.

    Raises:
        LogDamaged: if one is not.

    """
    for row in rows:
        if not all(map(isinstance, row, types)):
            raise LogDamaged(
                "The database holds values of the wrong type: its file is damaged.",
                remedy="Run `assent log fsck`; if it cannot repair, restore a backup.",
            )
    return rows


def _whole(rows: list[Any], count: int, what: str) -> list[bytes]:
    """Return the one value in each row, if all rows are there."""
    if len(rows) != count:
        raise LogDamaged(
            f"The database lacks {count - len(rows)} of {count} {what} that it must"
            " hold.",
            remedy="Run `assent log fsck`; if it cannot repair, restore a backup.",
        )
    return [value for (value,) in typed(rows, bytes)]


def _head(rows: list[Any]) -> SignedTreeHead | None:
    if not rows:
        return None
    try:
        return parse_signed_head(typed(rows, bytes)[0][0])
    except InputError as error:
        raise LogDamaged(
            f"The database holds a tree head that is none: {error.message}",
            remedy="Run `assent log fsck`; if it cannot repair, restore a backup.",
        ) from None
