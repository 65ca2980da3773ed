"""What independent implementations sign, store and prove, ours verifies; and back."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.proof import TlogProof
from assent.translog.formats.signed_head import (
    cosigners_of,
    sign_tree_head,
    verify_tree_head,
)
from assent.translog.formats.tiles import (
    TileAddress,
    encode_bundle,
    parse_tile_path,
    tiles_of,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import (
    EMPTY_ROOT,
    Edge,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    range_hash,
    verify_consistency,
    verify_inclusion,
)
from assent.translog.verify import verify_proof

pb = pytest.importorskip(
    "proofbundle.checkpoint", reason="proofbundle is not installed"
)
pb_proof = pytest.importorskip("proofbundle.tlogproof")
pb_merkle = pytest.importorskip("proofbundle.merkle")
ts = pytest.importorskip("tlog_scales.tlog", reason="tlog-scales is not installed")
ts_backend = pytest.importorskip("tlog_scales.backend")
ts_reader = pytest.importorskip("tlog_scales.reader")
ts_signing = pytest.importorskip("tlog_scales.signing")
ts_writer = pytest.importorskip("tlog_scales.writer")

ORIGIN = "log.example/elsewhere"
SEED = bytes(range(32))
LOG = make_signing_key(ORIGIN, KeyKind.ED25519, SEED)
ML_DSA_LOG = make_signing_key(ORIGIN, KeyKind.ML_DSA_44_COSIGNATURE, SEED)
W1 = make_signing_key("w1.example", KeyKind.ED25519_COSIGNATURE, bytes(32))
W2 = make_signing_key("w2.example", KeyKind.ML_DSA_44_COSIGNATURE, bytes(32))
TIME_S = 1_760_000_000
ENTRIES = [f"entry {number}".encode() * (number % 5) for number in range(700)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def _node(level: int, position: int) -> bytes:
    edge = Edge()
    edge.append(LEAVES[position << level : (position + 1) << level])
    return edge.root()


def _head(size: int) -> TreeHead:
    root = range_hash(0, size, _node) if size else EMPTY_ROOT
    return TreeHead(ORIGIN, size, root)


HEAD = _head(14)


# They sign, we verify


def test_keys_are_spelled_alike() -> None:
    for key in (LOG, ML_DSA_LOG, W1, W2):
        public = key.verifier.public_key
        theirs = ts_signing.Vkey(key.name, None, int(key.kind), public)
        assert theirs.serialize() == key.verifier.text
    assert pb.vkey(ORIGIN, LOG.verifier.public_key) == LOG.verifier.text
    assert pb.cosign_vkey(W1.name, W1.verifier.public_key) == W1.verifier.text
    assert pb.cosign_vkey_mldsa(W2.name, W2.verifier.public_key) == W2.verifier.text


def test_a_tree_head_signed_by_proofbundle_is_byte_for_byte_ours() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    note = pb.sign_checkpoint(ORIGIN, HEAD.size, HEAD.root, key, ORIGIN)
    assert note.encode() == sign_tree_head(HEAD, [LOG], TIME_S).encoded


def test_a_tree_head_cosigned_by_proofbundle_is_cosigned() -> None:
    note = sign_tree_head(HEAD, [LOG], TIME_S).encoded.decode()
    ed25519 = Ed25519PrivateKey.from_private_bytes(W1.seed)
    note = pb.cosign_checkpoint(note, ed25519, W1.name, TIME_S)
    ml_dsa = MLDSA44PrivateKey.from_seed_bytes(W2.seed)
    note = pb.cosign_checkpoint_mldsa(note, ml_dsa, W2.name, TIME_S + 1)
    signed = verify_tree_head(note.encode(), origin=ORIGIN, log_keys=[LOG.verifier])
    assert cosigners_of(signed, [W1.verifier, W2.verifier]) == {
        W1.verifier: TIME_S,
        W2.verifier: TIME_S + 1,
    }


def test_a_tree_head_signed_by_tlog_scales_is_believed() -> None:
    signers = [
        ts_signing.PlainEd25519Signer(ORIGIN, LOG.seed),
        ts_signing.MLDSA44CosignatureSigner(ORIGIN, ML_DSA_LOG.seed),
        ts_signing.MLDSA44CosignatureSigner(W2.name, W2.seed),
    ]
    text = ts.Checkpoint.make_signed(ORIGIN, HEAD.size, HEAD.root, signers).serialize()
    for key in (LOG, ML_DSA_LOG):
        signed = verify_tree_head(text.encode(), origin=ORIGIN, log_keys=[key.verifier])
        assert signed.head == HEAD
    assert cosigners_of(signed, [W2.verifier])[W2.verifier] > TIME_S - 1


# We sign, they verify


@pytest.mark.parametrize(
    "key", [LOG, ML_DSA_LOG, W1, W2], ids=lambda key: f"{key.name}-{key.kind}"
)
def test_what_we_sign_both_verify(key: SigningKey) -> None:
    signed = sign_tree_head(HEAD, [LOG], TIME_S)
    if key is not LOG:
        signed = signed.with_signatures(cosign(HEAD, key, TIME_S))
    text = signed.encoded.decode()
    ts.Checkpoint.from_text(text).verify(ts_signing.Vkey.from_string(key.verifier.text))
    verify = pb.verify_checkpoint if key is LOG else pb.verify_cosignature
    answer = verify(text, key.verifier.text)
    assert (answer["ok"], answer["tree_size"], answer["root"]) == (True, 14, HEAD.root)


# Logs as files


@pytest.mark.parametrize(
    "batches", [[1], [14], [255, 1, 1], [256], [300, 400]], ids=str
)
def test_a_log_written_by_tlog_scales_has_the_files_that_ours_has(
    batches: list[int], tmp_path: Path
) -> None:
    writer = ts_writer.TilesWriter.create(tmp_path / "log", ORIGIN)
    size = 0
    for batch in batches:
        for entry in ENTRIES[size : size + batch]:
            writer.add_leaf(entry)
        size += batch
        writer.commit([ts_signing.PlainEd25519Signer(ORIGIN, LOG.seed)], gc=False)
    written = (tmp_path / "log" / "checkpoint").read_bytes()
    assert written == sign_tree_head(_head(size), [LOG], TIME_S).encoded
    ours = {address.path: _file(address) for address in tiles_of(size)}
    theirs = {path: (tmp_path / "log" / path).read_bytes() for path in ours}
    assert theirs == ours
    for path in (tmp_path / "log" / "tile").rglob("*"):
        if path.is_file():  # also those of the sizes in between
            address = parse_tile_path(path.relative_to(tmp_path / "log").as_posix())
            assert path.read_bytes() == _file(address)


def _file(address: TileAddress) -> bytes:
    start = address.index * 256
    places = range(start, start + address.width)
    if address.level is None:
        return encode_bundle([ENTRIES[place] for place in places])
    return b"".join(_node(8 * address.level, place) for place in places)


def _their_reader(folder: Path, size: int) -> Any:  # noqa: ANN401 - a class of theirs
    """Return their reader on a log that we wrote."""
    for address in tiles_of(size):
        path = folder / address.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_file(address))
    head = sign_tree_head(_head(size), [LOG], TIME_S)
    (folder / "checkpoint").write_bytes(head.encoded)
    reader = ts_reader.TilesReader(ts_backend.LocalBackend(folder))
    assert reader.get_checkpoint().root_hash == head.head.root
    return reader


def test_a_log_written_by_us_is_read_and_proven_by_tlog_scales(tmp_path: Path) -> None:
    size = 700
    reader = _their_reader(tmp_path, size)
    assert reader.calculate_root_hash() == _head(size).root
    for index in (0, 1, 255, 256, 511, 512, 698, 699):
        assert reader.get_entry(index) == ENTRIES[index]
        proof = reader.get_inclusion_proof(index, size)
        assert proof.node_hashes == prove_inclusion(index, size, _node)
        verify_inclusion(
            index, size, LEAVES[index], proof.node_hashes, _head(size).root
        )
    for old_size in (1, 2, 255, 256, 257, 512, 513, 699, 700):
        proof = reader.get_consistency_proof(old_size, size)
        assert proof.node_hashes == prove_consistency(old_size, size, _node)
        verify_consistency(
            old_size, size, _head(old_size).root, _head(size).root, proof.node_hashes
        )


# Proofs


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 14, 33])
def test_our_proofs_are_verified_by_both(size: int) -> None:
    root = _head(size).root
    for index in range(size):
        hashes = prove_inclusion(index, size, _node)
        ts.InclusionProof(index, size, hashes).check(LEAVES[index], root)
        assert pb_merkle.verify_inclusion(ENTRIES[index], index, size, hashes, root)
        assert hashes == pb_merkle.inclusion_proof(ENTRIES[:size], index)
    for old_size in range(1, size + 1):
        hashes = prove_consistency(old_size, size, _node)
        old_root = _head(old_size).root
        ts.ConsistencyProof(old_size, size, hashes).check(old_root, root)
        assert pb_merkle.verify_consistency(old_size, size, hashes, old_root, root)
        assert hashes == pb_merkle.consistency_proof(ENTRIES[:size], old_size)


def test_a_proof_file_of_proofbundle_is_byte_for_byte_ours_and_verifies() -> None:
    signed = sign_tree_head(HEAD, [LOG], TIME_S)
    signed = signed.with_signatures(cosign(HEAD, W1, TIME_S), cosign(HEAD, W2, TIME_S))
    hashes = tuple(prove_inclusion(9, 14, _node))
    text = pb_proof.format_tlog_proof(
        9, hashes, signed.encoded.decode(), extra=ENTRIES[9]
    )
    proof = TlogProof(index=9, hashes=hashes, signed=signed, extra=ENTRIES[9])
    assert text.encode() == proof.encoded
    policy = parse_policy(
        f"log {LOG.verifier.text}\nwitness X1 {W1.verifier.text}\n"
        f"witness X2 {W2.verifier.text}\ngroup both all X1 X2\nquorum both\n".encode()
    )
    found = verify_proof(text.encode(), policy)
    assert (found.entry, found.index) == (ENTRIES[9], 9)
    assert found.cosigners == {"X1": TIME_S, "X2": TIME_S}
    answer = pb_proof.verify_tlog_proof(
        proof.encoded.decode(),
        ENTRIES[9],
        LOG.verifier.text,
        [W1.verifier.text, W2.verifier.text],
        threshold=2,
        expected_origin=ORIGIN,
    )
    assert answer["ok"]
