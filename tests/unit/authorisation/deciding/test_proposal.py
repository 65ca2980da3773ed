"""Proposals: one spelling, complete, and nothing in them that misleads."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.deciding.ballots import OPENS, PAPER, proposal

from assent.authorisation.review.deciding import (
    ProposalMalformed,
    parse_proposal,
    proposal_of,
)
from assent.vocabulary import canonical_bytes

ASKED = proposal(
    excluded={"NOR": "owns shares"}, reasons=("a", "b"), provisos=("at night",)
)
PLAIN: dict[str, Any] = json.loads(ASKED.encoded)


def test_what_is_written_is_read_back() -> None:
    assert parse_proposal(ASKED.encoded) == ASKED
    assert parse_proposal(ASKED.encoded).digest == ASKED.digest


@given(st.sampled_from(sorted(PLAIN)), st.data())
def test_every_field_is_part_of_the_digest(name: str, data: st.DataObject) -> None:
    value: object = data.draw(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({})
    )
    try:
        other = proposal_of({**PLAIN, name: value})
    except ProposalMalformed:
        return
    assert (other.digest == ASKED.digest) == (value == PLAIN[name])


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_a_missing_field_is_refused(name: str) -> None:
    with pytest.raises(ProposalMalformed, match="missing"):
        proposal_of({key: value for key, value in PLAIN.items() if key != name})


@pytest.mark.parametrize(
    "change",
    [
        {"further": 1},
        {"format": "assent-proposal/2"},
        {"matter": "annexation"},
        {"opens": PLAIN["closes"]},
        {"opens": "2026-04-01"},
        {"reasons": "ab"},
        {"reasons": {"a": 1, "b": 2}},
        {"reasons": [1]},
        {"excluded": [["NOR", "owns shares"]]},
        {"excluded": {"NOR": 1}},
        {"treaty": {"version": 1, "digest": PLAIN["treaty"]["digest"], "more": 1}},
        {"treaty": {"version": True, "digest": PLAIN["treaty"]["digest"]}},
        {"treaty": []},
        {"paper": None},
        {"paper": {"payload_type": "x"}},
        {"paper": {**PLAIN["paper"], "payload": []}},
        {"paper": {**PLAIN["paper"], "payload_type": 1}},
        {
            "paper": {
                **PLAIN["paper"],
                "payload_type": "application/vnd.assent.vote+json",
            }
        },
    ],
)
def test_what_is_no_proposal_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProposalMalformed):
        proposal_of({**PLAIN, **change})


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", ASKED.encoded + b" ", b"x" * 1_000_001]
)
def test_bytes_that_are_no_proposal_are_refused(data: bytes) -> None:
    with pytest.raises(ProposalMalformed):
        parse_proposal(data)


@pytest.mark.parametrize("depth", [90, 400, 900, 960, 980, 1_000, 50_000])
def test_a_deep_paper_is_read_or_refused_by_our_error(depth: int) -> None:
    payload = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    data = ASKED.encoded.replace(canonical_bytes(PAPER.payload), payload)
    try:
        parse_proposal(data)
    except ProposalMalformed:
        return
    assert parse_proposal(data).encoded == data


def test_a_vote_that_is_never_open_is_refused() -> None:
    with pytest.raises(ProposalMalformed, match="closes before it opens"):
        proposal(closes=OPENS)
    assert proposal(closes=OPENS + timedelta(seconds=1))


def test_nobody_changes_a_proposal_afterwards() -> None:
    excluded = {"NOR": "owns shares"}
    made = proposal(excluded=excluded)
    excluded["AUS"] = "was added later"
    assert made.excluded == {"NOR": "owns shares"}
    with pytest.raises(TypeError):
        made.paper.payload["flop"] = 1  # type: ignore[index]
