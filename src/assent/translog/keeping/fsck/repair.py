"""Mend what is wrong with one's own log, as far as its entries allow.

database + public files + keys -> Repaired, or LogDamaged

What follows from the entries is made again; what was signed and the entries themselves
are never touched. If they contradict each other nothing at all is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assent.translog.errors import LogDamaged
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.policy import Policy
from assent.translog.formats.tiles import TILE_WIDTH, TREE_HEAD_PATH
from assent.translog.keeping.fsck.check import Progress, check_log
from assent.translog.keeping.fsck.defect import (
    AddKeys,
    Defect,
    KeepHead,
    Mend,
    RemoveFile,
    RemoveKeys,
    Severity,
    WriteTile,
    WriteTileRow,
    WriteTreeHead,
)
from assent.translog.keeping.publish import derive_tile
from assent.translog.keeping.sequence import entry_key, read_edge
from assent.translog.merkle import Edge, FullTile, leaf_hash
from assent.translog.ports import LogFiles, LogStore, LogTransaction

_MENDS_IN_ONE_TRANSACTION = 256  # tiles of 16 KiB
_SHOWN_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was mended, and what another check found afterwards."""

    mended: list[Defect]
    left: list[Defect]


def repair_log(  # noqa: PLR0913, PLR0917 - what there is of a log
    store: LogStore,
    files: LogFiles,
    origin: str,
    log_keys: Sequence[VerifierKey],
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> Repaired:
    """Mend everything that can be, and check again. See `check_log` for the arguments.

    Publishing is held off meanwhile; appending may go on.

    Raises:
        LogDamaged: if entries are gone or contradict what was signed; then nothing was
            touched.
        StoreUnavailable: if the database or the disk refuses; calling again goes on.

    """
    with files.exclusive():
        found = check_log(store, files, origin, log_keys, policy, progress)
        if fatal := [one for one in found if one.severity is Severity.FATAL]:
            shown = " ".join(f"{one.where}: {one.what}" for one in fatal[:_SHOWN_MAX])
            raise LogDamaged(
                f"The log {origin} has {len(fatal)} defects beyond repair. {shown}",
                remedy="Append nothing more. Restore a backup of the database; then"
                " `assent log catch-up` adds what is public or in a mirror.",
            )
        mends = [one.mend for one in found if one.mend is not None]
        if not mends:
            return Repaired(mended=[], left=found)
        # (1) The database, from its entries: keys, then tiles from the lowest level up.
        _mend_database(store, mends)
        # (2) The public files, from the database; the tree head after all tiles.
        _mend_files(store, files, mends)
        return Repaired(
            mended=[one for one in found if one.is_repairable],
            left=check_log(store, files, origin, log_keys, policy, progress),
        )


def _mend_database(store: LogStore, mends: Sequence[Mend]) -> None:
    """Mend what is wrong in the database, some at a time."""
    tiles = sorted(
        (mend for mend in mends if isinstance(mend, WriteTileRow)),
        key=lambda mend: (mend.level, mend.index),
    )
    others = [m for m in mends if isinstance(m, AddKeys | RemoveKeys | KeepHead)]
    ordered = [*others, *tiles]
    for start in range(0, len(ordered), _MENDS_IN_ONE_TRANSACTION):
        with store.writing() as transaction:
            for mend in ordered[start : start + _MENDS_IN_ONE_TRANSACTION]:
                _mend_row(transaction, mend)


def _mend_row(
    transaction: LogTransaction, mend: WriteTileRow | AddKeys | RemoveKeys | KeepHead
) -> None:
    match mend:
        case WriteTileRow(level, index):
            start, end = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
            hashes = (
                transaction.tile_roots(level - 1, start, end)
                if level
                else map(leaf_hash, transaction.entries(start, end))
            )
            (tile,) = Edge().append(hashes)
            transaction.add_tiles([FullTile(level, index, tile.nodes)])
        case AddKeys(start, end):
            entries = transaction.entries(start, end)
            rows = [(entry_key(leaf_hash(e)), start + i) for i, e in enumerate(entries)]
            there = set(transaction.indices_of([key for key, _ in rows]))
            transaction.add_keys([row for row in rows if row not in there])
        case RemoveKeys(rows):
            transaction.remove_keys(rows)
        case KeepHead(signed):
            transaction.add_head(signed, is_published=True)


def _mend_files(store: LogStore, files: LogFiles, mends: Iterable[Mend]) -> None:
    waiting = list(mends)
    with store.reading() as transaction:
        edge = read_edge(transaction)
        for mend in waiting:
            if isinstance(mend, WriteTile):
                data = derive_tile(transaction, edge, mend.address)
                files.write(mend.address.path, data)
        kept = transaction.published_head()
    if kept is not None and any(isinstance(mend, WriteTreeHead) for mend in waiting):
        files.write(TREE_HEAD_PATH, kept.encoded)
    for mend in waiting:
        if isinstance(mend, RemoveFile):
            files.remove(mend.path)
