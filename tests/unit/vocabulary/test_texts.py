"""A text on one line: the same characters for every reader of it."""

import re
import sys
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from assent.vocabulary.texts import LINE, LINES

STEERING = [
    *(chr(code) for code in (*range(32), *range(0x7F, 0xA0))),
    *"\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff",
]
BY_PYDANTIC = TypeAdapter(Annotated[str, Field(pattern=f"^{LINE}$")])


@pytest.mark.parametrize("character", STEERING, ids=ascii)
def test_no_line_holds_what_steers_or_cannot_be_seen(character: str) -> None:
    assert re.fullmatch(f"{LINE}+", f"a{character}b") is None
    is_end = character == "\n"
    assert (re.fullmatch(f"{LINES}+", f"a{character}b") is not None) is is_end


@given(st.characters(exclude_categories=["Cs"]))
def test_both_engines_of_patterns_agree_on_every_character(character: str) -> None:
    try:
        BY_PYDANTIC.validate_python(character)
        is_taken = True
    except ValidationError:
        is_taken = False
    assert (re.fullmatch(LINE, character) is not None) is is_taken


def test_letters_of_every_script_may_stand_in_a_line() -> None:
    assert re.fullmatch(f"{LINE}+", "Lab № 7 «Ōtāutahi», 研究所, مختبر, 🙂")
    assert re.fullmatch(LINE, chr(sys.maxunicode))
