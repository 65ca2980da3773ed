"""Tiles and entry bundles: a log as static files.

size -> addresses of its files; address <-> path; bytes <-> hashes, entries
(C2SP tlog-tiles)

    tile/0/x001/x234/067         256 hashes of level 0, index 1,234,067
    tile/1/004.p/17              17 hashes of level 1: a partial tile
    tile/entries/000.p/3         3 entries, each after its length in two bytes

The entry bundle of three entries "one", "two" and "three", in hexadecimal:

    00036f6e65000374776f00057468726565

Everything here can be made again from the entries, and nothing here is believed by
itself: it must hash to a tree head that was signed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assent.translog.errors import EntryTooLarge, TileMalformed
from assent.translog.merkle import HASH_BYTES, TREE_SIZE_MAX

TILE_WIDTH = 256
ENTRY_BYTES_MAX = 65_535  # two bytes hold an entry's length
BUNDLE_BYTES_MAX = TILE_WIDTH * (ENTRY_BYTES_MAX + 2)
LEVEL_MAX = 7  # level 8 would need 2**64 leaves
TREE_HEAD_PATH = "checkpoint"  # the name that C2SP gives it
_PATH = re.compile(
    r"tile/(?P<level>[0-7]|entries)/(?P<index>(?:x\d{3}/)*\d{3})"
    r"(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)
_REMEDY = "Fetch it again; `assent log fsck` finds and repairs damage in one's own log."


@dataclass(frozen=True, slots=True, order=True)
class TileAddress:
    """Where a tile or entry bundle is: `level` is None for entries."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Return the path below the log's prefix."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_spell_index(self.index)}{partial}"

    @property
    def is_partial(self) -> bool:
        """Tell whether more will join these hashes or entries."""
        return self.width != TILE_WIDTH

    @property
    def full(self) -> "TileAddress":
        """Return the address of the same tile once it is full."""
        return TileAddress(self.level, self.index)


def parse_tile_path(path: str) -> TileAddress:
    """Return the address that a path spells.

    Raises:
        TileMalformed: if the path is no tile's, or not in its one spelling.

    """
    match = _PATH.fullmatch(path) if len(path) < 64 else None  # noqa: PLR2004 - 2**63
    if match is not None:
        level = None if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", ""))
        address = TileAddress(level, index, int(match["width"] or TILE_WIDTH))
        is_spelled_so = address.path == path
        if is_spelled_so and address.width <= TILE_WIDTH and index <= TREE_SIZE_MAX:
            return address
    raise TileMalformed(
        f"{path[:80]!r} is no path of a tile.",
        remedy="Write tile/0/x001/234; a partial tile ends in .p/ and its width.",
    )


def width_at(level: int | None, index: int, size: int) -> int:
    """Return how many hashes (entries) a tile holds in a tree of `size`; 0 to 256."""
    hashes = size >> (8 * (level or 0))
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def tiles_of(size: int, *, since: int = 0) -> Iterator[TileAddress]:
    """Yield the tiles and bundles of a tree of `size` that one of `since` has not.

    With `since` 0 that is all of them. Bundles and lower levels come first; each tile
    is as wide as the tree of `size` makes it.
    """
    for level in (None, *range(LEVEL_MAX + 1)):
        shift = 8 * (level or 0)
        if size >> shift == 0:
            return
        first = (since >> shift) // TILE_WIDTH
        for index in range(first, ((size >> shift) - 1) // TILE_WIDTH + 1):
            width = width_at(level, index, size)
            if width != width_at(level, index, since):
                yield TileAddress(level, index, width)


def parse_tile(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile.

    Raises:
        TileMalformed: if it has not exactly `width` hashes.

    """
    if len(data) != width * HASH_BYTES:
        raise TileMalformed(
            f"A tile of {width} hashes has {width * HASH_BYTES} bytes; this has"
            f" {len(data)}.",
            remedy=_REMEDY,
        )
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle.

    Raises:
        EntryTooLarge: if an entry has more bytes than its length can say.

    """
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise EntryTooLarge(
                f"An entry has at most {ENTRY_BYTES_MAX:,} bytes; this has"
                f" {len(entry):,}.",
                remedy="Store the document and log its digest.",
            )
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        TileMalformed: if it does not hold exactly `width` entries.

    """
    entries: list[bytes] = []
    place = 0
    while place < len(data) and len(entries) < width:
        length = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + length]
        if len(entry) != length or place + 2 > len(data):
            break
        entries.append(entry)
        place += 2 + length
    if place != len(data) or len(entries) != width:
        raise TileMalformed(
            f"An entry bundle should hold {width} whole entries and nothing else; this"
            f" one is cut off or too long after {len(entries)}.",
            remedy=_REMEDY,
        )
    return entries


def _spell_index(index: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index >= 1000:  # noqa: PLR2004 - three digits to a group
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))
