"""Make every public file of a log again.

database -> static files, the tree head last

For a new server, another disk, or a folder that is gone. Everything comes from the
entries; the tiles that the database keeps are not needed.
"""

from collections.abc import Iterable, Sequence

from assent.translog.errors import LogDamaged, WrongOrigin
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.signed_head import SignedTreeHead, verify_tree_head
from assent.translog.formats.tiles import TREE_HEAD_PATH, TileAddress
from assent.translog.keeping.fsck.check import Progress
from assent.translog.keeping.fsck.heads import read_heads
from assent.translog.keeping.fsck.walk import (
    Page,
    as_kept,
    cut,
    derive_files,
    derive_partial_tiles,
    partial_tiles,
    walk,
)
from assent.translog.keeping.history import public_tree_head
from assent.translog.merkle import EMPTY_ROOT
from assent.translog.ports import LogFiles, LogStore, LogTransaction
from assent.vocabulary import AssentError, InputError, NotFound

_REMEDY = (
    "Run `assent log fsck`; restore the newest backup, then `assent log catch-up`."
)


def rebuild(
    store: LogStore,
    files: LogFiles,
    log_keys: Sequence[VerifierKey],
    progress: Progress | None = None,
) -> SignedTreeHead:
    """Write all tiles of the tree that was published last, and its tree head.

    So too the partial tiles of earlier tree heads that are not full yet.

    Args:
        store: the log's database.
        files: an empty folder, or one that holds an older state of the same log.
        log_keys: all keys that it ever signed with.
        progress: called with the number of entries gone through so far.

    Raises:
        NotFound: if nothing was published yet.
        LogDamaged: if the entries are not those that were signed, or the folder holds
            more than the database; nothing was written.
        WrongOrigin: if the folder holds another log; nothing was written.
        StoreUnavailable: if the disk or the database refuses; the tree head in the
            folder is the one from before.

    """
    with files.exclusive(), store.reading() as transaction:
        signed = transaction.published_head()
        if signed is None:
            raise NotFound(
                "This log has published nothing yet.",
                remedy="Publish it with `assent log publish`.",
            )
        _check_folder(files, signed, log_keys)
        _check_entries(transaction, signed)
        _write_tiles(transaction, files, signed, progress)
        files.write(TREE_HEAD_PATH, signed.encoded)
        return signed


def _write_tiles(
    transaction: LogTransaction,
    files: LogFiles,
    signed: SignedTreeHead,
    progress: Progress | None,
) -> None:
    size = signed.head.size
    partial: dict[tuple[int | None, int], bytes] = {}

    def write(made: Iterable[tuple[TileAddress, bytes]]) -> None:
        for address, data in made:
            files.write(address.path, data)
            if address.is_partial:
                partial[address.level, address.index] = data

    for step in walk(transaction, size, [as_kept(signed)]):
        if isinstance(step, Page):
            write(derive_files(step, size))
            if progress is not None:
                progress(step.end)
        elif step.edge is not None:
            write(derive_partial_tiles(step.edge))
    # Readers of earlier tree heads may still ask for what was partial then.
    earlier = {
        address
        for kept in read_heads(transaction)
        if kept.size < size
        for address in partial_tiles(kept.size, size)
    }
    for address in earlier:
        whole = partial[address.level, address.index]
        files.write(address.path, cut(address, whole))


def _check_folder(
    files: LogFiles, signed: SignedTreeHead, log_keys: Sequence[VerifierKey]
) -> None:
    origin = signed.head.origin
    try:
        found = public_tree_head(files)
    except InputError:
        return  # damaged: it is written again
    if found is None:
        return
    if found.head.origin != origin:
        raise WrongOrigin(
            f"The folder holds the log {found.head.origin!r}, not {origin!r}.",
            remedy="Give each log a folder of its own.",
        )
    try:
        verify_tree_head(found.encoded, origin=origin, log_keys=log_keys)
    except AssentError:
        return  # damaged, likewise: the log never signed it
    if found.head.size > signed.head.size:
        raise LogDamaged(
            f"The folder holds a tree head of {found.head.size} entries of {origin};"
            f" the database published {signed.head.size}.",
            remedy=_REMEDY,
        )


def _check_entries(transaction: LogTransaction, signed: SignedTreeHead) -> None:
    root = EMPTY_ROOT
    for step in walk(transaction, signed.head.size, [as_kept(signed)]):
        if not isinstance(step, Page):
            root = step.edge.root() if step.edge is not None else b""
    if root != signed.head.root:
        raise LogDamaged(
            f"The first {signed.head.size} entries of {signed.head.origin} are not"
            " those that were signed.",
            remedy=_REMEDY,
        )
