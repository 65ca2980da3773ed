"""Hashes of ranges of leaves, from the hashes of complete subtrees.

start, end + read_node -> hash of leaves[start:end]

A complete subtree has 2**level leaves and starts at a multiple of that; `read_node`
returns its hash for (level, position), where it holds leaves
[position << level, (position + 1) << level).
"""

from collections.abc import Callable

from assent.translog.merkle.hashing import EMPTY_ROOT, node_hash

ReadNode = Callable[[int, int], bytes]


def range_hash(start: int, end: int, read_node: ReadNode) -> bytes:
    """Return the Merkle tree hash of leaves[start:end].

    `start` is a multiple of the smallest power of two that is not below end - start
    (zero always is); then the range is a subtree of every tree that contains it.
    """
    if start == end:
        return EMPTY_ROOT
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(read_node(level, start >> level))
        start += 1 << level
    result = parts.pop()
    while parts:
        result = node_hash(parts.pop(), result)
    return result
