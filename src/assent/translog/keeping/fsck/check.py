"""Find everything that is wrong with one's own log.

database + public files + keys + policy -> Defects

It only reads, and appending and publishing may go on meanwhile, though the write-ahead
log of SQLite grows until it is done. Time grows with the log, some minutes for ten
million entries; memory does not.

What it can not show: that a database which lost its newest, never signed entries ever
had them, if their keys and tiles are gone too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from assent.translog.errors import LogDamaged, LogUnreachable, QuorumNotMet
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.policy import Policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.keeping.fsck.defect import Defect, Severity
from assent.translog.keeping.fsck.heads import HeadCheck, read_heads
from assent.translog.keeping.fsck.public import PublicCheck, check_tree_head
from assent.translog.keeping.fsck.rows import RowCheck
from assent.translog.keeping.fsck.walk import Page, as_kept, walk
from assent.translog.ports import LogFiles, LogStore, LogTransaction
from assent.translog.reading import read_tree_head
from assent.vocabulary import AssentError, NotFound

Progress = Callable[[int], None]  # told how many entries were gone through


@dataclass(frozen=True, slots=True, kw_only=True)
class _Public:
    """The public tree head: what is there, and what it says if the log signed it."""

    data: bytes | None
    signed: SignedTreeHead | None


def check_log(  # noqa: PLR0913, PLR0917 - what there is of a log
    store: LogStore,
    files: LogFiles,
    origin: str,
    log_keys: Sequence[VerifierKey],
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> list[Defect]:
    """Return everything that is wrong with a log; nothing if all is well.

    Args:
        store: its database.
        files: its public files.
        origin: what it is called.
        log_keys: all keys that it ever signed with.
        policy: whose cosignatures its tree head must carry; None if nobody's.
        progress: called with the number of entries gone through so far.

    Raises:
        StoreUnavailable: if the database cannot be read.

    """
    found: list[Defect] = []
    heads = HeadCheck(origin, log_keys)
    # The public tree head before the database, which is never behind it.
    public = _read_public(files, heads)
    try:
        with store.reading() as transaction:
            for defect in _check(transaction, files, heads, public, progress):
                found.append(defect)  # noqa: PERF402 - these stay if a later one raises
    except LogDamaged as error:
        found.append(_fatal(error.message, "database"))
    if policy is not None and public.signed is not None:
        found.extend(_check_quorum(public.signed, policy))
    return found


def _check(
    transaction: LogTransaction,
    files: LogFiles,
    heads: HeadCheck,
    public: _Public,
    progress: Progress | None,
) -> Iterator[Defect]:
    size = transaction.size()
    kept = _published(transaction, heads)
    yield from check_tree_head(public.data, public.signed, kept)
    size_public = max(
        (known.head.size for known in (kept, public.signed) if known), default=0
    )
    rows, tiles = RowCheck(transaction, size), PublicCheck(files, size_public)
    asked = None if public.signed is None else as_kept(public.signed)
    steps = merge(
        read_heads(transaction), [asked] if asked else [], key=lambda kept: kept.size
    )
    for step in walk(transaction, size, steps):
        if isinstance(step, Page):
            # (1) The database: every entry, its key, and the tiles made of them.
            yield from rows.check(step)
            # (3) The public files: what the published tree head commits to.
            yield from tiles.check(step)
            if progress is not None:
                progress(step.end)
            continue
        # (2) Every tree head that the log signed, the public one among them.
        if step.kept is asked and public.signed is not None:
            yield from heads.check_root(public.signed, step, TREE_HEAD_PATH)
        else:
            yield from heads.check(step, public.signed)
        tiles.need(step.kept.size)  # also of a damaged head: rather too much
        if step.kept.size == size_public and step.edge is not None:
            yield from tiles.check_edge(step.edge)
    yield from rows.finish()
    if rows.unvouched is not None and rows.unvouched >= heads.size_vouched:
        yield _fatal(
            f"Its key or tile contradicts it, and no signed tree head vouches for"
            f" more than {heads.size_vouched} entries.",
            f"database: entry {rows.unvouched}",
        )
    # (4) What is left over from before.
    yield from tiles.finish()


def _read_public(files: LogFiles, heads: HeadCheck) -> _Public:
    try:
        data = read_tree_head(files)
    except NotFound:
        return _Public(data=None, signed=None)
    except LogUnreachable:
        return _Public(data=b"", signed=None)
    try:
        return _Public(data=data, signed=heads.believed(data))
    except AssentError:
        return _Public(data=data, signed=None)


def _published(transaction: LogTransaction, heads: HeadCheck) -> SignedTreeHead | None:
    """Return the head that was published last, or None if its row is damaged."""
    try:
        kept = transaction.published_head()
        return None if kept is None else heads.believed(kept.encoded)
    except AssentError:
        return None


def _check_quorum(signed: SignedTreeHead, policy: Policy) -> Iterator[Defect]:
    try:
        policy.check(signed)
    except AssentError as error:
        is_short = isinstance(error, QuorumNotMet)
        yield Defect(
            severity=Severity.UNWITNESSED if is_short else Severity.DAMAGED,
            what=f"{error.message} `assent log publish --refresh` asks the witnesses"
            " again.",
            where=TREE_HEAD_PATH,
        )


def _fatal(what: str, where: str) -> Defect:
    return Defect(severity=Severity.FATAL, what=what, where=where)
