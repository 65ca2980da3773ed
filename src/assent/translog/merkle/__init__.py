"""The Merkle tree of RFC 6962: hashes, and proofs about them.

leaves -> root; leaf + proof -> root; root of m leaves + proof -> root of n leaves

Verifiers take nothing on trust and raise; provers read the hashes of complete subtrees
through a function `(level, position) -> hash`, so a tree of any size needs no memory.
"""

from assent.translog.merkle.consistency import prove_consistency, verify_consistency
from assent.translog.merkle.edge import TILE_NODES, Edge, FullTile
from assent.translog.merkle.hashing import (
    EMPTY_ROOT,
    HASH_BYTES,
    TREE_SIZE_MAX,
    leaf_hash,
    node_hash,
)
from assent.translog.merkle.inclusion import prove_inclusion, verify_inclusion
from assent.translog.merkle.ranges import ReadNode, range_hash
from assent.translog.merkle.subtree import (
    is_subtree,
    prove_subtree_consistency,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "TILE_NODES",
    "TREE_SIZE_MAX",
    "Edge",
    "FullTile",
    "ReadNode",
    "is_subtree",
    "leaf_hash",
    "node_hash",
    "prove_consistency",
    "prove_inclusion",
    "prove_subtree_consistency",
    "range_hash",
    "verify_consistency",
    "verify_inclusion",
    "verify_subtree_consistency",
    "verify_subtree_inclusion",
]
