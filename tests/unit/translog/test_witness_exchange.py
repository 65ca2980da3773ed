"""What is said to and by a witness: every body has one encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.testing.small_log import SmallLog
from assent.testing.witnesses import ask
from assent.translog.errors import (
    ExchangeMalformed,
    NoteMalformed,
    TreeHeadMalformed,
)
from assent.translog.formats import witness_exchange
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.witness_exchange import (
    ANSWER_BYTES_MAX,
    PROOF_HASHES_MAX,
    REQUEST_BYTES_MAX,
    CosignRequest,
    SubtreeRequest,
    encode_answer,
    encode_size,
    parse_answer,
    parse_cosign_request,
    parse_size,
    parse_subtree_request,
)
from assent.vocabulary import InputError

# From the text of C2SP tlog-witness, as of July 2026.
SPECIFIED_REQUEST = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501 - the literal is the format
SPECIFIED_ANSWER = """\
— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
"""  # noqa: E501 - the literal is the format
SPECIFIED_SUBTREE_HEADER = """\
subtree 8 13
mbsQCg+dEIMGlpqeGgk94JutQwKKS2Lo5IuDhKmDjiU=
CD82D2LDm0phY0+xKbHyZfq3Hw21lVkuV7Zis5EFg0k=
h/ghL5nyaXTIBAklqDnisM+SFdbA3izoGZ5oRYMZzc0=
8qtnAAU9sTKQx/zt3E4v8Jt2a9IMQUf0QUawvePF9y0=
KuO5BNOmginG34Lm5G3e2GuiWliGo3K0ebzGpvI0fEg=
"""

LOG = SmallLog([f"entry {i}".encode() for i in range(14)])
REQUEST = ask(LOG, 8).encoded
SUBTREE_REQUEST = SPECIFIED_SUBTREE_HEADER.encode() + b"\n" + LOG.signed().encoded
HASH = encode_base64(bytes(32)).encode()


def test_reads_the_examples_in_the_docstring() -> None:
    cosign_text, subtree_text = literals(witness_exchange)

    cosign = parse_cosign_request(cosign_text.encode())
    subtree = parse_subtree_request(subtree_text.encode())

    assert cosign.encoded == cosign_text.encode()
    assert (cosign.old_size, cosign.signed.head.size, len(cosign.proof)) == (8, 14, 1)
    assert subtree.encoded == subtree_text.encode()
    assert (subtree.start, subtree.end, len(subtree.proof)) == (8, 13, 4)
    assert cosign.signed.head == subtree.signed.head


def test_reads_the_request_of_the_specification() -> None:
    request = parse_cosign_request(SPECIFIED_REQUEST.encode())

    assert request.old_size == 20852014
    assert [len(value) for value in request.proof] == [32] * 4
    assert request.signed.head.size == 20852163
    assert len(request.signed.note.signatures) == 2
    assert request.encoded == SPECIFIED_REQUEST.encode()


def test_reads_the_answer_of_the_specification() -> None:
    lines = parse_answer(SPECIFIED_ANSWER.encode())

    assert [line.name for line in lines] == [
        "witness.example/w1",
        "witness.example/w1",
        "witness.example/w2",
    ]
    assert encode_answer(lines) == SPECIFIED_ANSWER.encode()


def test_reads_the_subtree_of_the_specification() -> None:
    # Its tree head is abridged there; one of ours stands in.
    request = parse_subtree_request(SUBTREE_REQUEST)

    assert (request.start, request.end) == (8, 13)
    assert len(request.proof) == 4
    assert request.encoded == SUBTREE_REQUEST


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old 8\n", b"old 08\n"),
        (b"old 8\n", b"old -8\n"),
        (b"old 8\n", b"old +8\n"),
        (b"old 8\n", b"old  8\n"),
        (b"old 8\n", b"old 8 \n"),
        (b"old 8\n", b"old\t8\n"),
        (b"old 8\n", b"old 8\r\n"),
        (b"old 8\n", b"Old 8\n"),
        (b"old 8\n", b"old\n"),
        (b"old 8\n", b"old \n"),
        (b"old 8\n", b"old 8.0\n"),
        (b"old 8\n", "old \N{ARABIC-INDIC DIGIT EIGHT}\n".encode()),
        (b"old 8\n", b"old 9223372036854775808\n"),
        (b"old 8\n", b""),
        (b"old 8\n", b"\nold 8\n"),
        (b"old 8\n", b"old 8\n" + HASH[:-1] + b"\n"),
        (b"old 8\n", b"old 8\n" + HASH[:-2] + b"B=\n"),
        (b"old 8\n", b"old 8\n" + HASH + b" \n"),
        (b"old 8\n", b"old 8\n" + encode_base64(bytes(31)).encode() + b"\n"),
        (b"old 8\n", b"old 8\n" + encode_base64(bytes(33)).encode() + b"\n"),
        (b"old 8\n", b"old 8\n \n"),
        (b"old 8\n", b"old 8\nnot base64\n"),
        (b"old 8\n", b"old 8\n\x00\n"),
        (b"old 8\n", b"old 8\n\xff\n"),
    ],
)
def test_refuses_a_second_spelling(old: bytes, new: bytes) -> None:
    assert REQUEST.startswith(old)
    with pytest.raises(ExchangeMalformed):
        parse_cosign_request(REQUEST.replace(old, new, 1))


def test_refuses_a_request_without_its_tree_head() -> None:
    header, _, note = REQUEST.partition(b"\n\n")
    for cut in (b"", header, header + b"\n"):
        with pytest.raises(ExchangeMalformed):
            parse_cosign_request(cut)
    with pytest.raises(NoteMalformed):
        parse_cosign_request(header + b"\n\n")
    with pytest.raises(NoteMalformed):
        parse_cosign_request(header + b"\n\n" + note[:-1])
    with pytest.raises(TreeHeadMalformed):
        parse_cosign_request(header + b"\n\n" + note.replace(b"\n14\n", b"\n014\n"))


def test_takes_63_hashes_of_proof_and_no_64th() -> None:
    _, _, note = REQUEST.partition(b"\n\n")
    longest = b"old 8\n" + (HASH + b"\n") * PROOF_HASHES_MAX + b"\n" + note

    assert len(parse_cosign_request(longest).proof) == 63
    with pytest.raises(ExchangeMalformed, match="more than 63"):
        parse_cosign_request(longest.replace(b"old 8\n", b"old 8\n" + HASH + b"\n"))
    with pytest.raises(ExchangeMalformed, match="more than 63"):
        parse_subtree_request(
            b"subtree 0 1\n" + (HASH + b"\n") * (PROOF_HASHES_MAX + 2) + b"\n" + note
        )


def test_takes_the_longest_header_before_the_longest_note() -> None:
    header = b"subtree %d %d\n" % (2**63 - 1, 2**63 - 1) + (HASH + b"\n") * 64 + b"\n"
    assert len(header) + NOTE_BYTES_MAX <= REQUEST_BYTES_MAX


def test_refuses_a_request_beyond_the_limit() -> None:
    with pytest.raises(ExchangeMalformed, match="longer than"):
        parse_cosign_request(REQUEST + b"x" * REQUEST_BYTES_MAX)


@pytest.mark.parametrize(
    "first",
    [
        b"subtree 8",
        b"subtree 8 013",
        b"subtree 08 13",
        b"subtree 8  13",
        b"subtree 8 13 ",
        b"subtree  8 13",
        b"subtree -8 13",
        b"old 8",
        b"subtree 8 9223372036854775808",
    ],
)
def test_refuses_a_second_spelling_of_a_range(first: bytes) -> None:
    with pytest.raises(ExchangeMalformed):
        parse_subtree_request(SUBTREE_REQUEST.replace(b"subtree 8 13", first, 1))


def test_refuses_a_subtree_without_its_hash() -> None:
    with pytest.raises(ExchangeMalformed, match="no hash"):
        parse_subtree_request(b"subtree 0 1\n\n" + LOG.signed().encoded)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"no signature line\n",
        SPECIFIED_ANSWER.encode() + b"\n",
        SPECIFIED_ANSWER.encode()[:-1],
        b"\n" + SPECIFIED_ANSWER.encode(),
        SPECIFIED_ANSWER.replace("\n", "\r\n").encode(),
        b"\xff\n",
        SPECIFIED_ANSWER.encode() * (ANSWER_BYTES_MAX // 300),
    ],
)
def test_refuses_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_answer(data)


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_tells_every_size(size: int) -> None:
    assert parse_size(encode_size(size)) == size


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"7",
        b"07\n",
        b"7\n\n",
        b" 7\n",
        b"7 \n",
        b"-7\n",
        b"\xff\n",
        b"1" * 99,
        b"9223372036854775808\n",
        "\N{SUPERSCRIPT TWO}\n".encode(),
    ],
)
def test_refuses_what_is_no_size(data: bytes) -> None:
    with pytest.raises(ExchangeMalformed):
        parse_size(data)


@given(st.integers(0, 14), st.integers(0, 14))
def test_encodes_what_it_parses(one: int, other: int) -> None:
    request = ask(LOG, min(one, other), max(one, other))
    assert parse_cosign_request(request.encoded) == request


_MUTATIONS = st.tuples(st.integers(0, 1000), st.integers(0, 40), st.binary(max_size=40))


@given(_MUTATIONS, st.booleans())
def test_whatever_is_parsed_has_one_encoding(
    mutation: tuple[int, int, bytes],
    is_subtree: bool,  # noqa: FBT001 - drawn
) -> None:
    start, length, inserted = mutation
    whole = SUBTREE_REQUEST if is_subtree else REQUEST
    data = whole[:start] + inserted + whole[start + length :]
    try:
        request: CosignRequest | SubtreeRequest = (
            parse_subtree_request(data) if is_subtree else parse_cosign_request(data)
        )
    except InputError:
        return
    assert request.encoded == data
