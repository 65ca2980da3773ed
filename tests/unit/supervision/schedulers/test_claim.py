"""A claim is read for certain, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.schedulers import Claim, ClaimMalformed, parse_claim


def test_reads_a_permit_and_a_maximum() -> None:
    said = "assent permit=permit-2026-0001  flop_max=1e20"
    assert parse_claim(said) == Claim(permit_id="permit-2026-0001", flop_max=10**20)


@pytest.mark.parametrize("comment", ["", "third try", "assented permit=x", "  "])
def test_other_comments_claim_nothing(comment: str) -> None:
    assert parse_claim(comment) == Claim()


@pytest.mark.parametrize(
    "comment",
    [
        "note assent permit=permit-2026-0001",
        "assent permit=a permit=b",
        "assent permit=",
        "assent permit=../x",
        "assent permit=a site=b",
        "assent permit",
        "assent permit=a flop_max=",
        "assent permit=a flop_max=-1",
        "assent permit=a flop_max=1e99",
        "assent permit=permit\u200b1",
        "x" * 2_001,
    ],
)
def test_refuses_what_is_not_certain(comment: str) -> None:
    with pytest.raises(ClaimMalformed) as refused:
        parse_claim(comment)
    assert refused.value.remedy


@given(st.text(max_size=60).map(lambda text: f"assent {text}"))
def test_anything_else_is_a_claim_or_a_refusal(comment: str) -> None:
    try:
        found = parse_claim(comment)
    except ClaimMalformed:
        return
    assert found.permit_id is None or found.permit_id in comment
