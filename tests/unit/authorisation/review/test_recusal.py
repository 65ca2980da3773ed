"""Who stands aside, and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import ON, POLICY

from assent.authorisation.review import (
    DeclarationInvalid,
    Interest,
    InterestDeclaration,
    excluded_members,
    folded_name,
    interest_declaration_of,
)

SAID = InterestDeclaration(
    member="NOR",
    developer="Example Labs",
    kind=Interest.OWNERSHIP,
    text="The state's fund holds shares.",
    since=ON,
)


def test_an_interest_in_the_developer_excludes_with_its_reason() -> None:
    assert excluded_members([SAID], "Example Labs", POLICY, ON) == {
        "NOR": "ownership: The state's fund holds shares."
    }


def test_several_interests_are_all_named() -> None:
    other = replace(SAID, kind=Interest.NATIONALITY, text="It is from there.")
    (reason,) = excluded_members([SAID, other], "Example Labs", POLICY, ON).values()
    assert "shares" in reason
    assert "from there" in reason


def test_another_developer_excludes_nobody_nor_does_what_has_not_begun() -> None:
    assert not excluded_members([SAID], "Other Labs", POLICY, ON)
    eve = ON - timedelta(days=1)
    assert not excluded_members([SAID], "Example Labs", POLICY, eve)


@pytest.mark.parametrize(
    "spelt",
    [
        "example labs",
        "EXAMPLE LABS",
        " Example  Labs ",
        "Example\u00a0Labs",
        "Exam\u00adple La\u200bbs",
        "\uff25xample\u3000Labs",
    ],
    ids=ascii,
)
def test_a_developer_is_the_same_however_its_name_is_spelt(spelt: str) -> None:
    assert excluded_members(
        [replace(SAID, developer=spelt)], "Example Labs", POLICY, ON
    )
    assert excluded_members([SAID], spelt, POLICY, ON)


@given(st.text())
def test_a_folded_name_stays_what_it_is(name: str) -> None:
    assert folded_name(folded_name(name)) == folded_name(name)


def test_the_policy_says_which_kinds_count() -> None:
    policy = replace(POLICY, conflicts=frozenset({"family"}))
    assert not excluded_members([SAID], "Example Labs", policy, ON)


def test_a_declaration_is_written_and_read_again() -> None:
    assert interest_declaration_of(SAID.plain) == SAID


@pytest.mark.parametrize(
    "change",
    [{"kind": "envy"}, {"text": ""}, {"member": None}, {"since": 2026}, {"more": 1}],
    ids=str,
)
def test_refuses_a_declaration_that_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(DeclarationInvalid):
        interest_declaration_of({**SAID.plain, **change})
