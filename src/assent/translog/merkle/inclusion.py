"""Inclusion: this leaf is at this index of the tree with this root.

leaf index + size + read_node -> proof; leaf hash + proof -> root (RFC 9162, 2.1.3)
"""

from collections.abc import Sequence
from hashlib import sha256

from assent.translog.errors import ProofInvalid
from assent.translog.merkle.hashing import HASH_BYTES, TREE_SIZE_MAX
from assent.translog.merkle.ranges import ReadNode, range_hash

REMEDY = "Fetch the proof again from the log; do not rely on what it was to prove."


def prove_inclusion(index: int, size: int, read_node: ReadNode) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root of `size` leaves.

    Raises:
        ProofInvalid: if there is no such leaf in a tree of that size.

    """
    if not 0 <= index < size:
        raise ProofInvalid(
            f"There is no leaf {index} in a tree of {size}.",
            remedy="Ask for an index below the size of the tree.",
        )
    return path_to_root(0, index, size, read_node)


def path_to_root(
    level: int, position: int, size: int, read_node: ReadNode
) -> list[bytes]:
    """Return the siblings on the way up from a complete subtree to the root."""
    proof = []
    last = (size - 1) >> level
    while last > 0:
        sibling = position ^ 1
        if sibling < last or (sibling == last and not size & ((1 << level) - 1)):
            proof.append(read_node(level, sibling))
        elif sibling == last:  # the right edge of the tree, not a complete subtree
            proof.append(range_hash(sibling << level, size, read_node))
        level, position, last = level + 1, position >> 1, last >> 1
    return proof


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash is at `index` of the tree with this root.

    Args:
        index: the leaf's index, from 0.
        size: the number of leaves of the tree.
        leaf: the leaf's hash, 32 bytes.
        proof: hashes from the leaf's sibling up, 32 bytes each.
        root: the root hash of the tree, 32 bytes.

    Raises:
        ProofInvalid: if the proof does not lead from the leaf to the root.

    """
    if not 0 <= index < size <= TREE_SIZE_MAX:
        raise ProofInvalid(
            f"There is no leaf {index} in a tree of {size}.", remedy=REMEDY
        )
    check_lengths(leaf, root, *proof)
    # RFC 9162, section 2.1.3.2: up to `inner` levels the path has a sibling on either
    # side; above that it runs along the right edge and has siblings only on its left.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise ProofInvalid(
            f"A proof for leaf {index} in a tree of {size} has"
            f" {inner + (index >> inner).bit_count()} hashes; this has {len(proof)}.",
            remedy=REMEDY,
        )
    computed = leaf
    for level, sibling in enumerate(proof):
        if level >= inner or index >> level & 1:
            computed = sha256(b"\x01" + sibling + computed).digest()
        else:
            computed = sha256(b"\x01" + computed + sibling).digest()
    if computed != root:
        raise ProofInvalid(
            f"The proof for leaf {index} leads to another root than that of the tree"
            f" of {size}.",
            remedy=REMEDY,
        )


def check_lengths(*hashes: bytes) -> None:
    """Refuse any hash that is not 32 bytes long.

    Raises:
        ProofInvalid: if one is not.

    """
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise ProofInvalid(
                f"A hash has {HASH_BYTES} bytes; one here has {len(value)}.",
                remedy=REMEDY,
            )
