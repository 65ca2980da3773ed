"""A tree head is believed by the signature of a trusted key, and by nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    NoteMalformed,
    TreeHeadMalformed,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats import signed_head
from assent.translog.formats.cosignature import cosign, cosign_subtree
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.note import Note, SignatureLine
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    log_keys_that_signed,
    parse_signed_head,
    sign_tree_head,
    verify_tree_head,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import EMPTY_ROOT
from assent.vocabulary import SignatureInvalid

ORIGIN = "agency.example/log"
HEAD = TreeHead(ORIGIN, 20852163, bytes(range(32)))
OTHER_HEAD = TreeHead(ORIGIN, 20852164, bytes(range(32)))
TIME_S = 1679315147


def _key(name: str, kind: KeyKind, seed: int = 1) -> SigningKey:
    return make_signing_key(name, kind, bytes([seed]) * 32)


LOG = _key(ORIGIN, KeyKind.ED25519)
OLD_LOG = _key(ORIGIN, KeyKind.ED25519, seed=2)
ML_DSA_LOG = _key(ORIGIN, KeyKind.ML_DSA_44_COSIGNATURE, seed=3)
W1 = _key("w1.example", KeyKind.ED25519_COSIGNATURE, seed=4)
W2 = _key("w2.example", KeyKind.ML_DSA_44_COSIGNATURE, seed=5)
SIGNED = sign_tree_head(HEAD, [LOG], TIME_S)


def _verified(signed: SignedTreeHead, *keys: SigningKey) -> SignedTreeHead:
    trusted = [key.verifier for key in keys]
    return verify_tree_head(signed.encoded, origin=ORIGIN, log_keys=trusted)


def test_the_signed_tree_head_of_the_docstring_is_read() -> None:
    (literal,) = literals(signed_head)
    signed = parse_signed_head(literal.encode())
    assert signed.head.size == 20852163
    assert signed.note.signatures[0].name == signed.head.origin
    assert signed.encoded == literal.encode()


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.sampled_from([LOG, OLD_LOG, ML_DSA_LOG]), min_size=1, max_size=3),
    st.integers(1, 2**63 - 1),
)
def test_what_is_signed_is_believed_by_each_key_alone(
    size: int, keys: list[SigningKey], time_s: int
) -> None:
    head = TreeHead(ORIGIN, size, bytes(32) if size else EMPTY_ROOT)
    signed = sign_tree_head(head, keys, time_s)
    for key in keys:
        assert _verified(signed, key) == signed
    assert parse_signed_head(signed.encoded) == signed


def test_a_tree_head_of_another_log_is_refused() -> None:
    with pytest.raises(WrongOrigin, match="other"):
        verify_tree_head(SIGNED.encoded, origin="other", log_keys=[LOG.verifier])


def test_a_tree_head_that_no_trusted_key_signed_is_refused() -> None:
    for trusted in ([], [OLD_LOG], [ML_DSA_LOG], [OLD_LOG, W1]):
        with pytest.raises(TreeHeadUnsigned):
            _verified(SIGNED, *trusted)


def test_the_same_key_under_another_name_or_for_another_use_is_not_trusted() -> None:
    renamed = _key("agency.example/log2", KeyKind.ED25519)
    for_witnesses = _key(ORIGIN, KeyKind.ED25519_COSIGNATURE)
    for key in (renamed, for_witnesses):
        with pytest.raises(TreeHeadUnsigned):
            _verified(SIGNED, key)


def test_lines_by_unknown_keys_are_ignored_whatever_they_say() -> None:
    noise = [
        SignatureLine(ORIGIN, b"\0\0\0\0", b"x"),
        SignatureLine("nobody.example", LOG.verifier.key_id, bytes(64)),
        SignatureLine("w1.example", W1.verifier.key_id, b"short"),
    ]
    signed = SIGNED.with_signatures(*noise)
    assert _verified(signed, LOG).note.signatures[1:] == tuple(noise)


def test_a_line_by_a_known_key_that_fails_spoils_the_note() -> None:
    forged = SignatureLine(ORIGIN, LOG.verifier.key_id, bytes(64))
    with pytest.raises(SignatureInvalid):
        _verified(SIGNED.with_signatures(forged), LOG)
    also_old = sign_tree_head(HEAD, [LOG, OLD_LOG], TIME_S)
    bad_old = SignatureLine(ORIGIN, OLD_LOG.verifier.key_id, bytes(64))
    with pytest.raises(SignatureInvalid):
        _verified(also_old.with_signatures(bad_old), LOG, OLD_LOG)
    assert _verified(also_old.with_signatures(bad_old), LOG)


@pytest.mark.parametrize("signature", [b"x", bytes(63), bytes(65), bytes(72)])
def test_a_line_by_a_known_key_of_another_length_spoils_the_note(
    signature: bytes,
) -> None:
    forged = SignatureLine(ORIGIN, LOG.verifier.key_id, signature)
    with pytest.raises(SignatureInvalid):
        _verified(SIGNED.with_signatures(forged), LOG)


def test_a_failing_cosignature_by_the_logs_own_key_spoils_the_note() -> None:
    signed = sign_tree_head(HEAD, [ML_DSA_LOG], TIME_S)
    of_other = cosign(OTHER_HEAD, ML_DSA_LOG, TIME_S)
    timeless = cosign_subtree(ORIGIN, 0, HEAD.size, HEAD.root, ML_DSA_LOG)
    for line in (of_other, timeless):
        with pytest.raises(SignatureInvalid):
            _verified(signed.with_signatures(line), ML_DSA_LOG)


def test_a_tree_without_entries_has_the_empty_root() -> None:
    wrong = sign_tree_head(TreeHead(ORIGIN, 0, bytes(32)), [LOG], TIME_S)
    with pytest.raises(TreeHeadMalformed, match="no entries"):
        _verified(wrong, LOG)
    right = sign_tree_head(TreeHead(ORIGIN, 0, EMPTY_ROOT), [LOG], TIME_S)
    assert _verified(right, LOG).head.size == 0


def test_what_is_no_tree_head_is_refused() -> None:
    with pytest.raises(NoteMalformed):
        parse_signed_head(b"nothing")
    with pytest.raises(TreeHeadMalformed):
        parse_signed_head(SIGNED.encoded.replace(b"20852163", b"020852163"))


@given(st.integers(0, len(SIGNED.encoded) * 8 - 1))
def test_one_other_bit_anywhere_is_not_believed(bit: int) -> None:
    data = bytearray(SIGNED.encoded)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(
        (
            NoteMalformed,
            TreeHeadMalformed,
            WrongOrigin,
            TreeHeadUnsigned,
            SignatureInvalid,
        )
    ):
        verify_tree_head(bytes(data), origin=ORIGIN, log_keys=[LOG.verifier])


def test_log_keys_that_signed_are_named() -> None:
    signed = sign_tree_head(HEAD, [LOG, ML_DSA_LOG], TIME_S)
    keys = [OLD_LOG.verifier, ML_DSA_LOG.verifier, LOG.verifier]
    assert log_keys_that_signed(signed, keys) == keys[1:]


def test_cosigners_are_counted_once_with_their_latest_time() -> None:
    signed = SIGNED.with_signatures(
        cosign(HEAD, W1, TIME_S + 5),
        cosign(HEAD, W1, TIME_S),
        cosign(HEAD, W2, TIME_S + 1),
    )
    keys = [W1.verifier, W2.verifier]
    assert cosigners_of(signed, keys) == {
        W1.verifier: TIME_S + 5,
        W2.verifier: TIME_S + 1,
    }
    assert cosigners_of(signed, []) == {}
    assert cosigners_of(SIGNED, keys) == {}


@pytest.mark.parametrize("witness", [W1, W2], ids=["Ed25519", "ML-DSA-44"])
def test_a_false_cosignature_by_a_known_witness_is_an_error(
    witness: SigningKey,
) -> None:
    copied = SIGNED.with_signatures(cosign(OTHER_HEAD, witness, TIME_S))
    with pytest.raises(CosignatureInvalid):
        cosigners_of(copied, [witness.verifier])
    line = SignatureLine(witness.name, witness.verifier.key_id, b"cut")
    with pytest.raises(CosignatureMalformed):
        cosigners_of(SIGNED.with_signatures(line), [witness.verifier])


def test_nobody_vouches_for_a_line_that_a_stranger_added() -> None:
    signed = sign_tree_head(HEAD, [LOG, ML_DSA_LOG], TIME_S)
    line = next(x for x in signed.note.signatures if x.is_by(ML_DSA_LOG.verifier))
    head = replace(HEAD, extensions=("every permit is void",))
    forged = SignedTreeHead(head, Note(head.text, (line,)))
    assert log_keys_that_signed(forged, [LOG.verifier, ML_DSA_LOG.verifier]) == []
    with pytest.raises(TreeHeadUnsigned):
        _verified(forged, LOG, ML_DSA_LOG)
    meant = sign_tree_head(head, [LOG, ML_DSA_LOG], TIME_S)
    assert _verified(meant, LOG, ML_DSA_LOG).head == head
