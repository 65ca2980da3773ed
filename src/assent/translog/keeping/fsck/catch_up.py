"""Bring a database that fell behind up to what its log made public.

database (an old backup, or empty) + public files + Policy -> the same log, whole again

An old backup alone must never go on: the log would sign a second history. With the
public files, or any mirror of them, it may, once it holds everything that is public.
`assent log catch-up` calls this; `publish` works again afterwards.

What it can not bring back: entries that were acknowledged and never published. What it
can not tell: whether the source shows the newest tree head. Witnesses can, so publish
before anything is appended.
"""

from assent.translog.errors import LogDamaged
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TILE_WIDTH
from assent.translog.keeping.fsck.check import Progress
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import entry_key, read_edge
from assent.translog.ports import LogReader, LogStore, LogTransaction
from assent.translog.reading import VerifiedTiles, read_tree_head


def catch_up(
    store: LogStore,
    source: LogReader,
    policy: Policy,
    *,
    origin: str,
    progress: Progress | None = None,
) -> SignedTreeHead:
    """Add what is public and the database lacks; return the public tree head.

    All of it is one transaction: an error leaves the database as it was, and whoever
    appends waits until it is done. From far away, mirror first and catch up from that.

    Args:
        store: the log's database.
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
        StoreUnavailable: if the database refuses.

    """
    # (1) What is public, signed and cosigned.
    head = read_tree_head(source)
    signed = verify_tree_head_by_policy(head, policy, origin=origin).signed
    tiles = VerifiedTiles(source, signed.head)
    with store.writing() as transaction:
        # (2) The database holds the start of it, or more.
        common = min(transaction.size(), signed.head.size)
        if Prover(store).root(common) != tiles.root_at(common):
            raise LogDamaged(
                f"The first {common} entries of the database are not those that are"
                f" public in {origin}.",
                remedy="Restore the newest backup of this very log, and catch up before"
                " anything is appended to it.",
            )
        # (3) The rest, each entry in its place.
        _add(transaction, tiles, progress)
        # (4) The tree head, so that nothing smaller is ever signed again.
        transaction.add_head(signed, is_published=True)
    return signed


def _add(
    transaction: LogTransaction, tiles: VerifiedTiles, progress: Progress | None
) -> None:
    """Add the entries that are missing, a bundle at a time."""
    edge = read_edge(transaction)
    while edge.size < tiles.head.size:
        start = edge.size
        bundle = tiles.bundle(start // TILE_WIDTH)
        leaves = bundle.leaves[start % TILE_WIDTH :]
        rows = [
            (entry_key(leaf), entry)
            for leaf, entry in zip(
                leaves, bundle.entries[start % TILE_WIDTH :], strict=True
            )
        ]
        transaction.add_entries(start, rows)
        transaction.add_tiles(edge.append(leaves))
        if progress is not None:
            progress(edge.size)
