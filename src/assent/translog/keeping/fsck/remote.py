"""Find which public files of anybody's log are not the ones that it signed.

LogReader + Policy -> Defects

Whoever serves or mirrors a log runs this over HTTP or on a folder; it needs no database
and no key. Every tile and entry bundle of the newest tree head is fetched once.
"""

from collections.abc import Callable, Iterator

from assent.translog.errors import LogUnreachable, TileDamaged, TileMalformed
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.tiles import (
    BUNDLE_BYTES_MAX,
    TREE_HEAD_PATH,
    TileAddress,
    tiles_of,
)
from assent.translog.keeping.fsck.defect import Defect, Severity
from assent.translog.ports import LogReader
from assent.translog.reading import VerifiedTiles, read_tree_head
from assent.vocabulary import AssentError, NotFound

Progress = Callable[[int], None]  # told how many tiles and bundles were checked
DEFECTS_MAX = 100  # a log that claims endless entries and serves none ends there


def check_remote(
    files: LogReader,
    policy: Policy,
    *,
    origin: str | None = None,
    progress: Progress | None = None,
) -> list[Defect]:
    """Return public files that are missing or damaged; nothing if all is well.

    After so many as `DEFECTS_MAX` it looks for no more, and says so at the end.

    Args:
        files: the log's files, believed in nothing.
        policy: whom to believe.
        origin: which log; None for any that the policy names.
        progress: called with the number of tiles and bundles checked so far.

    """
    # (1) The tree head: signed, and cosigned by a quorum.
    try:
        note = read_tree_head(files)
        signed = verify_tree_head_by_policy(note, policy, origin=origin).signed
    except AssentError as error:
        return [_damaged(error.message, TREE_HEAD_PATH)]
    # (2) The right edge of its tree, from which every other tile is checked.
    try:
        tiles = VerifiedTiles(files, signed.head)
    except AssentError as error:
        return [_damaged(error.message, "tile: the right edge")]
    # (3) Every tile and bundle.
    found: list[Defect] = []
    for count, address in enumerate(tiles_of(signed.head.size), start=1):
        found.extend(_check(files, tiles, address))
        if progress is not None:
            progress(count)
        if len(found) >= DEFECTS_MAX:
            found.append(_damaged("What comes after was not checked.", address.path))
            break
    return found


def _check(
    files: LogReader, tiles: VerifiedTiles, address: TileAddress
) -> Iterator[Defect]:
    try:
        tiles.verify(address, files.read(address.path, bytes_max=BUNDLE_BYTES_MAX))
    except NotFound:
        yield from _check_full(tiles, address)
    except (TileDamaged, TileMalformed, LogUnreachable) as error:
        yield _damaged(error.message, address.path)


def _check_full(tiles: VerifiedTiles, address: TileAddress) -> Iterator[Defect]:
    """Yield nothing if a partial tile that is gone gave way to the full one."""
    if not address.is_partial:
        yield _damaged("It is missing.", address.path)
    elif address.level is None:  # a tile of hashes is in the edge, which was read
        try:
            tiles.bundle(address.index)
        except (TileDamaged, TileMalformed, LogUnreachable) as error:
            yield _damaged(error.message, address.path)


def _damaged(what: str, where: str) -> Defect:
    return Defect(severity=Severity.DAMAGED, what=what, where=where)
