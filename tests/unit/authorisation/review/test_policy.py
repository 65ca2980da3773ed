"""Review policies: strictly read, and no rule that could never apply."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.packaged.review_policies import (
    REVIEW_POLICIES,
    packaged_questionnaire,
    packaged_review_policy,
    packaged_review_policy_text,
)
from assent.authorisation.review import PolicyInvalid, parse_policy, policy_of
from assent.authorisation.review.recusal import Interest
from assent.vocabulary import AssentError, NotFound, digest, parse_yaml

FOUNDING = packaged_review_policy_text("founding")


def _document() -> dict[str, Any]:
    value: dict[str, Any] = parse_yaml(FOUNDING).value
    return value


@pytest.mark.parametrize("name", REVIEW_POLICIES)
def test_the_packaged_policies_name_what_there_is(name: str) -> None:
    policy, questionnaire = packaged_review_policy(name), packaged_questionnaire()
    assert policy.practices == questionnaire.id
    assert {gate.practice for gate in policy.gates} <= questionnaire.practices.keys()
    assert policy.conflicts <= {str(kind) for kind in Interest}
    assert "rehears" in policy.note or "illustrative" in policy.note


def test_the_digest_is_of_the_document() -> None:
    assert packaged_review_policy("founding").digest == digest(_document())


def test_there_is_no_other_packaged_policy() -> None:
    with pytest.raises(NotFound):
        packaged_review_policy("lenient")


def test_a_value_holds_from_its_day() -> None:
    document = _document()
    first = document["responsibility"]["minimum_score"][0]
    later = {**first, "from": "2027-01-01", "value": "4/5"}
    document["responsibility"]["minimum_score"].append(later)
    score = policy_of(document).minimum_score
    assert str(score.on(date(2026, 12, 31))) == "3/4"
    assert str(score.on(date(2027, 1, 1))) == "4/5"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 3/4", "value: 0.75"),
        ("value: 3/4", "value: 5/4"),
        ("value: 3/4", "value: 3/0"),
        ("value: 3/4", "value: -1/4"),
        ("credit_partly: 1/2", "credit_partly: 1"),
        ("    high: 4\n", "    high: 1\n"),
        ("    scale: ask", "    beauty: ask"),
        ("    scale: ask", "    scale: ignore"),
        ("[trained_for_self_proliferation]", "[trained_to_replicate]"),
        ("[trained_for_self_proliferation]", "[]"),
        ("supervised: moderate, ", ""),
        ("spacing_factor: 4", "spacing_factor: 1"),
        ("first_point_share: 1/16", "first_point_share: 0"),
        ("share: 1/10, of: flop", "share: 11/10, of: flop"),
        ("share: 1/10, of: flop", "share: 1/10, of: money"),
        ("    at_least: moderate\n    limit", "    limit"),
        ("from: 2026-01-01\nsources", "from: 2025-01-01\nsources"),
        ("id: inspectors", "id: no_deployment"),
        ("id: trained_for_weapons", "id: trained_to_proliferate"),
        ("practice: security_standards", "practice: protection_against_espionage"),
        ("mark: read", "mark: certain"),
        ("title: Review", "colour: red\ntitle: Review"),
        ("      level: 2", "      level: 6"),
        ("above_flop: 1e24", "above_flop: many"),
    ],
)
def test_refuses_a_policy_with_a_hole(old: str, new: str) -> None:
    assert old in FOUNDING
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(FOUNDING.replace(old, new, 1))
    assert caught.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(sorted(_document())), JSON)
def test_a_policy_with_any_part_spoilt_is_read_or_refused(
    part: str, value: object
) -> None:
    try:
        policy_of({**_document(), part: value})
    except AssentError as error:
        assert error.remedy


@given(st.text())
def test_no_text_at_random_is_a_policy(text: str) -> None:
    with pytest.raises(AssentError):
        parse_policy(text)
