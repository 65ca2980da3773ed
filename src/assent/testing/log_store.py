"""A log's database in memory, with the same transactions."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assent.translog.errors import LogDamaged
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.merkle import FullTile
from assent.translog.ports import KeptHead


@dataclass
class MemoryTransaction:
    """The state of a log, which a transaction reads and changes."""

    contents: list[bytes] = field(default_factory=list)
    key_rows: set[tuple[int, int]] = field(default_factory=set)
    full: dict[tuple[int, int], FullTile] = field(default_factory=dict)
    signed: dict[int, tuple[SignedTreeHead, bool]] = field(default_factory=dict)

    def size(self) -> int:
        """Return how many entries there are."""
        return len(self.contents)

    def indices_of(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        """Return (key, index) of every entry that has one of these keys."""
        wanted = set(keys)
        return [row for row in self.key_rows if row[0] in wanted]

    def entries(self, start: int, end: int) -> list[bytes]:
        """Return entries [start, end) in order."""
        if end > len(self.contents):
            raise LogDamaged("Entries are missing.", remedy="Append them first.")
        return self.contents[start:end]

    def tile_nodes(self, level: int, index: int) -> bytes:
        """Return the hashes of a full tile."""
        if (level, index) not in self.full:
            raise LogDamaged("A tile is missing.", remedy="Append more first.")
        return self.full[level, index].nodes

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Return the root hashes of full tiles [start, end) of a level."""
        return [self.tile_nodes(level, index)[-32:] for index in range(start, end)]

    def add_entries(self, start: int, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add entries with their keys."""
        self.key_rows |= {(key, start + i) for i, (key, _) in enumerate(rows)}
        self.contents += [content for _, content in rows]

    def add_tiles(self, tiles: Sequence[FullTile]) -> None:
        """Add full tiles."""
        self.full.update({(tile.level, tile.index): tile for tile in tiles})

    def signed_size(self) -> int:
        """Return how many entries the newest signed head has."""
        return max(self.signed, default=0)

    def newest_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was ever signed."""
        return self.signed[max(self.signed)][0] if self.signed else None

    def published_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was published."""
        sizes = [
            size for size, (_, is_published) in self.signed.items() if is_published
        ]
        return self.signed[max(sizes)][0] if sizes else None

    def add_head(self, signed: SignedTreeHead, *, is_published: bool) -> None:
        """Keep a signed tree head."""
        if is_published or signed.head.size not in self.signed:
            self.signed[signed.head.size] = (signed, is_published)

    def heads(self, after: int, count: int) -> list[KeptHead]:
        """Return a page of the tree heads that are larger than `after`."""
        found = sorted(size for size in self.signed if size > after)[:count]
        return [
            KeptHead(size, self.signed[size][0].encoded, self.signed[size][1])
            for size in found
        ]

    def tiles(self, after: tuple[int, int], count: int) -> list[FullTile]:
        """Return a page of the full tiles behind this (level, index)."""
        return [self.full[at] for at in sorted(self.full) if at > after][:count]

    def keys(self, after: tuple[int, int], count: int) -> list[tuple[int, int]]:
        """Return a page of the (key, index) behind this one."""
        return sorted(row for row in self.key_rows if row > after)[:count]

    def add_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Add (key, index) that are not there."""
        self.key_rows |= set(rows)

    def remove_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Remove (key, index) that are there."""
        self.key_rows -= set(rows)


class MemoryLogStore:
    """A log's database that forgets everything with the process."""

    def __init__(self) -> None:
        """Start with no entries."""
        self._state = MemoryTransaction()
        self._lock = threading.RLock()

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Return a transaction that excludes all other writers."""
        with self._lock:
            state = self._state  # what is inside never changes: copies need not be deep
            draft = MemoryTransaction(
                [*state.contents], {*state.key_rows}, {**state.full}, {**state.signed}
            )
            yield draft
            self._state = draft

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """Return a transaction that sees one state."""
        yield self._state

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
