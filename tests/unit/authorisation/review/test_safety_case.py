"""Safety cases: one tree, every leaf on evidence, no doubt left open."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import SAFETY_CASE, judged

from assent.authorisation.review import (
    JudgementInvalid,
    SafetyCaseInvalid,
    check_safety_case,
    judgement_of,
    outline,
    parse_safety_case,
    safety_case_of,
)
from assent.authorisation.review.safety_case import unaccepted_claims
from assent.vocabulary import AssentError, digest

FILED = {"audit-2026"}


def _changed(part: str, place: int, **fields: object) -> dict[str, Any]:
    changed = deepcopy(SAFETY_CASE)
    changed[part][place].update(fields)
    return changed


def _with_node(**fields: object) -> dict[str, Any]:
    changed = deepcopy(SAFETY_CASE)
    changed["nodes"].append(fields)
    return changed


def _problems(document: dict[str, Any]) -> list[str]:
    made = safety_case_of(document)
    return [f"{lack.node}: {lack.problem}" for lack in check_safety_case(made, FILED)]


def test_the_good_case_lacks_nothing() -> None:
    assert _problems(SAFETY_CASE) == []


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (_changed("nodes", 3, evidence="never-filed"), "measured: its evidence"),
        (
            _with_node(id="x", kind="argument", text="T", supports="safe"),
            "x: the argument leads to no claim",
        ),
        (
            _with_node(id="x", kind="claim", text="T", supports="by-means"),
            "x: nothing supports",
        ),
        (_changed("nodes", 2, assumes=["luck"]), "weak: it rests on"),
        (_changed("nodes", 1, assumes=[]), "safe: no node says"),
        ({**SAFETY_CASE, "assumptions": []}, "by-means: it rests on"),
    ],
)
def test_finds_what_is_lacking(document: dict[str, Any], problem: str) -> None:
    assert any(found.startswith(problem) for found in _problems(document))


def test_an_open_doubt_is_a_finding() -> None:
    document = _changed("defeaters", 0, state="open")
    del document["defeaters"][0]["answer"]
    assert _problems(document) == ["weak: the doubt d1 is not answered"]


@pytest.mark.parametrize(
    "document",
    [
        _changed("nodes", 0, supports="by-means"),
        _changed("nodes", 1, supports="weak"),
        _changed("nodes", 1, supports="nowhere"),
        _changed("nodes", 1, supports="by-means"),
        _changed("nodes", 2, supports="safe"),
        _changed("nodes", 3, supports="by-means"),
        _changed("nodes", 3, evidence=None),
        _changed("nodes", 2, evidence="audit-2026"),
        _changed("nodes", 2, id="safe"),
        _changed("nodes", 2, confidence="1.5"),
        _changed("nodes", 2, confidence=1),
        _changed("nodes", 2, text="two\nlines"),
        _changed("defeaters", 0, against="nowhere"),
        _changed("defeaters", 0, state="open"),
        _changed("defeaters", 0, answer=None),
        _with_node(id="second", kind="claim", text="T"),
        {**SAFETY_CASE, "nodes": []},
        {**SAFETY_CASE, "nodes": SAFETY_CASE["nodes"] * 251},
        {**SAFETY_CASE, "score": 1},
        {**SAFETY_CASE, "assumptions": SAFETY_CASE["assumptions"] * 2},
    ],
    ids=lambda document: digest(document)[7:19],
)
def test_refuses_what_is_no_tree_below_one_claim(document: dict[str, Any]) -> None:
    with pytest.raises(SafetyCaseInvalid):
        safety_case_of(document)


def _tower(depth: int) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [{"id": "n0", "kind": "claim", "text": "T"}]
    for level in range(1, depth):
        kind = "argument" if level % 2 else "claim"
        above = f"n{level - 1}"
        nodes.append({"id": f"n{level}", "kind": kind, "text": "T", "supports": above})
    return {"format": "assent-safety-case/1", "title": "Tower", "nodes": nodes}


def test_refuses_a_case_that_is_too_deep() -> None:
    assert safety_case_of(_tower(40))
    with pytest.raises(SafetyCaseInvalid, match="more than 40 deep"):
        safety_case_of(_tower(41))


def test_two_nodes_that_support_each_other_are_refused() -> None:
    document = _with_node(id="a", kind="claim", text="T", supports="b")
    document["nodes"].append(
        {"id": "b", "kind": "argument", "text": "T", "supports": "a"}
    )
    with pytest.raises(SafetyCaseInvalid, match="supports itself"):
        safety_case_of(document)


IDS = st.sampled_from(["safe", "by-means", "weak", "measured", "x", None])
NODES = st.fixed_dictionaries(
    {"id": IDS, "kind": st.sampled_from(["claim", "argument", "evidence"])},
    optional={"text": st.text(max_size=3), "supports": IDS, "evidence": IDS},
)


@given(st.lists(NODES, max_size=8))
def test_any_graph_of_nodes_is_read_as_a_tree_or_refused(nodes: list[Any]) -> None:
    try:
        made = safety_case_of({**SAFETY_CASE, "nodes": nodes, "defeaters": []})
    except AssentError as error:
        assert error.remedy
    else:
        assert len(outline(made)) == 1 + len(nodes) + 1


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(AssentError):
        parse_safety_case(text)


def test_the_outline_shows_every_part() -> None:
    doubt = (
        "doubt d1: The run is larger than the last. [answered: Only twice as large.]"
    )
    assert outline(safety_case_of(SAFETY_CASE)) == [
        "Why this run is safe",
        "claim safe: The run harms nobody.",
        "  argument by-means: It cannot, for lack of means. (assuming stays-in)",
        "    claim weak: The model is weak. (confidence 0.99)",
        f"      {doubt}",
        "      evidence measured: Evaluations of the last model. [audit-2026]",
        "assumption stays-in: Weights stay in. (because They are confined.)",
    ]


def test_a_case_stands_only_if_every_claim_is_accepted() -> None:
    made = safety_case_of(SAFETY_CASE)
    assert unaccepted_claims(made, judged(SAFETY_CASE)) == {}
    assert unaccepted_claims(made, {}) == {"safe": None, "weak": None}
    refused = judged(SAFETY_CASE, weak="It is not.")
    assert unaccepted_claims(made, refused) == {"weak": "It is not."}


def test_a_judgement_of_an_earlier_case_is_none_of_this_one() -> None:
    later = safety_case_of({**SAFETY_CASE, "title": "Another"})
    assert set(unaccepted_claims(later, judged(SAFETY_CASE))) == {"safe", "weak"}
    with pytest.raises(JudgementInvalid):
        judgement_of(judged(SAFETY_CASE)["safe"].plain, later)


@pytest.mark.parametrize(
    "change", [{"claim": "by-means"}, {"accepted": 1}, {"reason": ""}, {"by": None}]
)
def test_refuses_a_judgement_that_is_none(change: dict[str, Any]) -> None:
    made = safety_case_of(SAFETY_CASE)
    plain = judged(SAFETY_CASE)["safe"].plain
    assert judgement_of(plain, made).plain == plain
    with pytest.raises(JudgementInvalid):
        judgement_of({**plain, **change}, made)
