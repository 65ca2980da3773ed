"""The growing right edge of the tree, in tiles: all that an append needs to know.

Edge + leaf hashes -> Edge, and the tiles that became full

A tile is a complete subtree of height 8: 256 hashes and all that is made of them. The
edge holds the one unfinished tile of each level, at most 255 hashes and their parents,
so a log of ten million entries appends with some kilobytes in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from assent.translog.merkle.hashing import HASH_BYTES
from assent.translog.merkle.ranges import range_hash

TILE_HEIGHT = 8  # C2SP tlog-tiles
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_NODES = 2 * TILE_WIDTH - 1
_OFFSETS = [TILE_NODES - (TILE_NODES >> height) for height in range(TILE_HEIGHT + 1)]


@dataclass(frozen=True, slots=True)
class FullTile:
    """A tile that will not change: its level, index and all 511 hashes in it.

    `nodes` holds the 256 hashes of the tile, then the 128 made of them, up to the one
    hash of the whole tile: 16,352 bytes.
    """

    level: int
    index: int
    nodes: bytes

    @property
    def root(self) -> bytes:
        """Return the hash of the whole tile."""
        return self.nodes[-HASH_BYTES:]


def node_in_tile(nodes: bytes, height: int, offset: int) -> bytes:
    """Return a hash in a full tile: `offset` from the left at `height` above it."""
    place = (_OFFSETS[height] + offset) * HASH_BYTES
    return nodes[place : place + HASH_BYTES]


def node_of_tree(
    edge: "Edge", read_tile: Callable[[int, int], bytes], level: int, position: int
) -> bytes:
    """Return the hash of a complete subtree, from a full tile or from the edge.

    Args:
        edge: the tree's right edge.
        read_tile: gives the nodes of a full tile, by its level and index.
        level: the subtree has 2**level leaves.
        position: its number among those, from the left.

    Raises:
        IndexError: if the tree has no such subtree.

    """
    tile_level, height = divmod(level, TILE_HEIGHT)
    index = position >> (TILE_HEIGHT - height)
    if index < edge.size >> (TILE_HEIGHT * (tile_level + 1)):
        offset = position - (index << (TILE_HEIGHT - height))
        return node_in_tile(read_tile(tile_level, index), height, offset)
    return edge.node(level, position)


@dataclass(slots=True)
class Edge:
    """The unfinished tile of each level: `rows[level][height]` are its hashes."""

    size: int = 0
    rows: list[list[list[bytes]]] = field(default_factory=list)

    @classmethod
    def restored(cls, size: int, widths: Sequence[Sequence[bytes]]) -> "Edge":
        """Return the edge of a tree, from the hashes of its unfinished tiles.

        Args:
            size: leaves of the tree.
            widths: for each level, the hashes of its unfinished tile, lowest first.

        """
        edge = cls(size=size)
        for level, hashes in enumerate(widths):
            rows = edge._rows(level)
            rows[0].extend(hashes)
            _raise_parents(rows)
        return edge

    def copy(self) -> "Edge":
        """Return an edge that grows apart from this one."""
        return Edge(self.size, [[list(row) for row in rows] for rows in self.rows])

    def append(self, leaves: Iterable[bytes]) -> list[FullTile]:
        """Add leaf hashes; return the tiles that became full, lower levels first."""
        full: list[FullTile] = []
        pending = list(leaves)
        start = 0
        while start < len(pending):
            rows = self._rows(0)
            taken = pending[start : start + TILE_WIDTH - len(rows[0])]
            rows[0].extend(taken)
            start += len(taken)
            self.size += len(taken)
            _raise_parents(rows)
            full.extend(self._close(0))
        return full

    def root(self) -> bytes:
        """Return the root hash of the whole tree."""
        return range_hash(0, self.size, self.node)

    def node(self, level: int, position: int) -> bytes:
        """Return the hash of a complete subtree in an unfinished tile.

        Also the hash of any full tile whose parent tile is unfinished.

        Raises:
            IndexError: if it lies in a tile that is full and gone.

        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        if tile_level < len(self.rows):
            row = self.rows[tile_level][height]
            offset = position - self._start(tile_level, height)
            if 0 <= offset < len(row):
                return row[offset]
        raise IndexError((level, position))

    def partial(self, level: int) -> list[bytes]:
        """Return the hashes of the unfinished tile of a level; none if it is empty."""
        return self.rows[level][0] if level < len(self.rows) else []

    def _start(self, tile_level: int, height: int) -> int:
        tile = self.size >> (TILE_HEIGHT * (tile_level + 1))
        return tile << (TILE_HEIGHT - height)

    def _rows(self, level: int) -> list[list[bytes]]:
        while len(self.rows) <= level:
            self.rows.append([[] for _ in range(TILE_HEIGHT + 1)])
        return self.rows[level]

    def _close(self, level: int) -> Iterator[FullTile]:
        rows = self._rows(level)
        if len(rows[0]) < TILE_WIDTH:
            return
        tile = FullTile(
            level=level,
            index=(self.size >> (TILE_HEIGHT * (level + 1))) - 1,
            nodes=b"".join(value for row in rows for value in row),
        )
        for row in rows:
            row.clear()
        yield tile
        parents = self._rows(level + 1)
        parents[0].append(tile.root)
        _raise_parents(parents)
        yield from self._close(level + 1)


def _raise_parents(rows: list[list[bytes]]) -> None:
    """Hash every complete pair that has no parent yet."""
    for height in range(TILE_HEIGHT):
        children, parents = rows[height], rows[height + 1]
        for left in range(2 * len(parents), len(children) - 1, 2):
            parents.append(
                sha256(b"\x01" + children[left] + children[left + 1]).digest()
            )
