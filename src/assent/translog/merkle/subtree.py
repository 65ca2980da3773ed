"""Subtrees: leaves [start, end) that are a subtree of every tree that holds them.

A generalisation of the two proofs by draft-ietf-plants-merkle-tree-certs, section 4:
a leaf in a subtree, and a subtree in a tree. Witnesses cosign subtrees by it.
"""

from collections.abc import Sequence

from assent.translog.errors import ProofInvalid
from assent.translog.merkle.consistency import verify_consistency
from assent.translog.merkle.hashing import (
    EMPTY_ROOT,
    TREE_SIZE_MAX,
    node_hash,
)
from assent.translog.merkle.inclusion import (
    REMEDY,
    check_lengths,
    path_to_root,
    verify_inclusion,
)
from assent.translog.merkle.ranges import ReadNode


def is_subtree(start: int, end: int) -> bool:
    """Tell whether leaves [start, end) are a subtree (section 4.1 of the draft).

    They are if `start` is a multiple of the smallest power of two that is not below
    the number of leaves.
    """
    if not 0 <= start < end <= TREE_SIZE_MAX:
        return False
    return start % (1 << (end - start - 1).bit_length()) == 0


def verify_subtree_inclusion(  # noqa: PLR0913, PLR0917 - a proof has its parts
    index: int,
    start: int,
    end: int,
    leaf: bytes,
    proof: Sequence[bytes],
    subtree_hash: bytes,
) -> None:
    """Check that the leaf hash is at `index` of the subtree of [start, end).

    Raises:
        ProofInvalid: if [start, end) is no subtree, or the proof does not show it.

    """
    _check_subtree(start, end)
    verify_inclusion(index - start, end - start, leaf, proof, subtree_hash)


def prove_subtree_consistency(
    start: int, end: int, size: int, read_node: ReadNode
) -> list[bytes]:
    """Return the hashes that show the subtree of [start, end) in a tree of `size`.

    Raises:
        ProofInvalid: if [start, end) is no subtree of a tree of that size.

    """
    _check_subtree(start, end)
    if end > size:
        raise ProofInvalid(
            f"Leaves [{start}, {end}) are not in a tree of {size}.", remedy=REMEDY
        )
    level, position, has_hash = _start_of_proof(start, end, size)
    first = [] if has_hash else [read_node(level, position)]
    return first + path_to_root(level, position, size, read_node)


def verify_subtree_consistency(  # noqa: PLR0913, PLR0917 - a proof has its parts
    start: int,
    end: int,
    size: int,
    subtree_hash: bytes,
    root: bytes,
    proof: Sequence[bytes],
) -> None:
    """Check that the subtree of [start, end) is part of the tree with `root`.

    No leaves at all are part of every tree: then the hash is that of the empty tree,
    the proof is empty, and nothing is said about `root`.

    Raises:
        ProofInvalid: if [start, end) is no subtree, or the proof does not show it.

    """
    if not 0 <= start <= end <= size <= TREE_SIZE_MAX:
        raise ProofInvalid(
            f"Leaves [{start}, {end}) are not in a tree of {size}.", remedy=REMEDY
        )
    if start == end and subtree_hash == EMPTY_ROOT and not proof:
        return
    _check_subtree(start, end)
    if start == 0:
        verify_consistency(end, size, subtree_hash, root, proof)
        return
    check_lengths(subtree_hash, root, *proof)
    of_subtree, of_tree = _hashes(start, end, size, subtree_hash, proof)
    if of_subtree != subtree_hash or of_tree != root:
        raise ProofInvalid(
            f"The proof does not lead from leaves [{start}, {end}) to the root of"
            f" {size}.",
            remedy=REMEDY,
        )


def _hashes(
    start: int, end: int, size: int, subtree_hash: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    level, position, has_hash = _start_of_proof(start, end, size)
    hashes = [subtree_hash, *proof] if has_hash else list(proof)
    if not hashes:
        raise _wrong_length(start, end, size)
    first, last = start >> level, (size - 1) >> level
    of_subtree = of_tree = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise _wrong_length(start, end, size)
        if position & 1 or position == last:
            if first < position:
                of_subtree = node_hash(sibling, of_subtree)
            of_tree = node_hash(sibling, of_tree)
            while not position & 1 and position:
                first, position, last = first >> 1, position >> 1, last >> 1
        else:
            of_tree = node_hash(of_tree, sibling)
        first, position, last = first >> 1, position >> 1, last >> 1
    if last:
        raise _wrong_length(start, end, size)
    return of_subtree, of_tree


def _start_of_proof(start: int, end: int, size: int) -> tuple[int, int, bool]:
    """Return where the proof starts: level, position, and whether by the subtree.

    It starts from the largest subtree that ends at `end` and is part of both; where
    that is the subtree itself, the verifier has its hash.
    """
    level, first, position, last = 0, start, end - 1, size - 1
    while first != position and (position == last or position & 1):
        level += 1
        first, position, last = first >> 1, position >> 1, last >> 1
    return level, position, first == position


def _check_subtree(start: int, end: int) -> None:
    if not is_subtree(start, end):
        raise ProofInvalid(
            f"Leaves [{start}, {end}) are not a subtree.",
            remedy="Start at a multiple of the next power of two of their number.",
        )


def _wrong_length(start: int, end: int, size: int) -> ProofInvalid:
    return ProofInvalid(
        f"A proof from leaves [{start}, {end}) to a tree of {size} has another length.",
        remedy=REMEDY,
    )
