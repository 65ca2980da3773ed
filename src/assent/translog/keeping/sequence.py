"""Give entries their places in the log: each once, in order, for ever.

entries + database -> indices, durable when they are returned

One transaction holds the entries, the keys that find them again and the tiles that
became full. The tree is not signed here: `publish` does that later for all of them at
once, from what is in the database, so that nothing signed can be lost.
"""

from collections.abc import Iterable, Sequence

from assent.translog.errors import EntryInvalid, EntryTooLarge
from assent.translog.formats.tiles import ENTRY_BYTES_MAX, TILE_WIDTH
from assent.translog.merkle import Edge, leaf_hash
from assent.translog.ports import LogStore, LogTransaction

BATCH_ENTRIES_MAX = 65_536  # some 10 MB of usual entries; a transaction stays short


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


class Sequencer:
    """Appends to one log. Safe to call from several threads and processes."""

    def __init__(self, store: LogStore) -> None:
        """Append to the log in `store`."""
        self._store = store
        self._edge: Edge | None = None

    def append(self, entries: Iterable[bytes]) -> list[int]:
        """Return the index of each entry, all durable; one seen before keeps its own.

        Raises:
            EntryInvalid, EntryTooLarge: if one cannot be logged; then none is.
            StoreUnavailable: if the database refuses; then it may be that all or none
                were written, and appending them again is safe.

        """
        batch = list(entries)
        if len(batch) > BATCH_ENTRIES_MAX:
            raise EntryTooLarge(
                f"At most {BATCH_ENTRIES_MAX:,} entries are appended at once.",
                remedy="Append them in several calls.",
            )
        for entry in batch:
            check_entry(entry)
        leaves = [leaf_hash(entry) for entry in batch]
        with self._store.writing() as transaction:
            # Taken away until the commit: what a failed one leaves in it is not so.
            edge, self._edge = self._edge, None
            if edge is None or edge.size != transaction.size():
                edge = read_edge(transaction)
            indices = _append(transaction, edge, batch, leaves)
        self._edge = edge
        return indices


def _append(
    transaction: LogTransaction, edge: Edge, batch: list[bytes], leaves: list[bytes]
) -> list[int]:
    """Add the entries that are new; return the index of each."""
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
    return indices


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
