"""Tree heads are read in their one spelling or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import TreeHeadMalformed
from assent.translog.formats import tree_head
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.tree_head import TreeHead, parse_tree_head

ROOT = encode_base64(bytes(range(32)))
line_texts = st.text(
    st.characters(min_codepoint=0x20, codec="utf-8"), min_size=1, max_size=30
)
heads = st.builds(
    TreeHead,
    line_texts,
    st.one_of(st.just(0), st.integers(0, 2**63 - 1)),
    st.binary(min_size=32, max_size=32),
    st.lists(line_texts, max_size=3).map(tuple),
)


def test_the_tree_head_of_the_docstring_is_read() -> None:
    (literal,) = literals(tree_head)
    head = parse_tree_head(literal)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.root.hex().startswith("0ac5186a")
    assert head.text == literal


@given(heads)
def test_a_tree_head_comes_back(head: TreeHead) -> None:
    assert parse_tree_head(head.text) == head


@given(st.text(alphabet="a0123=+/\n", max_size=60))
def test_any_text_is_a_tree_head_or_refused_by_an_error_of_ours(text: str) -> None:
    try:
        assert parse_tree_head(text).text == text
    except TreeHeadMalformed as error:
        assert error.remedy


@pytest.mark.parametrize(
    "origin", ["two words", "a+b", "1", "日本", "—", " ", "x" * 255, "é" * 127]
)
def test_an_origin_may_be_almost_anything(origin: str) -> None:
    assert parse_tree_head(f"{origin}\n1\n{ROOT}\n").origin == origin


def test_extension_lines_are_kept_as_they_are() -> None:
    head = parse_tree_head(f"a\n1\n{ROOT}\n \nb\n— c\n")
    assert head.extensions == (" ", "b", "— c")


SIZES_REFUSED = ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x1", "1_0"]
SIZES_REFUSED += ["\N{FULLWIDTH DIGIT ONE}", str(2**63), str(2**64), "9" * 5000]
ROOTS_REFUSED = ["", "AAAA", ROOT[:-1], ROOT + "=", ROOT + " ", " " + ROOT]
ROOTS_REFUSED += [ROOT[:-2] + "9=", encode_base64(bytes(31)), encode_base64(bytes(33))]
ROOTS_REFUSED += [encode_base64(b"\xff" * 32).replace("/", "_"), "0" * 64]
BAD = [
    "",
    "\n",
    "a\n1\n",
    f"a\n1\n{ROOT}",
    f"\n1\n{ROOT}\n",
    f"a\n1\n{ROOT}\n\n",
    f"a\n1\n{ROOT}\n\nb\n",
    f"a\n\n1\n{ROOT}\n",
    f"a\n1\r\n{ROOT}\n",
    f"{'x' * 256}\n1\n{ROOT}\n",
    f"{'é' * 128}\n1\n{ROOT}\n",
    *(f"a\n{size}\n{ROOT}\n" for size in SIZES_REFUSED),
    *(f"a\n1\n{root}\n" for root in ROOTS_REFUSED),
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: ascii(text)[:60])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(TreeHeadMalformed) as refusal:
        parse_tree_head(text)
    assert len(refusal.value.message) < 300


def test_a_tree_head_is_short() -> None:
    text = TreeHead("log.example", 1, bytes(32)).text
    parse_tree_head(text + "x" * (4095 - len(text)) + "\n")
    with pytest.raises(TreeHeadMalformed, match="4,096"):
        parse_tree_head(text + "x" * (4096 - len(text)) + "\n")
