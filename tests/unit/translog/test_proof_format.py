"""The one encoding of a proof; what it says is not believed here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import NoteMalformed, ProofMalformed, TreeHeadMalformed
from assent.translog.formats import proof as documented
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.proof import (
    EXTRA_BYTES_MAX,
    HASHES_MAX,
    PROOF_BYTES_MAX,
    TlogProof,
    parse_proof,
)
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.merkle import leaf_hash, node_hash, verify_inclusion
from assent.vocabulary import AssentError

HASH = encode_base64(bytes(range(32)))
HEAD = f"agency.example/log\n2\n{HASH}\n\n— agency.example/log NPKzMg==\n"
HEAD = HEAD.replace("NPKzMg==", encode_base64(bytes(68)))
SIGNED = parse_signed_head(HEAD.encode())


def _proof(lines: str, head: str = HEAD) -> bytes:
    return f"{lines}\n\n{head}".encode()


def test_the_documented_proof_is_a_proof() -> None:
    (literal,) = literals(documented)
    proof = parse_proof(literal.encode())
    assert proof.encoded == literal.encode()
    assert (proof.index, proof.extra, proof.signed.head.size) == (0, b"one", 2)
    assert proof.hashes == (leaf_hash(b"two"),)
    root = node_hash(leaf_hash(b"one"), leaf_hash(b"two"))
    assert proof.signed.head.root == root
    verify_inclusion(0, 2, leaf_hash(b"one"), proof.hashes, root)


ACCEPTED = {
    "no hashes": "c2sp.org/tlog-proof@v1\nindex 0",
    "hashes": f"c2sp.org/tlog-proof@v1\nindex 1\n{HASH}\n{HASH}",
    "extra data": f"c2sp.org/tlog-proof@v1\nextra AA==\nindex 1\n{HASH}",
    "a large index": f"c2sp.org/tlog-proof@v1\nindex {2**63 - 1}",
    "as many hashes as can be": "\n".join(
        ["c2sp.org/tlog-proof@v1", "index 0", *[HASH] * 63]
    ),
    "as much extra data as can be": "c2sp.org/tlog-proof@v1\nextra "
    f"{encode_base64(bytes(EXTRA_BYTES_MAX))}\nindex 0",
}

REFUSED = {
    "nothing": "",
    "another format": "c2sp.org/tlog-proof@v2\nindex 0",
    "a format with something behind": "c2sp.org/tlog-proof@v1 \nindex 0",
    "an empty line first": "\nc2sp.org/tlog-proof@v1\nindex 0",
    "no index": "c2sp.org/tlog-proof@v1",
    "hashes alone": f"c2sp.org/tlog-proof@v1\n{HASH}",
    "an index with leading zeros": "c2sp.org/tlog-proof@v1\nindex 00",
    "a signed index": "c2sp.org/tlog-proof@v1\nindex +1",
    "a negative index": "c2sp.org/tlog-proof@v1\nindex -1",
    "an index in words": "c2sp.org/tlog-proof@v1\nindex one",
    "an index of nothing": "c2sp.org/tlog-proof@v1\nindex ",
    "an index without its space": "c2sp.org/tlog-proof@v1\nindex0",
    "an index after two spaces": "c2sp.org/tlog-proof@v1\nindex  1",
    "an index with a space behind": "c2sp.org/tlog-proof@v1\nindex 1 ",
    "an index beyond any tree": f"c2sp.org/tlog-proof@v1\nindex {2**63}",
    "an endless index": f"c2sp.org/tlog-proof@v1\nindex {'9' * 10_000}",
    "an upper case index": "c2sp.org/tlog-proof@v1\nIndex 1",
    "two indices": "c2sp.org/tlog-proof@v1\nindex 1\nindex 1",
    "extra data after the index": "c2sp.org/tlog-proof@v1\nindex 1\nextra AA==",
    "extra data twice": "c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 1",
    "extra data of nothing": "c2sp.org/tlog-proof@v1\nextra \nindex 1",
    "extra data and no space": "c2sp.org/tlog-proof@v1\nextra\nindex 1",
    "extra data without padding": "c2sp.org/tlog-proof@v1\nextra AA\nindex 1",
    "extra data with stray bits": "c2sp.org/tlog-proof@v1\nextra AB==\nindex 1",
    "extra data in another base64": "c2sp.org/tlog-proof@v1\nextra -_-_\nindex 1",
    "more extra data than an entry has": "c2sp.org/tlog-proof@v1\nextra "
    f"{encode_base64(bytes(EXTRA_BYTES_MAX + 1))}\nindex 0",
    "a short hash": f"c2sp.org/tlog-proof@v1\nindex 1\n{encode_base64(bytes(31))}",
    "a long hash": f"c2sp.org/tlog-proof@v1\nindex 1\n{encode_base64(bytes(33))}",
    "a hash with a space behind": f"c2sp.org/tlog-proof@v1\nindex 1\n{HASH} ",
    "a hash in hexadecimal": f"c2sp.org/tlog-proof@v1\nindex 1\n{'00' * 32}",
    "a hash without padding": f"c2sp.org/tlog-proof@v1\nindex 1\n{HASH[:-1]}",
    "carriage returns": f"c2sp.org/tlog-proof@v1\r\nindex 1\r\n{HASH}\r",
    "letters beyond ASCII": "c2sp.org/tlog-proof@v1\nindex \u0661",
    "too many hashes": "\n".join(["c2sp.org/tlog-proof@v1", "index 0", *[HASH] * 64]),
}


@pytest.mark.parametrize("lines", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts(lines: str) -> None:
    assert parse_proof(_proof(lines)).encoded == _proof(lines)


@pytest.mark.parametrize("lines", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(lines: str) -> None:
    with pytest.raises(ProofMalformed):
        parse_proof(_proof(lines))


def test_refuses_a_proof_without_a_tree_head() -> None:
    with pytest.raises(ProofMalformed):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n")
    with pytest.raises(NoteMalformed):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n\n")
    with pytest.raises(NoteMalformed):
        parse_proof(_proof("c2sp.org/tlog-proof@v1\nindex 0", f"\n{HEAD[:-1]}"))


def test_refuses_a_proof_under_something_else_than_a_tree_head() -> None:
    with pytest.raises(TreeHeadMalformed):
        parse_proof(_proof("c2sp.org/tlog-proof@v1\nindex 0", f"\n{HEAD}"))


def test_refuses_what_is_too_long_before_reading_it() -> None:
    head = HEAD.replace("\n\n", f"\n{'x' * PROOF_BYTES_MAX}\n\n")
    with pytest.raises(ProofMalformed, match="longer"):
        parse_proof(_proof("c2sp.org/tlog-proof@v1\nindex 0", head))


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=HASHES_MAX),
    st.binary(max_size=200),
)
def test_what_is_written_is_read_again(
    index: int, hashes: list[bytes], extra: bytes
) -> None:
    proof = TlogProof(index=index, hashes=tuple(hashes), signed=SIGNED, extra=extra)
    assert parse_proof(proof.encoded) == proof


@given(st.integers(0), st.integers(0, 255))
def test_what_is_read_was_written_just_so(place: int, value: int) -> None:
    data = bytearray(_proof(ACCEPTED["extra data"]))
    data[place % len(data)] = value
    try:
        proof = parse_proof(bytes(data))
    except AssentError:
        return
    assert proof.encoded == data


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with pytest.raises((ProofMalformed, NoteMalformed)):
        parse_proof(b"c2sp.org/tlog-proof@v1\n" + data)
