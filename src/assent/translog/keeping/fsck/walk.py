"""Go through a log's entries once, making everything again that follows from them.

database -> Pages of entries with their tiles, and the tree at each signed tree head

Nothing but entries is read, one tile's worth at a time, so memory stays bounded and no
damage elsewhere can hide.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import (
    LEVEL_MAX,
    TILE_WIDTH,
    TileAddress,
    encode_bundle,
    width_at,
)
from assent.translog.merkle import HASH_BYTES, Edge, FullTile, leaf_hash
from assent.translog.ports import KeptHead, LogTransaction


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 256 entries from `start`, a multiple of 256, and the tiles they filled."""

    start: int
    entries: list[bytes]
    leaves: list[bytes]
    full: list[FullTile]

    @property
    def end(self) -> int:
        """Return the index behind its last entry."""
        return self.start + len(self.entries)


@dataclass(frozen=True, slots=True)
class Reached:
    """A kept tree head, and the tree that it speaks of.

    `edge` is valid until the next step; None if the entries end before.
    """

    kept: KeptHead
    edge: Edge | None


def walk(
    transaction: LogTransaction, size: int, heads: Iterable[KeptHead]
) -> Iterator[Page | Reached]:
    """Yield the first `size` entries in pages, and each head before what follows it.

    Args:
        transaction: one state of the database, with as many entries or more.
        size: where to stop.
        heads: tree heads by size, smallest first.

    Raises:
        LogDamaged: if entries are missing.

    """
    edge = Edge()
    waiting = iter(heads)
    kept = next(waiting, None)
    for start in range(0, max(size, 1), TILE_WIDTH):
        entries = transaction.entries(start, min(start + TILE_WIDTH, size))
        leaves = [leaf_hash(entry) for entry in entries]
        full: list[FullTile] = []
        while kept is not None and kept.size <= start + len(leaves):
            full += edge.append(leaves[edge.size - start : kept.size - start])
            yield Reached(kept, edge)
            kept = next(waiting, None)
        full += edge.append(leaves[edge.size - start :])
        yield Page(start, entries, leaves, full)
    while kept is not None:
        yield Reached(kept, None)
        kept = next(waiting, None)


def as_kept(signed: SignedTreeHead) -> KeptHead:
    """Return a published tree head as the database would keep it."""
    return KeptHead(signed.head.size, signed.encoded, is_published=True)


def derive_files(page: Page, size: int) -> Iterator[tuple[TileAddress, bytes]]:
    """Yield the bundle and the full tiles that a page gives to a tree of `size`."""
    index = page.start // TILE_WIDTH
    if width := width_at(None, index, size):
        yield TileAddress(None, index, width), encode_bundle(page.entries[:width])
    for tile in page.full:
        if width_at(tile.level, tile.index, size) == TILE_WIDTH:
            hashes = tile.nodes[: TILE_WIDTH * HASH_BYTES]
            yield TileAddress(tile.level, tile.index), hashes


def partial_tiles(head_size: int, size: int) -> Iterator[TileAddress]:
    """Yield the partial tiles of an earlier tree head that are partial at `size` too.

    A log must serve them until they are full (C2SP tlog-tiles).
    """
    for level in (None, *range(LEVEL_MAX + 1)):
        index = (size >> 8 * (level or 0)) // TILE_WIDTH
        if 0 < (width := width_at(level, index, min(head_size, size))) < TILE_WIDTH:
            yield TileAddress(level, index, width)


def cut(address: TileAddress, whole: bytes) -> bytes:
    """Return a partial tile or bundle, from one that is at least as wide."""
    if address.level is not None:
        return whole[: address.width * HASH_BYTES]
    end = 0
    for _ in range(address.width):
        end += 2 + int.from_bytes(whole[end : end + 2], "big")
    return whole[:end]


def derive_partial_tiles(edge: Edge) -> Iterator[tuple[TileAddress, bytes]]:
    """Yield the unfinished tiles of a tree."""
    for level in range(len(edge.rows)):
        if hashes := edge.partial(level):
            index = (edge.size >> (8 * level)) // TILE_WIDTH
            yield TileAddress(level, index, len(hashes)), b"".join(hashes)
