"""Proofs about a log's own entries, from its database.

index, size -> inclusion proof; old size, size -> consistency proof; size -> root

Full tiles never change, so they are kept once read; at most some megabytes of them.
"""

from functools import lru_cache, partial

from assent.translog.errors import ProofInvalid
from assent.translog.formats.proof import TlogProof
from assent.translog.keeping.sequence import read_edge
from assent.translog.merkle import (
    Edge,
    ReadNode,
    prove_consistency,
    prove_inclusion,
    range_hash,
)
from assent.translog.merkle.edge import node_of_tree
from assent.translog.ports import LogStore, LogTransaction

TILES_KEPT_MAX = 1024  # 16 KiB each


class Prover:
    """Proves things about the log in a database."""

    def __init__(self, store: LogStore) -> None:
        """Prove things about the log in `store`."""
        self._store = store
        self._edge = Edge()
        self._tile = lru_cache(maxsize=TILES_KEPT_MAX)(self._read_tile)

    def size(self) -> int:
        """Return how many entries the log holds now."""
        with self._store.reading() as transaction:
            return transaction.size()

    def refresh(self, transaction: LogTransaction) -> Edge:
        """Return the right edge of the log now; proofs up to it read no other."""
        edge = self._edge = read_edge(transaction)
        return edge

    def root(self, size: int) -> bytes:
        """Return the root hash that the log had at a size.

        Raises:
            ProofInvalid: if it is not that large yet.

        """
        return range_hash(0, size, self._reach(size))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that entry `index` is in the tree of `size`.

        Raises:
            ProofInvalid: if there is no such entry or size.

        """
        return prove_inclusion(index, size, self._reach(size))

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """Return the proof that the tree of `old_size` is the start of `size`.

        Raises:
            ProofInvalid: if there is no such size, or they are not in order.

        """
        return prove_consistency(old_size, size, self._reach(size))

    def proof(self, index: int) -> TlogProof:
        """Return the whole proof of one entry under the published head.

        It carries the entry's bytes, so that it can be verified by itself.

        Raises:
            ProofInvalid: if no published head covers the entry yet.

        """
        with self._store.reading() as transaction:
            signed = transaction.published_head()
            if signed is None or not 0 <= index < signed.head.size:
                raise ProofInvalid(
                    f"No published tree head covers entry {index} yet.",
                    remedy="Publish first (`assent log publish`), or check the index.",
                )
            (entry,) = transaction.entries(index, index + 1)
        hashes = self.inclusion(index, signed.head.size)
        return TlogProof(index=index, hashes=tuple(hashes), signed=signed, extra=entry)

    def _reach(self, size: int) -> ReadNode:
        """Return the hashes of a tree that is at least so large."""
        edge = self._edge  # other threads may put another in its place
        if size > edge.size:
            with self._store.reading() as transaction:
                edge = self.refresh(transaction)
        if size > edge.size:
            raise ProofInvalid(
                f"The log has {edge.size} entries, not {size}.",
                remedy="Ask for a size that the log has reached.",
            )
        return partial(node_of_tree, edge, self._tile)

    def _read_tile(self, level: int, index: int) -> bytes:
        with self._store.reading() as transaction:
            return transaction.tile_nodes(level, index)
