"""Mirror a log: copy its files to where others can read them, each of them verified.

LogReader + Policy -> LogFiles that hold the same log

`assent log mirror` calls this now and then. The tree head is written last, so a mirror
that was interrupted at any instant serves the tree head it served before, with all its
tiles; the next call keeps what is there and right, and fetches the rest. Nothing right
is ever replaced by what is not, and a log that rolled back or split is refused.

A mirror adds no signature of its own. Whoever reads it verifies the log's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assent.translog.errors import (
    LogUnreachable,
    StateDamaged,
    TileDamaged,
    TileMalformed,
)
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.formats.tiles import (
    BUNDLE_BYTES_MAX,
    TREE_HEAD_PATH,
    TileAddress,
    encode_bundle,
    tiles_of,
)
from assent.translog.ports import LogFiles, LogReader
from assent.translog.reading import TILE_BYTES_MAX, VerifiedTiles, read_tree_head
from assent.translog.split_view import verify_successor
from assent.vocabulary import AssentError, NotFound

Progress = Callable[[int], None]  # told how many tiles and bundles are in place


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The tree head that the mirror serves now, and what it took to get there."""

    signed: SignedTreeHead
    files_fetched: int
    files_kept: int


def mirror(  # noqa: PLR0913 - from where, to where, whom to believe
    source: LogReader,
    files: LogFiles,
    policy: Policy,
    *,
    origin: str | None = None,
    recheck: bool = False,
    progress: Progress | None = None,
) -> Mirrored:
    """Bring a mirror up to the log's newest tree head.

    Args:
        source: the log's files, or another mirror's, believed in nothing.
        files: the mirror's own.
        policy: whom to believe.
        origin: which log; None for the one that is mirrored, or any that the policy
            names.
        recheck: verify and mend also what is there already, not only what is new.
        progress: called with the number of tiles and bundles in place so far.

    Raises:
        StateDamaged: if the mirror's own tree head is not the log's.
        SplitView: if the log contradicts what is mirrored, with the evidence.
        HeadRolledBack: if the log shows less than what is mirrored.
        TileMalformed, TileDamaged: if the log's files are not those it signed.
        LogUnreachable, NotFound: if it does not serve them.
        StoreUnavailable: if the disk refuses.
        LogRefused, InputError: of another kind, if the policy does not accept the tree
            head; see `verify_tree_head_by_policy`.

    """
    with files.exclusive():
        # (1) What is there already, and the log's newest tree head, of one history.
        own = _own_tree_head(files, policy)
        note = read_tree_head(source)
        signed = verify_tree_head_by_policy(note, policy, origin=origin).signed
        tiles = verify_successor(own, signed, source, seen_files=files)
        # (2) Every tile and bundle that the mirror lacks.
        since = 0 if own is None or recheck else own.head.size
        fetched, kept = _fill(files, tiles, since, progress)
        # (3) The tree head; then the partial tiles that it needs no more.
        files.write(TREE_HEAD_PATH, signed.encoded)
        for address in tiles_of(signed.head.size, since=since):
            if not address.is_partial:
                files.remove(f"{address.path}.p")
        return Mirrored(signed, fetched, kept)


def _own_tree_head(files: LogFiles, policy: Policy) -> SignedTreeHead | None:
    try:
        data = read_tree_head(files)
    except NotFound:
        return None
    try:
        origin = parse_signed_head(data).head.origin
        log_keys = [log.key for log in policy.logs_for(origin)]
        return verify_tree_head(data, origin=origin, log_keys=log_keys)
    except AssentError as error:
        raise StateDamaged(
            f"The mirror's own tree head is not one of the log. {error.message}",
            remedy=f"If the policy is right, remove the mirror's file {TREE_HEAD_PATH}"
            " and mirror again: tiles that are right are kept.",
        ) from None


def _fill(
    files: LogFiles, tiles: VerifiedTiles, since: int, progress: Progress | None
) -> tuple[int, int]:
    """Put every tile in place that a tree of `since` has not; count new and old."""
    fetched = done = 0
    for done, address in enumerate(tiles_of(tiles.head.size, since=since), start=1):
        if _has(files, address, tiles):
            files.settle(address.path)  # it may be of a mirror that was killed
        else:
            files.write(address.path, _read(address, tiles))
            fetched += 1
        if progress is not None:
            progress(done)
    return fetched, done - fetched


def _has(files: LogFiles, address: TileAddress, tiles: VerifiedTiles) -> bool:
    bytes_max = BUNDLE_BYTES_MAX if address.level is None else TILE_BYTES_MAX
    try:
        data = files.read(address.path, bytes_max=bytes_max)
    except (NotFound, LogUnreachable):
        return False
    try:
        tiles.verify(address, data)
    except (TileMalformed, TileDamaged):
        return False
    return True


def _read(address: TileAddress, tiles: VerifiedTiles) -> bytes:
    if address.level is None:
        return encode_bundle(tiles.bundle(address.index).entries)
    return tiles.tile(address.level, address.index)
