"""A log that other software wrote: we make every file of it again, byte for byte."""

from pathlib import Path

import pytest

from assent.translog.errors import TreeHeadUnsigned, WrongOrigin
from assent.translog.formats.keys import parse_verifier_key
from assent.translog.formats.signed_head import SignedTreeHead, verify_tree_head
from assent.translog.formats.tiles import (
    TileAddress,
    encode_bundle,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tiles_of,
)
from assent.translog.merkle import (
    Edge,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from assent.vocabulary import SignatureInvalid

LOG = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "tessera" / "log"
KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIZE = 15

pytestmark = pytest.mark.skipif(
    not LOG.is_dir(), reason="the published tiled log is not beside us"
)


def _entries() -> list[bytes]:
    newest = TileAddress(None, 0, SIZE)
    return parse_bundle((LOG / newest.path).read_bytes(), SIZE)


def _edge(size: int) -> Edge:
    edge = Edge()
    edge.append(leaf_hash(entry) for entry in _entries()[:size])
    return edge


def _believed(size: int) -> SignedTreeHead:
    key = parse_verifier_key(KEY)
    data = (LOG / f"checkpoint.{size}").read_bytes()
    return verify_tree_head(data, origin=key.name, log_keys=[key])


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_every_bundle_and_tile_is_made_again(size: int) -> None:
    entries, edge = _entries()[:size], _edge(size)
    made = {
        address.path: encode_bundle(entries)
        if address.level is None
        else b"".join(edge.partial(address.level))
        for address in tiles_of(size)
    }
    assert made == {path: (LOG / path).read_bytes() for path in made}
    assert made.keys() == {f"tile/entries/000.p/{size}", f"tile/0/000.p/{size}"}


def test_no_file_below_tile_is_left_out() -> None:
    served = {
        str(path.relative_to(LOG)) for path in LOG.rglob("tile/**/*") if path.is_file()
    }
    ours = {address.path for size in range(SIZE + 1) for address in tiles_of(size)}
    assert served == ours
    assert len(served) == 2 * SIZE


def test_every_path_and_tile_parses_to_what_it_was_made_of() -> None:
    leaves = [leaf_hash(entry) for entry in _entries()]
    for size in range(1, SIZE + 1):
        bundle, tile = tiles_of(size)
        assert parse_tile_path(bundle.path) == bundle
        assert parse_tile_path(tile.path) == tile
        data = (LOG / tile.path).read_bytes()
        assert parse_tile(data, size) == leaves[:size]
        data = (LOG / bundle.path).read_bytes()
        assert parse_bundle(data, size) == _entries()[:size]


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_every_tree_head_is_signed_and_has_our_root(size: int) -> None:
    signed = _believed(size)
    assert signed.head.size == size
    assert signed.head.root == _edge(size).root()
    assert signed.encoded == (LOG / f"checkpoint.{size}").read_bytes()


def test_the_newest_tree_head_is_the_one_served() -> None:
    heads = {path.name for path in LOG.glob("checkpoint*")}
    assert heads == {"checkpoint", *(f"checkpoint.{n}" for n in range(SIZE + 1))}
    assert (LOG / "checkpoint").read_bytes() == _believed(SIZE).encoded


def test_a_tree_head_with_another_byte_is_not_believed() -> None:
    key = parse_verifier_key(KEY)
    data = (LOG / "checkpoint").read_bytes()
    with pytest.raises(SignatureInvalid):
        verify_tree_head(
            data.replace(b"\n15\n", b"\n14\n"), origin=key.name, log_keys=[key]
        )
    with pytest.raises(WrongOrigin):
        verify_tree_head(data, origin="example.com/log", log_keys=[key])
    with pytest.raises(TreeHeadUnsigned):
        verify_tree_head(data, origin=key.name, log_keys=[])


def test_our_proofs_lead_to_the_roots_that_the_log_signed() -> None:
    leaves = [leaf_hash(entry) for entry in _entries()]
    edge = _edge(SIZE)

    for size in range(1, SIZE + 1):
        root = _believed(size).head.root
        for index in range(size):
            proof = prove_inclusion(index, size, edge.node)
            verify_inclusion(index, size, leaves[index], proof, root)
        for old_size in range(1, size + 1):
            proof = prove_consistency(old_size, size, edge.node)
            old_root = _believed(old_size).head.root
            verify_consistency(old_size, size, old_root, root, proof)
