"""Hold the database's keys and tiles against what its entries make of them.

Page -> Defects

An entry is vouched for by a signed tree head, by its own key or by its place in a tile.
One that is newer than every signed tree head and contradicts the other two may have
been altered: then nothing is repaired by it.
"""

from collections.abc import Iterator

from assent.translog.errors import LogDamaged
from assent.translog.formats.tiles import LEVEL_MAX, TILE_WIDTH
from assent.translog.keeping.fsck.defect import (
    AddKeys,
    Defect,
    Mend,
    RemoveKeys,
    Severity,
    WriteTileRow,
)
from assent.translog.keeping.fsck.walk import Page
from assent.translog.keeping.sequence import entry_key
from assent.translog.merkle import HASH_BYTES, FullTile, leaf_hash
from assent.translog.ports import LogTransaction

_ROWS_IN_ONE_PAGE = 4096
_FIRST_KEY = (-(2**63), -1)


class RowCheck:
    """Checks page after page; `finish` then finds what belongs to no entry."""

    def __init__(self, transaction: LogTransaction, size: int) -> None:
        """Check the keys and tiles of a log of `size` entries."""
        self._transaction = transaction
        self._size = size
        self._keys_missing = 0
        self.unvouched: int | None = None

    def check(self, page: Page) -> Iterator[Defect]:
        """Yield what is wrong with the keys and tiles of these entries.

        `unvouched` then is the last entry so far that neither vouches for.
        """
        missing, repeated = self._check_keys(page)
        if missing:
            self._keys_missing += len(missing)
            yield _damaged(
                f"{len(missing)} of {len(page.entries)} entries cannot be found by"
                f" their keys, the first is {min(missing)}.",
                f"database: keys of entries {page.start} to {page.end - 1}",
                AddKeys(page.start, page.end),
            )
        for index, first in repeated:
            yield Defect(
                severity=Severity.HARMLESS,
                what=f"It is the same as entry {first}, and can never be taken out.",
                where=f"database: entry {index}",
            )
        in_doubt = missing
        for tile in page.full:
            kept = self._kept_tile(tile)
            if kept is not None and tile.level == 0:
                in_doubt = {i for i in missing if _differs(kept, tile, i - page.start)}
            if kept != tile.nodes:
                how = "is missing" if kept is None else "differs from its entries"
                yield _damaged(
                    f"The tile {how}.",
                    f"database: tile {tile.level}/{tile.index}",
                    WriteTileRow(tile.level, tile.index),
                )
        if in_doubt:
            self.unvouched = max(in_doubt)

    def finish(self) -> Iterator[Defect]:
        """Yield keys and tiles that belong to no entry that is there."""
        rows = sum(len(some) for some in self._key_pages())
        if rows != self._size - self._keys_missing:
            for some in self._key_pages():
                yield from self._check_strays(some)
        for level in range(LEVEL_MAX + 2):
            last = self._size // TILE_WIDTH ** (level + 1) - 1
            for tile in self._transaction.tiles((level, last), 1):
                if tile.level == level:
                    yield _lost(f"database: tile {level}/{tile.index}", self._size)

    def _check_keys(self, page: Page) -> tuple[set[int], list[tuple[int, int]]]:
        """Return which entries lack their key, and (index, earlier same entry)."""
        own = {
            (entry_key(leaf), page.start + offset)
            for offset, leaf in enumerate(page.leaves)
        }
        found = set(self._transaction.indices_of([key for key, _ in own]))
        repeated = [
            (index, other)
            for key, other in found - own
            for own_key, index in own
            if own_key == key and other < index and self._is_same(page, index, other)
        ]
        return {index for _, index in own - found}, repeated

    def _is_same(self, page: Page, index: int, other: int) -> bool:
        try:
            earlier = self._transaction.entries(other, other + 1)
        except LogDamaged:
            return False  # a stray key, found as such
        return earlier == [page.entries[index - page.start]]

    def _kept_tile(self, tile: FullTile) -> bytes | None:
        found = self._transaction.tiles((tile.level, tile.index - 1), 1)
        if found and (found[0].level, found[0].index) == (tile.level, tile.index):
            return found[0].nodes
        return None

    def _key_pages(self) -> Iterator[list[tuple[int, int]]]:
        after = _FIRST_KEY
        while some := self._transaction.keys(after, _ROWS_IN_ONE_PAGE):
            if some[0] <= after or some != sorted(some):
                raise LogDamaged(
                    "The database's keys are out of order: its file is damaged.",
                    remedy="Restore a backup.",
                )
            yield some
            after = some[-1]

    def _check_strays(self, rows: list[tuple[int, int]]) -> Iterator[Defect]:
        if lost := [index for _, index in rows if index >= self._size]:
            yield _lost(f"database: key of entry {min(lost)}", self._size)
        stray = [
            (key, index)
            for key, index in rows
            if index < self._size and (index < 0 or self._key_of(index) != key)
        ]
        if stray:
            yield _damaged(
                f"{len(stray)} keys belong to no entry, the first leads to entry"
                f" {stray[0][1]}.",
                "database: keys",
                RemoveKeys(tuple(stray)),
            )

    def _key_of(self, index: int) -> int:
        (entry,) = self._transaction.entries(index, index + 1)
        return entry_key(leaf_hash(entry))


def _differs(kept: bytes, tile: FullTile, offset: int) -> bool:
    place = slice(offset * HASH_BYTES, (offset + 1) * HASH_BYTES)
    return kept[place] != tile.nodes[place]


def _damaged(what: str, where: str, mend: Mend) -> Defect:
    return Defect(severity=Severity.DAMAGED, what=what, where=where, mend=mend)


def _lost(where: str, size: int) -> Defect:
    return Defect(
        severity=Severity.FATAL,
        what=f"There are {size} entries; this was kept together with later ones, so"
        " entries may be lost.",
        where=where,
    )
