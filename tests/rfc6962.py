"""The Merkle tree by its definition: RFC 6962, section 2.1, written out by recursion.

leaf hashes -> hashes of ranges, and the proofs about them
"""

from collections.abc import Sequence
from hashlib import sha256

Range = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def split(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << (count - 1).bit_length() - 1


class DefinedTree:
    """A tree of some leaves; every range is hashed once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Take the leaf hashes."""
        self.leaves = list(leaves)
        self._hashes: dict[Range, bytes] = {}

    def mth(self, start: int, end: int) -> bytes:
        """Return MTH(D[start:end])."""
        if (start, end) not in self._hashes:
            self._hashes[start, end] = self._mth(start, end)
        return self._hashes[start, end]

    def _mth(self, start: int, end: int) -> bytes:
        if start == end:
            return sha256(b"").digest()
        if end - start == 1:
            return self.leaves[start]
        middle = start + split(end - start)
        return node_hash(self.mth(start, middle), self.mth(middle, end))

    def path(self, index: int, start: int, end: int) -> list[bytes]:
        """Return PATH(index, D[start:end])."""
        if end - start == 1:
            return []
        middle = start + split(end - start)
        if index < middle:
            return [*self.path(index, start, middle), self.mth(middle, end)]
        return [*self.path(index, middle, end), self.mth(start, middle)]

    def proof(
        self, start: int, end: int, tree: Range, *, is_known: bool = True
    ) -> list[bytes]:
        """Return SUBTREE_SUBPROOF of draft-ietf-plants-merkle-tree-certs, section 4.4.

        With `start` 0 it is SUBPROOF of RFC 6962, section 2.1.2.
        """
        left, right = tree
        if (start, end) == tree:
            return [] if is_known else [self.mth(left, right)]
        middle = left + split(right - left)
        if end <= middle:
            inner = self.proof(start, end, (left, middle), is_known=is_known)
            return [*inner, self.mth(middle, right)]
        if start >= middle:
            inner = self.proof(start, end, (middle, right), is_known=is_known)
        else:
            inner = self.proof(middle, end, (middle, right), is_known=False)
        return [*inner, self.mth(left, middle)]
