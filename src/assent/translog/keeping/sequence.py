"""Give entries their places in the log: each once, in order, for ever.

entries + database -> indices, durable when they are returned

One transaction holds the entries, the keys that find them again and the tiles that
became full. The tree is not signed here: `publish` does that later for all of them at
once, from what is in the database, so that nothing signed can be lost.
"""

from collections.abc import Iterable, Iterator, Sequence

from assent.translog.errors import EntryInvalid, EntryTooLarge, LogDamaged
from assent.translog.formats.tiles import ENTRY_BYTES_MAX, TILE_WIDTH
from assent.translog.merkle import Edge, leaf_hash
from assent.translog.ports import LogStore, LogTransaction

BATCH_ENTRIES_MAX = 65_536  # some 10 MB of usual entries; a transaction stays short
BATCH_BYTES_MAX = 16 * 1024 * 1024  # memory, whatever their size: 256 of the longest


def check_entry(entry: bytes) -> None:
    """Refuse what cannot be an entry.

    Raises:
        EntryInvalid: if it is empty.
        EntryTooLarge: if it has more than 65,535 bytes.

    """
    if not entry:
        raise EntryInvalid("An entry of no bytes says nothing.", remedy="Leave it out.")
    if len(entry) > ENTRY_BYTES_MAX:
        raise EntryTooLarge(
            f"An entry has at most {ENTRY_BYTES_MAX:,} bytes; this has {len(entry):,}.",
            remedy="Store the document and log its digest.",
        )


def entry_key(leaf: bytes) -> int:
    """Return the key of a leaf hash: its first eight bytes, signed, as databases do."""
    return int.from_bytes(leaf[:8], "big", signed=True)


def read_edge(transaction: LogTransaction) -> Edge:
    """Return the right edge of the tree that the database holds."""
    size = transaction.size()
    whole_tiles = size // TILE_WIDTH
    entries = transaction.entries(whole_tiles * TILE_WIDTH, size)
    widths = [[leaf_hash(entry) for entry in entries]]
    level = 0
    while whole_tiles:
        first = whole_tiles // TILE_WIDTH * TILE_WIDTH
        widths.append(transaction.tile_roots(level, first, whole_tiles))
        whole_tiles //= TILE_WIDTH
        level += 1
    return Edge.restored(size, widths)


def in_batches(entries: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the entries in order, in batches that `Sequencer.append` takes at once."""
    batch: list[bytes] = []
    total_bytes = 0
    for entry in entries:
        is_full = total_bytes + len(entry) > BATCH_BYTES_MAX
        if batch and (is_full or len(batch) == BATCH_ENTRIES_MAX):
            yield batch
            batch, total_bytes = [], 0
        batch.append(entry)
        total_bytes += len(entry)
    if batch:
        yield batch


class Sequencer:
    """Appends to one log. Safe to call from several threads and processes.

    The right edge is kept between calls, and believed only while the database has as
    many entries and the last of them is the same: another process may have appended, or
    another server have taken over that lacks what this one acknowledged.
    """

    def __init__(self, store: LogStore) -> None:
        """Append to the log in `store`."""
        self._store = store
        self._kept: tuple[Edge, bytes] | None = None  # and the last entry's leaf hash

    def append(self, entries: Iterable[bytes]) -> list[int]:
        """Return the index of each entry, all durable; one seen before keeps its own.

        Raises:
            EntryInvalid, EntryTooLarge: if one cannot be logged, or they are too many
                at once (see `in_batches`); then none is.
            LogDamaged: if the database holds less than was signed; then none is.
            StoreUnavailable: if the database refuses; then it may be that all or none
                were written, and appending them again is safe.

        """
        batch = list(entries)
        _check_batch(batch)
        leaves = [leaf_hash(entry) for entry in batch]
        try:
            with self._store.writing() as transaction:
                # Taken away until the commit: what a failed one leaves in it is not so.
                kept, self._kept = self._kept, None
                _check_not_behind(transaction)
                edge = _edge(transaction, kept)
                indices, last = _append(transaction, edge, batch, leaves)
                last = last or _last_leaf(transaction, edge.size)
        except BaseException:
            self._kept = None  # the database may be another when it answers again
            raise
        self._kept = edge, last
        return indices


def _check_batch(batch: Sequence[bytes]) -> None:
    total_bytes = sum(map(len, batch))
    if len(batch) > BATCH_ENTRIES_MAX or total_bytes > BATCH_BYTES_MAX:
        raise EntryTooLarge(
            f"At most {BATCH_ENTRIES_MAX:,} entries and {BATCH_BYTES_MAX:,} bytes are"
            f" appended at once; these are {len(batch):,} and {total_bytes:,}.",
            remedy="Append them in several calls.",
        )
    for entry in batch:
        check_entry(entry)


def _check_not_behind(transaction: LogTransaction) -> None:
    """Refuse to acknowledge anything where acknowledged entries are gone."""
    size, signed_size = transaction.size(), transaction.signed_size()
    if signed_size > size:
        raise LogDamaged(
            f"The database holds {size} entries, and a signed tree head of"
            f" {signed_size}: it lost some.",
            remedy="Append nothing: restore the newest database, or let this one catch"
            " up with the public files (`assent log catch-up`).",
        )


def _edge(transaction: LogTransaction, kept: tuple[Edge, bytes] | None) -> Edge:
    """Return the edge that was kept, if the database still ends so; else its own."""
    size = transaction.size()
    if kept and kept[0].size == size and kept[1] == _last_leaf(transaction, size):
        return kept[0]
    return read_edge(transaction)


def _last_leaf(transaction: LogTransaction, size: int) -> bytes:
    """Return the leaf hash of the last entry; nothing if there is none."""
    return leaf_hash(*transaction.entries(size - 1, size)) if size else b""


def _append(
    transaction: LogTransaction, edge: Edge, batch: list[bytes], leaves: list[bytes]
) -> tuple[list[int], bytes | None]:
    """Add the entries that are new; return each one's index, and the last leaf."""
    keys = [entry_key(leaf) for leaf in leaves]
    known = _known(transaction, batch, keys)
    start = edge.size
    rows: list[tuple[int, bytes]] = []
    new_leaves: list[bytes] = []
    indices = []
    for entry, key, leaf in zip(batch, keys, leaves, strict=True):
        index = known.get(entry)
        if index is None:
            index = known[entry] = start + len(rows)
            rows.append((key, entry))
            new_leaves.append(leaf)
        indices.append(index)
    if rows:
        transaction.add_entries(start, rows)
        transaction.add_tiles(edge.append(new_leaves))
    return indices, new_leaves[-1] if new_leaves else None


def _known(
    transaction: LogTransaction, batch: Sequence[bytes], keys: Sequence[int]
) -> dict[bytes, int]:
    """Return the index of each entry of the batch that is in the log already."""
    known: dict[bytes, int] = {}
    wanted = set(batch)
    for _, index in transaction.indices_of(keys):
        (entry,) = transaction.entries(index, index + 1)
        if entry in wanted:
            known[entry] = min(index, known.get(entry, index))
    return known
