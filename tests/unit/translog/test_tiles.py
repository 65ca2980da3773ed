"""Tiles and entry bundles: which there are, where they are, and what is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import EntryTooLarge, TileMalformed
from assent.translog.formats import tiles
from assent.translog.formats.tiles import (
    ENTRY_BYTES_MAX,
    TILE_WIDTH,
    TileAddress,
    encode_bundle,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tiles_of,
    width_at,
)

addresses = st.builds(
    TileAddress,
    st.one_of(st.none(), st.integers(0, 7)),
    st.one_of(st.integers(0, 3000), st.integers(0, 2**63 - 1)),
    st.integers(1, 256),
)


def test_the_paths_of_the_docstring_are_read() -> None:
    paths, _ = literals(tiles)
    assert [parse_tile_path(row.split()[0]) for row in paths.splitlines()] == [
        TileAddress(0, 1_234_067),
        TileAddress(1, 4, 17),
        TileAddress(None, 0, 3),
    ]


def test_the_bundle_of_the_docstring_is_read() -> None:
    _, bundle = literals(tiles)
    data = bytes.fromhex(bundle)
    assert parse_bundle(data, 3) == [b"one", b"two", b"three"]
    assert encode_bundle([b"one", b"two", b"three"]) == data


# Paths


@given(addresses)
def test_a_path_comes_back(address: TileAddress) -> None:
    assert parse_tile_path(address.path) == address
    assert address.full.path == address.path.partition(".p/")[0]
    assert address.is_partial == (address.full != address)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/X001/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile//0/000",
        "tile/0/../0/000",
        "tile/0/000\n",
        "tile/0/00\N{ARABIC-INDIC DIGIT ZERO}",
        "tile/00/000",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/Entries/000",
        "tile/entries/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/-1",
        "tile/0/000.p/1/1",
        "tile/0/000.P/1",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/" + "x001/" * 10 + "000",
        "tile/0/" + "x000/" * 10_000 + "000",
    ],
    ids=lambda path: ascii(path)[:40],
)
def test_other_spellings_of_a_path_are_refused(path: str) -> None:
    with pytest.raises(TileMalformed) as refusal:
        parse_tile_path(path)
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    ("index", "spelled"),
    [
        (0, "000"),
        (999, "999"),
        (1000, "x001/000"),
        (1001, "x001/001"),
        (999_999, "x999/999"),
        (1_000_000, "x001/x000/000"),
    ],
)
def test_an_index_is_spelled_in_groups_of_three(index: int, spelled: str) -> None:
    assert TileAddress(0, index).path == f"tile/0/{spelled}"
    assert parse_tile_path(f"tile/0/{spelled}") == TileAddress(0, index)


def test_the_largest_index_has_a_path() -> None:
    path = "tile/0/x009/x223/x372/x036/x854/x775/807"
    assert parse_tile_path(path) == TileAddress(0, 2**63 - 1)


# Which tiles there are


def test_a_tree_of_seventy_thousand_is_laid_out_as_the_specification_says() -> None:
    found = [a for a in tiles_of(70_000) if a.level is not None]
    assert found == [
        *(TileAddress(0, index) for index in range(273)),
        TileAddress(0, 273, 112),
        TileAddress(1, 0),
        TileAddress(1, 1, 17),
        TileAddress(2, 0, 1),
    ]
    assert [a for a in tiles_of(256) if a.level is not None] == [
        TileAddress(0, 0),
        TileAddress(1, 0, 1),
    ]


def _tiles_by_definition(size: int) -> set[TileAddress]:
    """Return the tiles of a tree: floor(size / 256**level) hashes a level, cut up."""
    found = set()
    for level in (None, *range(8)):
        hashes = size // 256 ** (level or 0)
        full, width = divmod(hashes, 256)
        found |= {TileAddress(level, index) for index in range(full)}
        found |= {TileAddress(level, full, width)} if width else set()
    return found


@given(st.integers(0, 200_000))
def test_a_tree_has_the_tiles_of_the_definition(size: int) -> None:
    found = list(tiles_of(size))
    assert set(found) == _tiles_by_definition(size)
    assert len(set(found)) == len(found)


@given(st.integers(0, 140_000), st.integers(0, 1000))
def test_growing_adds_the_tiles_that_were_not_there(since: int, more: int) -> None:
    size = since + more
    expected = _tiles_by_definition(size) - _tiles_by_definition(since)
    assert set(tiles_of(size, since=since)) == expected


@pytest.mark.parametrize("since", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537])
@pytest.mark.parametrize("more", [0, 1, 255, 256, 65_536])
def test_growing_across_the_edges_of_tiles(since: int, more: int) -> None:
    size = since + more
    expected = _tiles_by_definition(size) - _tiles_by_definition(since)
    assert set(tiles_of(size, since=since)) == expected


def test_one_entry_can_fill_a_tile_of_every_level() -> None:
    size = 2**56
    found = list(tiles_of(size, since=size - 1))
    assert [(a.level, a.width) for a in found] == [
        (None, 256),
        *((level, 256) for level in range(7)),
        (7, 1),
    ]


def test_bundles_and_lower_levels_come_first() -> None:
    levels = [-1 if a.level is None else a.level for a in tiles_of(70_000)]
    assert levels == sorted(levels)


def test_the_tiles_of_the_largest_tree_can_be_counted_one_by_one() -> None:
    size = 2**63 - 1
    newest = list(tiles_of(size, since=size - 1))
    assert [(a.level, a.width) for a in newest] == [(None, 255), (0, 255)]
    assert width_at(7, 0, size) == 127
    assert width_at(0, size // 256, size) == 255


@given(addresses, st.integers(0, 2**63 - 1))
def test_a_width_is_what_the_tree_leaves_for_a_tile(
    address: TileAddress, size: int
) -> None:
    width = width_at(address.level, address.index, size)
    hashes = size // 256 ** (address.level or 0)
    assert 0 <= width <= TILE_WIDTH
    assert (width == 0) == (hashes <= address.index * 256)
    assert (width == 256) == (hashes >= (address.index + 1) * 256)


# What is in them


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
def test_a_tile_comes_back(hashes: list[bytes]) -> None:
    data = b"".join(hashes)
    assert parse_tile(data, len(hashes)) == hashes
    for width in (len(hashes) - 1, len(hashes) + 1):
        with pytest.raises(TileMalformed):
            parse_tile(data, width)
    for other in (data[:-1], data + b"\0"):
        with pytest.raises(TileMalformed):
            parse_tile(other, len(hashes))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert parse_bundle(data, len(entries)) == entries
    for other in [data[:-1], data + b"\0", data + b"\0\0", data + b"\0\1a"]:
        if other != data:
            with pytest.raises(TileMalformed):
                parse_bundle(other, len(entries))
    with pytest.raises(TileMalformed):
        parse_bundle(data, len(entries) + 1)


@given(st.binary(max_size=60), st.integers(1, 256))
def test_any_bytes_are_a_bundle_or_refused_by_an_error_of_ours(
    data: bytes, width: int
) -> None:
    try:
        entries = parse_bundle(data, width)
    except TileMalformed as error:
        assert error.remedy
    else:
        assert (encode_bundle(entries), len(entries)) == (data, width)


def test_the_longest_entry_fits_and_one_more_byte_does_not() -> None:
    longest = b"x" * ENTRY_BYTES_MAX
    data = encode_bundle([longest, b""])
    assert data.startswith(b"\xff\xff")
    assert parse_bundle(data, 2) == [longest, b""]
    with pytest.raises(EntryTooLarge, match="65,535"):
        encode_bundle([longest + b"x"])


def test_empty_entries_are_entries() -> None:
    assert parse_bundle(bytes(6), 3) == [b"", b"", b""]
    with pytest.raises(TileMalformed):
        parse_bundle(bytes(6), 2)
    with pytest.raises(TileMalformed):
        parse_bundle(b"\0", 1)
