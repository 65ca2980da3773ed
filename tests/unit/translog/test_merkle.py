"""The tree against its definition in RFC 6962."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rfc6962 import DefinedTree, split

from assent.translog.errors import ProofInvalid
from assent.translog.merkle import (
    EMPTY_ROOT,
    TILE_NODES,
    TREE_SIZE_MAX,
    Edge,
    FullTile,
    is_subtree,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    prove_subtree_consistency,
    range_hash,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from assent.translog.merkle.edge import node_in_tile

SIZE_MAX = 600
LEAVES = [leaf_hash(b"entry %d" % n) for n in range(SIZE_MAX)]
OTHER = leaf_hash(b"another")
TREE = DefinedTree(LEAVES)
mth, audit_path = TREE.mth, TREE.path
sizes = st.integers(1, SIZE_MAX)


def read_node(level: int, position: int) -> bytes:
    return mth(position << level, (position + 1) << level)


def _edge(leaves: Sequence[bytes]) -> Edge:
    edge = Edge()
    edge.append(leaves)
    return edge


# Hashes and ranges


def test_the_hashes_are_those_of_the_rfc() -> None:
    # The first two roots of the test vectors of Certificate Transparency.
    empty = leaf_hash(b"")
    assert EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert empty.hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert node_hash(empty, leaf_hash(b"\0")).hex() == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


def test_a_leaf_never_hashes_like_a_node() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.integers(0, SIZE_MAX), st.integers(0, 9), st.integers(1, 512))
def test_the_hash_of_a_subtree_comes_from_complete_ones(
    position: int, level: int, count: int
) -> None:
    start = position << level
    end = min(start + min(count, 1 << level), SIZE_MAX)
    if start < end:
        assert range_hash(start, end, read_node) == mth(start, end)


def test_the_hash_of_no_leaves_is_that_of_the_empty_tree() -> None:
    assert range_hash(0, 0, read_node) == EMPTY_ROOT
    assert Edge().root() == EMPTY_ROOT


# The growing edge


def test_every_root_on_the_way_is_that_of_the_definition() -> None:
    edge = Edge()
    for size, leaf in enumerate(LEAVES, start=1):
        edge.append([leaf])
        assert edge.size == size
        assert edge.root() == mth(0, size)


@given(st.lists(st.integers(0, 300), max_size=12))
def test_batches_of_any_sizes_give_the_same_edge_and_tiles(steps: list[int]) -> None:
    edge, tiles, size = Edge(), list[FullTile](), 0
    for step in steps:
        batch = LEAVES[size : size + step]
        tiles += edge.append(iter(batch))
        size += len(batch)
    at_once = Edge()
    assert at_once.append(LEAVES[:size]) == tiles
    assert edge == at_once
    assert edge.root() == mth(0, size)
    assert [(tile.level, tile.index) for tile in tiles] == [
        (0, index) for index in range(size // 256)
    ]


def test_a_full_tile_holds_every_hash_in_it() -> None:
    tiles = _edge([]).append(LEAVES)
    assert len(tiles) == 2
    for tile in tiles:
        assert len(tile.nodes) == TILE_NODES * 32 == 16_352
        assert tile.root == mth(256 * tile.index, 256 * tile.index + 256)
        for height in range(9):
            for offset in range(256 >> height):
                position = (256 >> height) * tile.index + offset
                found = node_in_tile(tile.nodes, height, offset)
                assert found == read_node(height, position)


def test_a_tile_of_tiles_closes_after_its_last_child() -> None:
    edge = Edge()
    count = 256 * 256
    leaves = [LEAVES[n % 7] for n in range(count + 300)]
    tiles = edge.append(leaves)
    order = [(tile.level, tile.index) for tile in tiles]
    assert order == [*((0, n) for n in range(256)), (1, 0), (0, 256)]
    children = [tile.root for tile in tiles if tile.level == 0]
    assert node_in_tile(tiles[256].nodes, 0, 17) == children[17]
    assert edge.node(8, 256) == children[256]
    assert edge.node(16, 0) == tiles[256].root
    assert (edge.partial(0), edge.partial(2)) == (leaves[-44:], [tiles[256].root])
    assert edge.partial(3) == []


@given(sizes)
def test_the_edge_knows_the_unfinished_tiles_and_nothing_else(size: int) -> None:
    edge = _edge(LEAVES[:size])
    gone = size // 256 * 256
    for level in range(8):
        for position in range(size >> level):
            if position << level >= gone:
                assert edge.node(level, position) == read_node(level, position)
            else:
                with pytest.raises(IndexError):
                    edge.node(level, position)
    for index in range(size // 256):
        assert edge.node(8, index) == read_node(8, index)
    for level, position in [(0, size), (0, -1), (8, size // 256), (16, 0), (64, 0)]:
        with pytest.raises(IndexError):
            edge.node(level, position)


@given(sizes, sizes)
def test_an_edge_restored_from_its_tiles_grows_on(size: int, later: int) -> None:
    edge = _edge(LEAVES[:size])
    widths = [list(edge.partial(level)) for level in range(len(edge.rows))]
    restored = Edge.restored(size, widths)
    assert restored == edge
    assert restored.append(LEAVES[size:later]) == edge.append(LEAVES[size:later])
    assert restored.root() == edge.root() == mth(0, max(size, later))


@given(sizes, sizes)
def test_a_copy_grows_apart(size: int, later: int) -> None:
    edge = _edge(LEAVES[:size])
    copy = edge.copy()
    assert copy == edge
    copy.append(LEAVES[size:later])
    assert edge == _edge(LEAVES[:size])
    assert copy.root() == mth(0, max(size, later))


# Proofs of inclusion


def test_small_trees_have_the_audit_paths_of_the_rfc() -> None:
    for size in range(1, 41):
        for index in range(size):
            proof = prove_inclusion(index, size, read_node)
            assert proof == audit_path(index, 0, size)
            verify_inclusion(index, size, LEAVES[index], proof, mth(0, size))


@given(sizes, st.data())
def test_any_tree_has_the_audit_paths_of_the_rfc(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, read_node)
    assert proof == audit_path(index, 0, size)
    leaf, root = LEAVES[index], mth(0, size)
    verify_inclusion(index, size, leaf, proof, root)
    for bad in _damaged(proof):
        with pytest.raises(ProofInvalid):
            verify_inclusion(index, size, leaf, bad, root)
    for bad_leaf, bad_root in [
        (OTHER, root),
        (leaf, OTHER),
        (leaf[:-1], root),
        (leaf, root + b"\0"),
    ]:
        with pytest.raises(ProofInvalid):
            verify_inclusion(index, size, bad_leaf, proof, bad_root)
    if size > 1:
        with pytest.raises(ProofInvalid):
            verify_inclusion((index + 1) % size, size, leaf, proof, root)


def _damaged(proof: list[bytes]) -> list[list[bytes]]:
    """Return proofs that each differ in one way."""
    bad = [[*proof, OTHER], [OTHER, *proof]]
    for place, value in enumerate(proof):
        before, after = proof[:place], proof[place + 1 :]
        flipped = bytes([value[0] ^ 1]) + value[1:]
        bad += [
            before + after,
            [*before, flipped, *after],
            [*before, value[:-1], *after],
            [*before, value + b"\0", *after],
            [*before, b"", *after],
        ]
    return bad


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 1), (1, 1), (8, 8), (9, 8)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofInvalid, match="no leaf"):
        prove_inclusion(index, size, read_node)
    with pytest.raises(ProofInvalid, match="no leaf"):
        verify_inclusion(index, size, OTHER, [], OTHER)


def test_the_largest_tree_is_not_too_large_and_one_more_is() -> None:
    root = OTHER
    for _ in range(63):
        root = node_hash(root, OTHER)
    verify_inclusion(0, TREE_SIZE_MAX, OTHER, [OTHER] * 63, root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(0, TREE_SIZE_MAX, OTHER, [OTHER] * 64, root)
    with pytest.raises(ProofInvalid, match="no leaf"):
        verify_inclusion(0, TREE_SIZE_MAX + 1, OTHER, [OTHER] * 63, root)
    with pytest.raises(ProofInvalid):
        verify_consistency(1, TREE_SIZE_MAX + 1, OTHER, root, [OTHER] * 63)
    verify_consistency(1, TREE_SIZE_MAX, OTHER, root, [OTHER] * 63)
    verify_subtree_consistency(0, 1, TREE_SIZE_MAX, OTHER, root, [OTHER] * 63)
    with pytest.raises(ProofInvalid, match="not in a tree"):
        verify_subtree_consistency(0, 1, TREE_SIZE_MAX + 1, OTHER, root, [OTHER] * 63)


# Proofs of consistency


def test_small_trees_have_the_consistency_proofs_of_the_rfc() -> None:
    for size in range(1, 41):
        for old in range(1, size + 1):
            proof = prove_consistency(old, size, read_node)
            assert proof == TREE.proof(0, old, (0, size))
            verify_consistency(old, size, mth(0, old), mth(0, size), proof)


@given(sizes, st.data())
def test_any_two_trees_have_the_consistency_proof_of_the_rfc(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size))
    proof = prove_consistency(old, size, read_node)
    assert proof == TREE.proof(0, old, (0, size))
    old_root, root = mth(0, old), mth(0, size)
    verify_consistency(old, size, old_root, root, proof)
    for bad in _damaged(proof):
        with pytest.raises(ProofInvalid):
            verify_consistency(old, size, old_root, root, bad)
    for bad_old, bad_root in [(OTHER, root), (old_root, OTHER), (b"", root)]:
        with pytest.raises(ProofInvalid):
            verify_consistency(old, size, bad_old, bad_root, proof)


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_no_proof_verifies_from_nothing_or_backwards(old: int, size: int) -> None:
    with pytest.raises(ProofInvalid):
        verify_consistency(old, size, EMPTY_ROOT, mth(0, max(size, 0)), [])


def test_the_prover_says_nothing_of_the_empty_tree_and_refuses_to_shrink() -> None:
    assert prove_consistency(0, 0, read_node) == []
    assert prove_consistency(0, 9, read_node) == []
    assert prove_consistency(9, 9, read_node) == []
    with pytest.raises(ProofInvalid):
        prove_consistency(9, 8, read_node)
    with pytest.raises(ProofInvalid):
        prove_consistency(-1, 8, read_node)


def test_two_roots_of_one_size_must_be_equal() -> None:
    verify_consistency(5, 5, mth(0, 5), mth(0, 5), [])
    with pytest.raises(ProofInvalid):
        verify_consistency(5, 5, mth(0, 5), OTHER, [])
    with pytest.raises(ProofInvalid):
        verify_consistency(5, 5, mth(0, 5), mth(0, 5), [OTHER])


# Subtrees


def _ranges_on_the_right(start: int, end: int) -> set[tuple[int, int]]:
    """Return every range that the tree of [start, end) is made of and ends with it."""
    if end - start == 1:
        return {(start, end)}
    middle = start + split(end - start)
    return {(start, end), *_ranges_on_the_right(middle, end)}


def test_a_range_is_a_subtree_if_the_tree_that_ends_with_it_is_made_of_it() -> None:
    for end in range(1, 130):
        expected = {start for start, _ in _ranges_on_the_right(0, end)}
        assert {start for start in range(end) if is_subtree(start, end)} == expected


def test_the_largest_tree_is_a_subtree() -> None:
    assert is_subtree(0, TREE_SIZE_MAX)
    assert is_subtree(TREE_SIZE_MAX - 1, TREE_SIZE_MAX)


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 0), (4, 4), (5, 4), (-2, 0), (1, 3), (2, 5), (0, TREE_SIZE_MAX + 1)],
)
def test_other_ranges_are_no_subtrees(start: int, end: int) -> None:
    assert not is_subtree(start, end)
    with pytest.raises(ProofInvalid):
        verify_subtree_inclusion(start, start, end, OTHER, [], OTHER)
    with pytest.raises(ProofInvalid):
        prove_subtree_consistency(start, end, TREE_SIZE_MAX, read_node)


def test_small_trees_have_the_subtree_proofs_of_the_draft() -> None:
    for size in range(1, 34):
        root = mth(0, size)
        for end in range(1, size + 1):
            for start in (n for n in range(end) if is_subtree(n, end)):
                proof = prove_subtree_consistency(start, end, size, read_node)
                assert proof == TREE.proof(start, end, (0, size))
                of_subtree = mth(start, end)
                verify_subtree_consistency(start, end, size, of_subtree, root, proof)


@given(sizes, st.integers(0, 9), st.data())
def test_any_subtree_has_the_proof_of_the_draft(
    size: int, level: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, (size - 1) >> level)) << level
    end = data.draw(st.integers(start + 1, min(start + (1 << level), size)))
    proof = prove_subtree_consistency(start, end, size, read_node)
    assert proof == TREE.proof(start, end, (0, size))
    of_subtree, root = mth(start, end), mth(0, size)
    verify_subtree_consistency(start, end, size, of_subtree, root, proof)
    for bad in _damaged(proof):
        with pytest.raises(ProofInvalid):
            verify_subtree_consistency(start, end, size, of_subtree, root, bad)
    with pytest.raises(ProofInvalid):
        verify_subtree_consistency(start, end, size, OTHER, root, proof)
    with pytest.raises(ProofInvalid):
        verify_subtree_consistency(start, end, size, of_subtree, OTHER, proof)


@given(st.integers(0, 9), st.data())
def test_a_leaf_is_proven_to_be_in_its_subtree(level: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, (SIZE_MAX - 1) >> level)) << level
    end = data.draw(st.integers(start + 1, min(start + (1 << level), SIZE_MAX)))
    index = data.draw(st.integers(start, end - 1))
    proof = audit_path(index, start, end)
    of_subtree = mth(start, end)
    verify_subtree_inclusion(index, start, end, LEAVES[index], proof, of_subtree)
    for outside in (start - 1, end):
        with pytest.raises(ProofInvalid):
            verify_subtree_inclusion(
                outside, start, end, LEAVES[index], proof, of_subtree
            )


def test_no_leaves_are_part_of_every_tree() -> None:
    verify_subtree_consistency(0, 0, 5, EMPTY_ROOT, OTHER, [])
    verify_subtree_consistency(3, 3, 5, EMPTY_ROOT, OTHER, [])
    with pytest.raises(ProofInvalid):
        verify_subtree_consistency(3, 3, 5, OTHER, OTHER, [])
    with pytest.raises(ProofInvalid):
        verify_subtree_consistency(3, 3, 5, EMPTY_ROOT, OTHER, [OTHER])


def test_a_subtree_is_no_part_of_a_tree_that_ends_before_it() -> None:
    with pytest.raises(ProofInvalid, match="not in a tree"):
        prove_subtree_consistency(4, 8, 7, read_node)
    with pytest.raises(ProofInvalid, match="not in a tree"):
        verify_subtree_consistency(4, 8, 7, mth(4, 8), mth(0, 7), [])
