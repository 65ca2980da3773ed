"""Consistency: the tree of m leaves is the start of the tree of n leaves.

m, n + read_node -> proof; both roots + proof -> nothing, or ProofInvalid
(RFC 9162, section 2.1.4)

The empty tree is the start of every tree and no proof can say more: whoever means that
(the witness protocol does) says it without this verifier, which refuses size 0.
"""

from collections.abc import Sequence
from hashlib import sha256

from assent.translog.errors import ProofInvalid
from assent.translog.merkle.hashing import TREE_SIZE_MAX
from assent.translog.merkle.inclusion import REMEDY, check_lengths, path_to_root
from assent.translog.merkle.ranges import ReadNode


def prove_consistency(old_size: int, size: int, read_node: ReadNode) -> list[bytes]:
    """Return the hashes that show the tree of `old_size` to be the start of `size`.

    Empty if `old_size` is 0 or equal to `size`.

    Raises:
        ProofInvalid: if the sizes are not in order.

    """
    if not 0 <= old_size <= size:
        raise ProofInvalid(
            f"A tree of {old_size} cannot be the start of one of {size}.",
            remedy="Give the smaller size first.",
        )
    if old_size in {0, size}:
        return []
    # (1) The largest complete subtree that ends at old_size is common to both trees.
    level = (old_size & -old_size).bit_length() - 1
    position = (old_size >> level) - 1
    # (2) If it is the whole old tree, the verifier has its hash: the old root.
    start = [read_node(level, position)] if position else []
    return start + path_to_root(level, position, size, read_node)


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree with `old_root` is the start of the tree with `root`.

    Args:
        old_size: leaves of the earlier tree, at least 1.
        size: leaves of the later tree.
        old_root: root hash of the earlier tree, 32 bytes.
        root: root hash of the later tree, 32 bytes.
        proof: hashes, 32 bytes each; none if the sizes are equal.

    Raises:
        ProofInvalid: if the proof does not show it.

    """
    if not 0 < old_size <= size <= TREE_SIZE_MAX:
        raise ProofInvalid(
            f"No proof shows a tree of {old_size} to be the start of one of {size}.",
            remedy=REMEDY,
        )
    # The roots are only compared, except one from which the proof starts.
    check_lengths(*proof, *([old_root] if _is_start(old_size, size) else []))
    old_computed, computed = _roots(old_size, size, old_root, list(proof))
    if old_computed != old_root:
        raise ProofInvalid(
            f"The proof starts from another root than that of the tree of {old_size}.",
            remedy=REMEDY,
        )
    if computed != root:
        raise ProofInvalid(
            f"The proof leads to another root than that of the tree of {size}.",
            remedy=REMEDY,
        )


def _roots(
    old_size: int, size: int, old_root: bytes, proof: list[bytes]
) -> tuple[bytes, bytes]:
    if old_size == size:
        if proof:
            raise _wrong_length(old_size, size)
        return old_root, old_root
    hashes = [old_root, *proof] if _is_start(old_size, size) else proof
    level = (old_size & -old_size).bit_length() - 1
    position, last = (old_size - 1) >> level, (size - 1) >> level
    # As for inclusion: up to `inner` levels the path has a sibling on either side;
    # above that it runs along the right edge of both trees.
    inner = (position ^ last).bit_length()
    if len(hashes) != 1 + inner + (position >> inner).bit_count():
        raise _wrong_length(old_size, size)
    old_computed = computed = hashes[0]
    for height, sibling in enumerate(hashes[1:]):
        if height >= inner or position >> height & 1:
            old_computed = sha256(b"\x01" + sibling + old_computed).digest()
            computed = sha256(b"\x01" + sibling + computed).digest()
        else:  # the old tree ends before this sibling
            computed = sha256(b"\x01" + computed + sibling).digest()
    return old_computed, computed


def _is_start(old_size: int, size: int) -> bool:
    """Tell whether the old tree is itself a complete subtree of the later one."""
    return old_size != size and not old_size & (old_size - 1)


def _wrong_length(old_size: int, size: int) -> ProofInvalid:
    return ProofInvalid(
        f"A proof from a tree of {old_size} to one of {size} has another length.",
        remedy=REMEDY,
    )
