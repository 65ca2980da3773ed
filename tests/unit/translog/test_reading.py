"""Reading a log from outside: nothing is returned that its tree head does not hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import SmallLog
from assent.translog.errors import LogUnreachable, TileDamaged, TileMalformed
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import (
    TREE_HEAD_PATH,
    encode_bundle,
    parse_tile_path,
    tiles_of,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import leaf_hash, verify_inclusion
from assent.translog.merkle.inclusion import prove_inclusion
from assent.translog.reading import VerifiedTiles, levels_of, read_tree_head

ENTRIES = [f"entry {i}".encode() for i in range(700)]


def published(size: int) -> tuple[MemoryFiles, SignedTreeHead]:
    files = MemoryFiles()
    return files, SmallLog(ENTRIES).publish(files, size)


def read_all(files: MemoryFiles, head: TreeHead) -> list[bytes]:
    """Read everything there is: each tile, and the entries, which are returned."""
    tiles = VerifiedTiles(files, head)
    entries: list[bytes] = []
    for address in tiles_of(head.size):
        if address.level is None:
            entries.extend(tiles.bundle(address.index).entries)
        else:
            tiles.tile(address.level, address.index)
    return entries


@given(st.integers(0, 700))
def test_returns_every_entry_of_the_tree_and_no_more(size: int) -> None:
    files, signed = published(size)
    assert read_all(files, signed.head) == ENTRIES[:size]


@given(st.data())
def test_gives_the_hashes_that_prove_an_entry(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    files, signed = published(size)
    tiles = VerifiedTiles(files, signed.head)
    proof = prove_inclusion(index, size, tiles.node)
    leaf = leaf_hash(ENTRIES[index])
    verify_inclusion(index, size, leaf, proof, signed.head.root)


@given(st.integers(1, 700), st.integers(0, 700))
def test_knows_the_root_at_each_earlier_size(size: int, earlier: int) -> None:
    earlier = min(size, earlier)
    files, signed = published(size)
    root = SmallLog(ENTRIES).signed(earlier).head.root
    assert VerifiedTiles(files, signed.head).root_at(earlier) == root


def test_has_no_hash_beyond_the_tree() -> None:
    files, signed = published(300)
    with pytest.raises(IndexError):
        VerifiedTiles(files, signed.head).node(0, 300)


def test_reads_a_tree_of_three_levels() -> None:
    entries = [b"%d" % i for i in range(65_536 + 257)]
    files = MemoryFiles()
    head = SmallLog(entries).publish(files).head
    tiles = VerifiedTiles(files, head)
    assert levels_of(head.size) == 3
    assert tiles.bundle(255).entries == tuple(entries[65_280:65_536])
    proof = prove_inclusion(70, head.size, tiles.node)
    verify_inclusion(70, head.size, leaf_hash(entries[70]), proof, head.root)


@given(st.integers(1, 700), st.data())
def test_one_wrong_bit_in_any_file_is_found(size: int, data: st.DataObject) -> None:
    files, signed = published(size)
    path = data.draw(st.sampled_from(sorted(set(files.contents) - {TREE_HEAD_PATH})))
    place = data.draw(st.integers(0, len(files.contents[path]) * 8 - 1))
    broken = bytearray(files.contents[path])
    broken[place // 8] ^= 1 << place % 8
    files.contents[path] = bytes(broken)
    with pytest.raises((TileDamaged, TileMalformed)):
        read_all(files, signed.head)


@given(st.integers(1, 700), st.data())
def test_a_file_of_another_length_is_malformed(size: int, data: st.DataObject) -> None:
    files, signed = published(size)
    path = data.draw(st.sampled_from(sorted(set(files.contents) - {TREE_HEAD_PATH})))
    whole = files.contents[path]
    cut = data.draw(st.integers(0, len(whole) - 1))
    is_full = not parse_tile_path(path).is_partial
    longer = [] if is_full and "entries" not in path else [whole + b"\0"]
    files.contents[path] = data.draw(st.sampled_from([whole[:cut], *longer]))
    with pytest.raises(TileMalformed):
        read_all(files, signed.head)


def test_a_tile_beyond_its_size_is_not_even_read() -> None:
    files, signed = published(700)
    files.contents["tile/0/000"] += b"\0"
    with pytest.raises(LogUnreachable):
        read_all(files, signed.head)


def test_a_whole_other_tile_that_is_sound_in_itself_is_found() -> None:
    files, signed = published(700)
    files.contents["tile/0/000"] = files.contents["tile/0/001"]
    with pytest.raises(TileDamaged, match="tile/0/000"):
        read_all(files, signed.head)


@pytest.mark.parametrize("index", [0, 2])
def test_entries_in_another_order_are_found(index: int) -> None:
    files, signed = published(700)
    path = next(a.path for a in tiles_of(700) if a.level is None and a.index == index)
    entries = ENTRIES[index * 256 : min(700, index * 256 + 256)]
    entries[3], entries[4] = entries[4], entries[3]
    files.contents[path] = encode_bundle(entries)
    with pytest.raises(TileDamaged, match="entries"):
        read_all(files, signed.head)


def test_takes_the_full_tile_where_the_partial_one_is_gone() -> None:
    files, signed = published(300)
    SmallLog(ENTRIES).publish(files, 600)
    for path in [p for p in files.contents if "/001.p/" in p]:
        del files.contents[path]
    assert read_all(files, signed.head) == ENTRIES[:300]


def test_names_the_file_that_a_log_does_not_serve() -> None:
    files, signed = published(300)
    del files.contents["tile/0/001.p/44"]
    with pytest.raises(LogUnreachable, match=r"tile/0/001\.p/44"):
        VerifiedTiles(files, signed.head)


def test_a_tree_head_that_belongs_to_other_tiles_is_refused() -> None:
    files, _ = published(300)
    other = SmallLog(ENTRIES).fork(299, [b"another"]).signed()
    with pytest.raises(TileDamaged):
        VerifiedTiles(files, other.head)


def test_a_tree_of_an_impossible_size_costs_two_reads() -> None:
    files, signed = published(300)
    files.paths_read.clear()
    with pytest.raises(LogUnreachable):
        VerifiedTiles(files, TreeHead("a", 2**63 - 1, signed.head.root))
    assert len(files.paths_read) == 2  # the partial tile, then the full one


@given(st.integers(1, 700), st.data())
def test_tells_a_good_copy_from_a_bad_one(size: int, data: st.DataObject) -> None:
    files, signed = published(size)
    tiles = VerifiedTiles(files, signed.head)
    address = data.draw(st.sampled_from(list(tiles_of(size))))
    copy = files.contents[address.path]
    tiles.verify(address, copy)
    with pytest.raises((TileDamaged, TileMalformed)):
        tiles.verify(address, copy[:-1] + bytes([copy[-1] ^ 1]))


def test_reads_the_tree_head_as_it_stands() -> None:
    files, signed = published(3)
    assert read_tree_head(files) == signed.encoded
