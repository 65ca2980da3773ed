"""Read a log from outside, believing only what hashes to its signed tree head.

LogReader + TreeHead -> hashes of complete subtrees, entries

(1) The unfinished tile of each level is fetched; together they hash to the signed root.
(2) A full tile hashes to its place in the tile above it, which was checked before.
(3) The entries of a bundle hash to the leaves below their place in the tree.

Monitors and mirrors read through here. Nothing here knows who signed the tree head:
`verify_tree_head` and the policy decide that first. A partial tile that is gone is cut
from the full tile that took its place, as C2SP tlog-tiles allows.
"""

from dataclasses import dataclass
from functools import lru_cache

from assent.translog.errors import LogUnreachable, TileDamaged
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.tiles import (
    BUNDLE_BYTES_MAX,
    TILE_WIDTH,
    TREE_HEAD_PATH,
    TileAddress,
    parse_bundle,
    parse_tile,
    width_at,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import HASH_BYTES, Edge, FullTile, leaf_hash, range_hash
from assent.translog.merkle.edge import TILE_HEIGHT, node_of_tree
from assent.translog.ports import LogReader
from assent.vocabulary import NotFound

TILE_BYTES_MAX = TILE_WIDTH * HASH_BYTES
TILES_KEPT_MAX = 64  # 16 KiB each; a path from an entry to the root needs eight
_REMEDY = "Fetch it again; if it stays so, tell the log's operator, or read a mirror."


@dataclass(frozen=True, slots=True)
class Bundle:
    """Some consecutive entries, and their leaf hashes."""

    entries: tuple[bytes, ...]
    leaves: tuple[bytes, ...]


class VerifiedTiles:
    """The tree of one tree head; what is returned hashes to its root."""

    def __init__(self, files: LogReader, head: TreeHead) -> None:
        """Fetch the right edge of the tree and check it: step (1).

        Args:
            files: the log's files, believed in nothing.
            head: a tree head that was verified.

        Raises:
            TileMalformed: if a tile is truncated or too long.
            TileDamaged: if the tiles do not hash to the tree head.
            LogUnreachable: if the log does not serve one.

        """
        self.head = head
        self._files = files
        self._edge = self._read_edge()
        self._nodes = lru_cache(maxsize=TILES_KEPT_MAX)(self._read_nodes)

    def node(self, level: int, position: int) -> bytes:
        """Return the hash of a complete subtree; see `merkle.ranges`.

        Raises:
            IndexError: if the tree has no such subtree.
            TileMalformed, TileDamaged, LogUnreachable: as when this was made.

        """
        return node_of_tree(self._edge, self._nodes, level, position)

    def root_at(self, size: int) -> bytes:
        """Return the root hash of the first `size` entries of this tree.

        Raises:
            IndexError: if there are not so many.
            TileMalformed, TileDamaged, LogUnreachable: as when this was made.

        """
        return range_hash(0, size, self.node)

    def tile(self, level: int, index: int) -> bytes:
        """Return the bytes of a tile, as wide as it is in this tree.

        Raises:
            TileMalformed, TileDamaged, LogUnreachable: as when this was made.

        """
        if index < self.head.size >> (TILE_HEIGHT * (level + 1)):
            return self._nodes(level, index)[:TILE_BYTES_MAX]
        return b"".join(self._edge.partial(level))

    def bundle(self, index: int) -> Bundle:
        """Return all entries of a bundle that are in this tree.

        Raises:
            TileMalformed: if it is truncated or too long.
            TileDamaged: if an entry is not the one in the tree.
            LogUnreachable: if the log does not serve it.

        """
        address = TileAddress(None, index, width_at(None, index, self.head.size))
        entries = parse_bundle(*_fetch(self._files, address, BUNDLE_BYTES_MAX))
        return self._bundle(address, entries[: address.width])

    def verify(self, address: TileAddress, data: bytes) -> None:
        """Check a copy of a tile or entry bundle, as wide as it is in this tree.

        Raises:
            TileMalformed, TileDamaged: if it is not as it must be.
            LogUnreachable: if the log does not serve what it is checked against.

        """
        if address.level is None:
            self._bundle(address, parse_bundle(data, address.width))
        elif address.is_partial:
            if data != b"".join(self._edge.partial(address.level)):
                raise _damaged(address, self.head)
        else:
            self._full_tile(address, parse_tile(data, TILE_WIDTH))

    def _bundle(self, address: TileAddress, entries: list[bytes]) -> Bundle:
        leaves = [leaf_hash(entry) for entry in entries]
        if not address.is_partial:
            self._full_tile(address, leaves)
        elif leaves != self._edge.partial(0):
            raise _damaged(address, self.head)
        return Bundle(tuple(entries), tuple(leaves))

    def _full_tile(self, address: TileAddress, hashes: list[bytes]) -> FullTile:
        """Return a full tile that hashes to its place in the tile above: step (2)."""
        (tile,) = Edge().append(hashes)
        level = TILE_HEIGHT * ((address.level or 0) + 1)
        if tile.root != self.node(level, address.index):
            raise _damaged(address, self.head)
        return tile

    def _read_nodes(self, level: int, index: int) -> bytes:
        address = TileAddress(level, index)
        return self._full_tile(address, read_tile(self._files, address)).nodes

    def _read_edge(self) -> Edge:
        widths = []
        for level in range(levels_of(self.head.size)):
            total = self.head.size >> (TILE_HEIGHT * level)
            index, width = divmod(total, TILE_WIDTH)
            address = TileAddress(level, index, width)
            widths.append(read_tile(self._files, address) if width else [])
        edge = Edge.restored(self.head.size, widths)
        if edge.root() != self.head.root:
            raise TileDamaged(
                f"The tiles of {self.head.origin} do not hash to its tree head of"
                f" {self.head.size} entries.",
                remedy=_REMEDY,
            )
        return edge


def levels_of(size: int) -> int:
    """Return how many levels of tiles a tree of `size` has."""
    return -(-size.bit_length() // TILE_HEIGHT)


def read_tree_head(files: LogReader) -> bytes:
    """Return the note with a log's newest tree head, of which nothing is believed yet.

    Raises:
        NotFound: if there is none; this is no log, or one that published nothing yet.
        LogUnreachable: if the log does not answer.

    """
    return files.read(TREE_HEAD_PATH, bytes_max=NOTE_BYTES_MAX)


def read_tile(files: LogReader, address: TileAddress) -> list[bytes]:
    """Return the hashes of a tile, of which nothing is believed yet.

    Raises:
        TileMalformed: if it is truncated or too long.
        LogUnreachable: if the log does not serve it.

    """
    return parse_tile(*_fetch(files, address, TILE_BYTES_MAX))[: address.width]


def _fetch(files: LogReader, address: TileAddress, bytes_max: int) -> tuple[bytes, int]:
    """Return a tile's bytes and width: as wide as asked for, or full."""
    try:
        return files.read(address.path, bytes_max=bytes_max), address.width
    except NotFound:
        pass
    try:
        return files.read(address.full.path, bytes_max=bytes_max), TILE_WIDTH
    except NotFound:
        raise LogUnreachable(
            f"{address.path} is missing, though a tree head that needs it was signed.",
            remedy=_REMEDY,
        ) from None


def _damaged(address: TileAddress, head: TreeHead) -> TileDamaged:
    return TileDamaged(
        f"{address.path} of {head.origin} does not hash to its tree head of"
        f" {head.size} entries.",
        remedy=_REMEDY,
    )
