"""Bring a database that fell behind up to what its log made public.

database (an old backup, or empty) + public files + Policy -> the same log, whole again

An old backup alone must never go on: the log would sign a second history. With the
public files, or any mirror of them, it may, once it holds everything that is public.

What it can not bring back: entries that were acknowledged and never published.
"""

from assent.translog.errors import LogDamaged
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TILE_WIDTH
from assent.translog.keeping.fsck.check import Progress
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogReader, LogStore
from assent.translog.reading import VerifiedTiles, read_tree_head

_REMEDY = "Use the backup of this very log, and its own public files or a mirror."


def catch_up(
    store: LogStore,
    source: LogReader,
    policy: Policy,
    *,
    origin: str,
    progress: Progress | None = None,
) -> SignedTreeHead:
    """Append what is public and the database lacks; return the public tree head.

    Args:
        store: the log's database; nobody else may append to it meanwhile.
        source: the log's public files or a mirror's, believed in nothing.
        policy: whom to believe.
        origin: what the log is called.
        progress: called with the number of entries that the database holds so far.

    Raises:
        LogDamaged: if the database holds other entries than the public ones.
        TileMalformed, TileDamaged: if the files are not those that were signed.
        LogUnreachable, NotFound: if they are not there.
        LogRefused, InputError: of another kind, if the policy does not accept the tree
            head; see `verify_tree_head_by_policy`.
        StoreUnavailable: if the database refuses; calling again goes on.

    """
    # (1) What is public, signed and cosigned.
    head = read_tree_head(source)
    signed = verify_tree_head_by_policy(head, policy, origin=origin).signed
    tiles = VerifiedTiles(source, signed.head)
    # (2) The database holds the start of it, or more.
    size = Prover(store).size()
    _check_common(store, tiles, min(size, signed.head.size))
    # (3) The rest, each entry in its place.
    while size < signed.head.size:
        entries = tiles.bundle(size // TILE_WIDTH).entries[size % TILE_WIDTH :]
        end = size + len(entries)
        if Sequencer(store).append(entries) != [*range(size, end)]:
            raise LogDamaged(
                f"Somebody else appended to the database, or an entry of {origin}"
                f" from {size} on is there twice.",
                remedy=_REMEDY,
            )
        size = end
        if progress is not None:
            progress(size)
    # (4) The tree head, so that nothing smaller is ever signed again.
    with store.writing() as transaction:
        transaction.add_head(signed, is_published=True)
    return signed


def _check_common(store: LogStore, tiles: VerifiedTiles, size: int) -> None:
    if Prover(store).root(size) != tiles.root_at(size):
        raise LogDamaged(
            f"The first {size} entries of the database are not those that are public"
            f" in {tiles.head.origin}.",
            remedy=_REMEDY,
        )
