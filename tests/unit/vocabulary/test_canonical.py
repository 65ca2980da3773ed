"""The same value has the same bytes; what cannot be written exactly is refused."""

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assent.vocabulary import (
    DocumentInvalid,
    Plain,
    QuantityInvalid,
    canonical_bytes,
    digest,
    parse_canonical,
)
from assent.vocabulary.canonical import DEPTH_MAX


def test_bytes_are_sorted_tight_and_exact() -> None:
    value: Plain = {"b": [1, True, None], "a": 15 * 10**24, "day": date(2026, 1, 1)}
    assert canonical_bytes(value) == (
        b'{"a":"15000000000000000000000000","b":[1,true,null],"day":"2026-01-01"}'
    )


def test_order_of_keys_does_not_matter_and_values_do() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert digest({}).startswith("sha256:44136fa355b3678a")


def test_refuses_floats() -> None:
    with pytest.raises(QuantityInvalid):
        canonical_bytes({"a": 0.1})  # type: ignore[dict-item]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_another_encoder_agrees(value: Any) -> None:  # noqa: ANN401 - any value
    assume(not re.search("[\ud800-\udfff]", str(value)))
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical_bytes(value) == text.encode()


def test_another_encoder_agrees_on_every_character() -> None:
    for first in (0, 0xE000):
        last = 0xD800 if first == 0 else 0x110000
        text = "".join(map(chr, range(first, last)))
        value: Plain = {text: [text]}
        expected = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        assert canonical_bytes(value) == expected.encode()


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 100_000])
def test_refuses_what_is_nested_too_deeply(depth: int) -> None:
    value: Plain = []
    for _ in range(depth - 1):
        value = [value]
    with pytest.raises(DocumentInvalid):
        canonical_bytes(value)
    with pytest.raises(DocumentInvalid):
        parse_canonical(b"[" * depth + b"]" * depth)


def test_nests_as_deeply_as_is_said() -> None:
    encoded = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX
    assert canonical_bytes(parse_canonical(encoded)) == encoded


def test_refuses_half_a_character() -> None:
    with pytest.raises(DocumentInvalid):
        canonical_bytes({"a": "\ud800"})


@given(VALUES)
def test_canonical_bytes_are_read_back(value: Any) -> None:  # noqa: ANN401 - any value
    assume(not re.search("[\ud800-\udfff]", str(value)))
    assert parse_canonical(canonical_bytes(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b"[NaN]",
        b"[9007199254740992]",
        b'["\\u0041"]',
        b'["\\ud800"]',
        b"\xff",
        b"",
        b"[" * 100_000,
        b"[" + b"9" * 10_000 + b"]",
    ],
)
def test_other_spellings_are_no_canonical_bytes(data: bytes) -> None:
    with pytest.raises(DocumentInvalid):
        parse_canonical(data)
