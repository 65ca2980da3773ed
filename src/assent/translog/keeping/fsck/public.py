"""Hold the public files against what the database makes of them.

Page, edge -> Defects

They may change meanwhile: whoever publishes goes on. A file is in question only if the
tree head that was published last before the check commits to it.
"""

from collections.abc import Iterator

from assent.translog.errors import LogUnreachable, TileMalformed
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import (
    BUNDLE_BYTES_MAX,
    TREE_HEAD_PATH,
    TileAddress,
    parse_tile_path,
    width_at,
)
from assent.translog.keeping.fsck.defect import (
    Defect,
    KeepHead,
    RemoveFile,
    Severity,
    WriteTile,
    WriteTreeHead,
)
from assent.translog.keeping.fsck.walk import (
    Page,
    cut,
    derive_files,
    derive_partial_tiles,
    partial_tiles,
)
from assent.translog.merkle import Edge
from assent.translog.ports import LogFiles
from assent.vocabulary import NotFound


class PublicCheck:
    """Checks the files of the tree of one published head; `finish` finds leftovers."""

    def __init__(self, files: LogFiles, size: int) -> None:
        """Check the files of a tree of `size` entries."""
        self._files = files
        self._size = size
        self._partial: dict[tuple[int | None, int], bytes] = {}
        self._needed: set[TileAddress] = set()
        self._is_edge_checked = False

    def check(self, page: Page) -> Iterator[Defect]:
        """Yield which bundle and full tiles of these entries are damaged."""
        for address, data in derive_files(page, self._size):
            yield from self._check(address, data)

    def check_edge(self, edge: Edge) -> Iterator[Defect]:
        """Yield which partial tiles are damaged; the edge is of the published size."""
        if self._is_edge_checked:  # several heads of one size lead here
            return
        self._is_edge_checked = True
        for address, data in derive_partial_tiles(edge):
            yield from self._check(address, data)

    def need(self, head_size: int) -> None:
        """Remember what readers of an earlier tree head may still ask for."""
        if head_size <= self._size:
            self._needed.update(partial_tiles(head_size, self._size))

    def finish(self) -> Iterator[Defect]:
        """Yield damaged partial tiles of earlier tree heads, and files nobody needs.

        That such a tile is missing is harmless: the newest tree head does without it.
        """
        for address in sorted(self._needed, key=lambda address: address.path):
            whole = self._partial.get((address.level, address.index), b"")
            data = cut(address, whole)
            if data != whole:  # or it was checked already, or its entries are gone
                yield from self._check(address, data, Severity.HARMLESS)
        for path in self._files.paths():
            if path.rpartition("/")[2].startswith("."):
                yield _harmless("A write was killed.", path, RemoveFile(path))
                continue
            try:
                address = parse_tile_path(path)
            except TileMalformed:
                continue  # the tree head, and what somebody else put there
            if address.width > width_at(address.level, address.index, self._size):
                # Never removed: another database may have published it.
                yield _harmless("No published tree head needs it yet.", path)
            elif address.is_partial and address not in self._needed:
                yield _harmless("No tree head needs it.", path, RemoveFile(path))

    def _check(
        self,
        address: TileAddress,
        data: bytes,
        if_missing: Severity = Severity.DAMAGED,
    ) -> Iterator[Defect]:
        if address.is_partial:
            self._partial.setdefault((address.level, address.index), data)
        found = self._read(address)
        if found is None and address.is_partial:
            # Whoever published meanwhile may have put the full tile in its place.
            full = self._read(address.full)
            found = full[: len(data)] if full is not None else None
        if found != data:
            yield Defect(
                severity=if_missing if found is None else Severity.DAMAGED,
                what=_how(found, data),
                where=address.path,
                mend=WriteTile(address),
            )

    def _read(self, address: TileAddress) -> bytes | None:
        try:
            return self._files.read(address.path, bytes_max=BUNDLE_BYTES_MAX)
        except NotFound:
            return None
        except LogUnreachable:
            return b""  # longer than any tile


def check_tree_head(
    data: bytes | None, found: SignedTreeHead | None, kept: SignedTreeHead | None
) -> Iterator[Defect]:
    """Yield what is wrong with the public tree head.

    Args:
        data: what is in the public folder, if anything is.
        found: the tree head there, if the log signed it.
        kept: the one that the database says was published last.

    """
    mend = WriteTreeHead() if kept is not None else None
    if found is None:
        if kept is not None or data is not None:
            how = "is missing" if data is None else "is not one that the log signed"
            yield Defect(
                severity=Severity.DAMAGED,
                what=f"The tree head {how}.",
                where=TREE_HEAD_PATH,
                mend=mend,
            )
    elif kept is None or found.head.size > kept.head.size:
        # Whether the entries are those that it signs is seen when they are reached.
        yield Defect(
            severity=Severity.DAMAGED,
            what=f"The database does not know that {found.head.size} entries were"
            " published.",
            where=TREE_HEAD_PATH,
            mend=KeepHead(found),
        )
    elif found != kept:
        yield Defect(
            severity=Severity.HARMLESS,
            what="A newer one was published, and is not in its place yet.",
            where=TREE_HEAD_PATH,
            mend=mend,
        )


def _how(found: bytes | None, expected: bytes) -> str:
    if found is None:
        return "It is missing."
    if len(found) != len(expected):
        return f"It has {len(found)} bytes instead of {len(expected)}."
    place = next(i for i, byte in enumerate(expected) if byte != found[i])
    return f"It differs from the database from byte {place} on."


def _harmless(what: str, path: str, mend: RemoveFile | None = None) -> Defect:
    return Defect(severity=Severity.HARMLESS, what=what, where=path, mend=mend)
