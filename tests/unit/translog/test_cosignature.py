"""Cosignatures cover what the specification says, byte for byte, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import CosignatureInvalid, CosignatureMalformed
from assent.translog.formats import cosignature
from assent.translog.formats.cosignature import (
    cosign,
    cosign_subtree,
    verify_cosignature,
    verify_subtree_cosignature,
)
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.note import SignatureLine, parse_signature_lines
from assent.translog.formats.tree_head import TreeHead, parse_tree_head
from assent.translog.merkle import EMPTY_ROOT
from assent.vocabulary.signatures import verify_ed25519, verify_ml_dsa_44

NAME = "witness.example.com/w1"
TIME_S = 1679315147
ROOT = bytes(range(32))
HEAD = TreeHead("example.com/behind-the-sofa", 20852163, ROOT)
ED25519 = make_signing_key(NAME, KeyKind.ED25519_COSIGNATURE, bytes(32))
ML_DSA = make_signing_key(NAME, KeyKind.ML_DSA_44_COSIGNATURE, bytes(32))
LOG_KEY = make_signing_key(NAME, KeyKind.ED25519, bytes(32))
BOTH = pytest.mark.parametrize("key", [ED25519, ML_DSA], ids=["Ed25519", "ML-DSA-44"])


def test_the_line_of_the_docstring_tells_the_time_in_its_message() -> None:
    row, message = literals(cosignature)
    (line,) = parse_signature_lines(row)
    assert line.name == NAME
    assert line.signature[:8] == TIME_S.to_bytes(8, "big")
    assert len(line.signature) == 8 + 64
    assert f"time {TIME_S}\n" in message


def test_an_ed25519_cosignature_covers_the_text_of_the_docstring() -> None:
    _, message = literals(cosignature)
    head = parse_tree_head("".join(message.splitlines(keepends=True)[2:]))
    line = cosign(head, ED25519, TIME_S)
    public_key = ED25519.verifier.public_key
    verify_ed25519(public_key, line.signature[8:], message.encode())


def _cosigned_message(  # noqa: PLR0913, PLR0917 - the fields in their order
    cosigner: str, time_s: int, origin: str, start: int, end: int, root: bytes
) -> bytes:
    """Return the structure of C2SP tlog-cosignature, field by field."""
    message = b"subtree/v1\n\0"
    message += bytes([len(cosigner.encode())]) + cosigner.encode()
    message += time_s.to_bytes(8, "big")
    message += bytes([len(origin.encode())]) + origin.encode()
    message += start.to_bytes(8, "big") + end.to_bytes(8, "big")
    return message + root


def test_an_ml_dsa_44_cosignature_covers_the_structure_without_extensions() -> None:
    head = TreeHead(HEAD.origin, HEAD.size, ROOT, ("an extension",))
    line = cosign(head, ML_DSA, TIME_S)
    message = _cosigned_message(NAME, TIME_S, HEAD.origin, 0, HEAD.size, ROOT)
    verify_ml_dsa_44(ML_DSA.verifier.public_key, line.signature[8:], message)
    assert verify_cosignature(HEAD, ML_DSA.verifier, line) == TIME_S


def test_an_ml_dsa_44_cosignature_of_a_subtree_covers_the_structure() -> None:
    line = cosign_subtree(HEAD.origin, 8, 13, ROOT, ML_DSA)
    message = _cosigned_message(NAME, 0, HEAD.origin, 8, 13, ROOT)
    verify_ml_dsa_44(ML_DSA.verifier.public_key, line.signature[8:], message)
    assert line.signature[:8] == bytes(8)


@BOTH
@given(time_s=st.integers(1, 2**63 - 1), size=st.integers(0, 2**63 - 1))
def test_what_is_cosigned_verifies_and_tells_the_time(
    key: SigningKey, time_s: int, size: int
) -> None:
    head = TreeHead(HEAD.origin, size, ROOT)
    line = cosign(head, key, time_s)
    assert (line.name, line.key_id) == (NAME, key.verifier.key_id)
    assert verify_cosignature(head, key.verifier, line) == time_s


@BOTH
def test_the_last_second_and_the_longest_origin_can_be_cosigned(
    key: SigningKey,
) -> None:
    head = TreeHead("x" * 255, 2**63 - 1, ROOT)
    line = cosign(head, key, 2**63 - 1)
    assert verify_cosignature(head, key.verifier, line) == 2**63 - 1


@BOTH
def test_the_empty_tree_can_be_cosigned(key: SigningKey) -> None:
    head = TreeHead(HEAD.origin, 0, EMPTY_ROOT)
    assert verify_cosignature(head, key.verifier, cosign(head, key, 1)) == 1


@BOTH
@pytest.mark.parametrize("time_s", [0, -1, 2**63])
def test_nobody_cosigns_at_an_impossible_time(key: SigningKey, time_s: int) -> None:
    with pytest.raises(CosignatureMalformed):
        cosign(HEAD, key, time_s)


def test_a_key_for_logs_cosigns_nothing() -> None:
    with pytest.raises(CosignatureMalformed, match="cannot cosign"):
        cosign(HEAD, LOG_KEY, TIME_S)
    line = cosign(HEAD, ED25519, TIME_S)
    with pytest.raises(CosignatureMalformed):
        verify_cosignature(HEAD, LOG_KEY.verifier, line)


def _with_signature(line: SignatureLine, signature: bytes) -> SignatureLine:
    return SignatureLine(line.name, line.key_id, signature)


@BOTH
def test_a_cosignature_of_another_head_is_refused(key: SigningKey) -> None:
    line = cosign(HEAD, key, TIME_S)
    for other in [
        TreeHead("example.com/other", HEAD.size, ROOT),
        TreeHead(HEAD.origin, HEAD.size + 1, ROOT),
        TreeHead(HEAD.origin, HEAD.size, bytes(32)),
    ]:
        with pytest.raises(CosignatureInvalid, match="not of tree head"):
            verify_cosignature(other, key.verifier, line)


def test_an_ed25519_cosignature_covers_extension_lines() -> None:
    extended = TreeHead(HEAD.origin, HEAD.size, ROOT, ("extension",))
    line = cosign(extended, ED25519, TIME_S)
    assert verify_cosignature(extended, ED25519.verifier, line) == TIME_S
    with pytest.raises(CosignatureInvalid):
        verify_cosignature(HEAD, ED25519.verifier, line)


def test_an_ml_dsa_44_cosignature_covers_the_cosigners_name() -> None:
    line = cosign(HEAD, ML_DSA, TIME_S)
    other = make_signing_key("w2.example", ML_DSA.kind, ML_DSA.seed)
    with pytest.raises(CosignatureInvalid):
        verify_cosignature(HEAD, other.verifier, line)


@BOTH
@given(bit=st.integers(0, 71 * 8))
def test_one_other_bit_in_time_or_signature_is_refused(
    key: SigningKey, bit: int
) -> None:
    line = cosign(HEAD, key, TIME_S)
    value = bytearray(line.signature)
    value[bit // 8] ^= 1 << bit % 8
    with pytest.raises((CosignatureInvalid, CosignatureMalformed)):
        verify_cosignature(HEAD, key.verifier, _with_signature(line, bytes(value)))


@BOTH
def test_a_line_of_another_length_is_refused(key: SigningKey) -> None:
    line = cosign(HEAD, key, TIME_S)
    for signature in (b"", line.signature[:8], line.signature[:-1]):
        with pytest.raises(CosignatureMalformed, match="bytes"):
            verify_cosignature(HEAD, key.verifier, _with_signature(line, signature))
    longer = _with_signature(line, line.signature + b"\0")
    with pytest.raises(CosignatureMalformed, match="bytes"):
        verify_cosignature(HEAD, key.verifier, longer)


@BOTH
@pytest.mark.parametrize("time_s", [0, 2**63, 2**64 - 1])
def test_a_line_with_an_impossible_time_is_refused(
    key: SigningKey, time_s: int
) -> None:
    if key is ED25519:
        message = f"cosignature/v1\ntime {time_s}\n{HEAD.text}".encode()
    else:
        message = _cosigned_message(NAME, time_s, HEAD.origin, 0, HEAD.size, ROOT)
    signature = time_s.to_bytes(8, "big") + key.sign(message)
    line = SignatureLine(NAME, key.verifier.key_id, signature)
    with pytest.raises(CosignatureMalformed, match="time"):
        verify_cosignature(HEAD, key.verifier, line)


def test_a_subtree_cosignature_is_of_that_subtree_alone() -> None:
    line = cosign_subtree(HEAD.origin, 8, 13, ROOT, ML_DSA)
    key = ML_DSA.verifier
    verify_subtree_cosignature(HEAD.origin, 8, 13, ROOT, key, line)
    for origin, start, end, root in [
        ("example.com/other", 8, 13, ROOT),
        (HEAD.origin, 8, 12, ROOT),
        (HEAD.origin, 16, 21, ROOT),
        (HEAD.origin, 8, 13, bytes(32)),
    ]:
        with pytest.raises(CosignatureInvalid):
            verify_subtree_cosignature(origin, start, end, root, key, line)


def test_a_subtree_cosignature_is_no_word_on_a_tree_head_nor_the_reverse() -> None:
    of_subtree = cosign_subtree(HEAD.origin, 0, HEAD.size, ROOT, ML_DSA)
    with pytest.raises(CosignatureMalformed, match="no time"):
        verify_cosignature(HEAD, ML_DSA.verifier, of_subtree)
    of_head = cosign(HEAD, ML_DSA, TIME_S)
    with pytest.raises(CosignatureMalformed, match="tells a time"):
        verify_subtree_cosignature(
            HEAD.origin, 0, HEAD.size, ROOT, ML_DSA.verifier, of_head
        )


def test_only_ml_dsa_44_cosigns_subtrees() -> None:
    with pytest.raises(CosignatureMalformed, match="cannot cosign"):
        cosign_subtree(HEAD.origin, 0, 8, ROOT, ED25519)
    line = SignatureLine(NAME, ED25519.verifier.key_id, bytes(72))
    with pytest.raises(CosignatureMalformed, match="cannot cosign"):
        verify_subtree_cosignature(HEAD.origin, 0, 8, ROOT, ED25519.verifier, line)


@pytest.mark.parametrize(
    ("origin", "start", "end", "root"),
    [
        (HEAD.origin, 1, 3, ROOT),
        (HEAD.origin, 4, 4, ROOT),
        (HEAD.origin, -8, 0, ROOT),
        (HEAD.origin, 0, 2**63, ROOT),
        (HEAD.origin, 2**64, 2**64 + 1, ROOT),
        (HEAD.origin, 0, 8, ROOT[:31]),
        ("", 0, 8, ROOT),
        ("x" * 256, 0, 8, ROOT),
    ],
)
def test_what_no_tree_can_have_is_not_cosigned(
    origin: str, start: int, end: int, root: bytes
) -> None:
    with pytest.raises(CosignatureMalformed):
        cosign_subtree(origin, start, end, root, ML_DSA)
    line = cosign_subtree(HEAD.origin, 0, 8, ROOT, ML_DSA)
    with pytest.raises(CosignatureMalformed):
        verify_subtree_cosignature(origin, start, end, root, ML_DSA.verifier, line)
