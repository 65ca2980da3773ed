"""Weighing: it refuses, asks, or lets the members vote; it never grants."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import (
    EVIDENCE,
    FACTS,
    ON,
    POLICY,
    QUESTIONNAIRE,
    SAFETY_CASE,
    STATED,
    all_answers,
    answer,
    case,
    judged,
    stated,
)

from assent.authorisation.review import (
    CaseAtHand,
    Level,
    PolicyInvalid,
    PolicyNotInForce,
    RunFinding,
    Status,
    Verdict,
    Weighing,
    run_properties_of,
    safety_case_of,
    weigh,
)
from assent.authorisation.review.features import Capability
from assent.authorisation.treaty import Matter
from assent.vocabulary import QuantityInvalid, digest, parse_canonical


def _weigh(given: CaseAtHand, on: date = ON) -> Weighing:
    return weigh(given, POLICY, QUESTIONNAIRE, on)


def _stating(
    **changes: Any,  # noqa: ANN401 - any field
) -> CaseAtHand:
    return case(stated=run_properties_of(stated(**changes)))


def test_the_good_case_may_be_proposed() -> None:
    found = _weigh(case())
    assert found.verdict is Verdict.MAY_BE_PROPOSED
    assert not found.reasons
    assert not found.questions
    assert found.matter is Matter.PERMIT


def test_an_empty_case_is_refused_or_asked_never_proposed() -> None:
    found = _weigh(case(stated=run_properties_of({}), answers={}, evidence={}))
    assert found.verdict is Verdict.REFUSE
    assert found.reasons == ("security is unknown: it is not stated.",)
    assert {asked.of for asked in found.questions} == {"applicant", "officer"}


@pytest.mark.parametrize(
    "name", [n for n in STATED if n not in {"traits", "security_level"}]
)
def test_what_is_unknown_is_asked_for(name: str) -> None:
    found = _weigh(case(stated=run_properties_of(stated(**{name: None}))))
    assert found.verdict is Verdict.ASK
    assert "applicant" in {asked.of for asked in found.questions}


def test_unknown_security_is_refused_as_the_policy_says() -> None:
    assert _weigh(_stating(security_level=None)).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"autonomy": "open_ended"}, "autonomy is unacceptable"),
        ({"data": "unlawful"}, "data is unacceptable"),
        ({"security_level": 1}, "security is unacceptable"),
        ({"oversight_points_flop": []}, "oversight points is unacceptable"),
        ({"previous_run_flop": 1}, "scale is unacceptable"),
        (
            {"traits": {**STATED["traits"], "trained_against_oversight": True}},
            "Never allowed",
        ),
        (
            {
                "hazards": {
                    **STATED["hazards"],
                    "self_proliferation": {"trained_for": True, "expected": "none"},
                }
            },
            "Never allowed",
        ),
    ],
)
def test_what_the_policy_forbids_is_refused_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    found = _weigh(_stating(**changes))
    assert found.verdict is Verdict.REFUSE
    assert any(said.startswith(reason) for said in found.reasons)
    assert found.is_never_allowed is (reason == "Never allowed")
    assert found.plain["is_never_allowed"] is found.is_never_allowed


def test_a_class_takes_all_its_features_and_an_unsaid_one_is_asked_for() -> None:
    aims = {
        **STATED["hazards"],
        "ai_development": {"trained_for": True, "expected": "low"},
    }
    two = {**STATED["traits"], "acts_unattended": True, "changes_own_weights": True}
    assert _weigh(_stating(hazards=aims, traits=two)).verdict is Verdict.REFUSE
    unsaid = {**two, "changes_own_weights": None}
    found = _weigh(_stating(hazards=aims, traits=unsaid))
    assert "unattended_self_improvement" in {asked.about for asked in found.questions}
    no = {**two, "changes_own_weights": False}
    found = _weigh(_stating(hazards=aims, traits=no))
    assert "unattended_self_improvement" not in {q.about for q in found.questions}


def test_every_reason_is_given_not_the_first() -> None:
    found = _weigh(_stating(autonomy="open_ended", data="unlawful", security_level=1))
    assert len(found.reasons) == 3


def test_a_failed_gate_refuses_and_an_unassessed_one_is_asked_for() -> None:
    name = "gradual_scaling"
    failed = {**all_answers(), name: answer(name, Status.ABSENT)}
    assert _weigh(case(answers=failed)).verdict is Verdict.REFUSE
    unassessed = {k: v for k, v in all_answers().items() if k != name}
    found = _weigh(case(answers=unassessed))
    assert found.verdict is Verdict.ASK
    assert [(asked.of, asked.about) for asked in found.questions] == [("officer", name)]


def test_a_score_that_cannot_reach_the_minimum_is_refused() -> None:
    gates = {gate.practice for gate in POLICY.gates}
    low = {
        name: given if name in gates else answer(name, Status.ABSENT)
        for name, given in all_answers().items()
    }
    found = _weigh(case(answers=low))
    assert found.verdict is Verdict.REFUSE
    assert "cannot reach the minimum" in found.reasons[0]
    open_ones = {name: given for name, given in low.items() if name in gates}
    found = _weigh(case(answers=open_ones))
    assert [asked.about for asked in found.questions] == ["score"]


def _large(**changes: Any) -> CaseAtHand:  # noqa: ANN401 - any field
    facts = replace(FACTS, flop=2 * 10**25)
    said = stated(
        previous_run_flop="1e25",
        oversight_points_flop=["1e24", "4e24", "1.6e25"],
    )
    return case(facts=facts, stated=run_properties_of(said), **changes)


def test_above_the_threshold_a_safety_case_is_needed_and_every_claim_accepted() -> None:
    made = safety_case_of(SAFETY_CASE)
    assert [q.about for q in _weigh(_large()).questions] == ["safety_case"]
    unjudged = _weigh(_large(safety_case=made))
    assert {q.of for q in unjudged.questions} == {"officer"}
    accepted = _large(safety_case=made, judgements=judged(SAFETY_CASE))
    assert _weigh(accepted).verdict is Verdict.MAY_BE_PROPOSED
    assert _weigh(accepted).safety_case_digest == made.digest
    refused = judged(SAFETY_CASE, safe="Not shown.")
    found = _weigh(_large(safety_case=made, judgements=refused))
    assert found.reasons == ("The safety case fails at safe: Not shown.",)
    missing = replace(accepted, evidence={"other": EVIDENCE["audit-2026"]})
    assert "safety_case" in {q.about for q in _weigh(missing).questions}


def test_a_high_property_calls_for_a_safety_case_at_any_size() -> None:
    found = _weigh(_stating(novelty="new_capabilities"))
    assert [q.about for q in found.questions] == ["safety_case"]


def test_beyond_the_horizon_only_an_exception_is_left() -> None:
    at = case(facts=replace(FACTS, flop=10**26))
    assert _weigh(at).matter is Matter.PERMIT
    beyond = case(facts=replace(FACTS, flop=10**26 + 1))
    assert _weigh(beyond).matter is Matter.HORIZON_EXCEPTION


def test_an_officers_finding_counts_if_it_is_worse() -> None:
    worse = RunFinding(
        about="data",
        value="scraped",
        level=Level.UNACCEPTABLE,
        reason="It was taken without leave",
        by="A. Officer",
    )
    found = _weigh(case(findings={"data": worse}))
    assert found.reasons == ("data is unacceptable: It was taken without leave.",)
    better = replace(worse, level=Level.NONE)
    refused = _stating(data="unlawful")
    found = _weigh(replace(refused, findings={"data": better}))
    assert found.verdict is Verdict.REFUSE


def test_conditions_follow_from_findings_with_limits_that_machines_check() -> None:
    assert [made.id for made in _weigh(case()).conditions] == [
        "no_deployment",
        "inspectors",
    ]
    found = _weigh(_stating(reinforcement_learning_flop=4 * 10**22 + 1))
    (share,) = [c for c in found.conditions if c.id == "reinforcement_learning_share"]
    assert share.plain["limit"] == {
        "quantity": "flop_reinforcement_learning",
        "at_most": str(4 * 10**23),
    }
    assert share.text in found.provisos


def test_an_unknown_property_carries_the_conditions_of_a_bad_one() -> None:
    found = _weigh(_stating(reinforcement_learning_flop=None))
    assert "reinforcement_learning_share" in {made.id for made in found.conditions}


def test_a_limit_is_rounded_down() -> None:
    odd = _stating(reinforcement_learning_flop="1e24")
    found = _weigh(replace(odd, facts=replace(FACTS, flop=4 * 10**24 + 9)))
    assert 4 * 10**23 in {made.at_most for made in found.conditions}


def test_oversight_points_are_those_planned_and_the_end() -> None:
    found = _weigh(case())
    assert [point.at_flop for point in found.oversight_points] == [
        25 * 10**22,
        10**24,
        3 * 10**24,
        4 * 10**24,
    ]
    assert found.oversight_points[0].evaluations == POLICY.evaluations_at_points
    assert found.oversight_flop_share_ppm == 20_000
    assert found.evaluations_due == tuple(map(str, Capability))


def test_the_document_is_canonical_and_names_what_it_rests_on() -> None:
    found = _weigh(case())
    plain = parse_canonical(found.encoded)
    assert plain["format"] == "assent-review/1"
    assert plain["policy"] == {"id": "founding", "digest": POLICY.digest}
    assert digest(plain) == found.digest
    other = _weigh(case(facts=replace(FACTS, flop=FACTS.flop + 1)))
    assert other.digest != found.digest


def test_people_read_that_only_members_grant() -> None:
    text = " ".join(_weigh(case()).sentences)
    assert "Only the members can grant it" in text
    assert "score 100.0 %; 100.0 % of the weight was assessed" in text
    refused = _weigh(_stating(security_level=1)).sentences
    assert refused[0] == "The case is refused by the rules of the review policy."


def test_refuses_a_day_before_the_policy_another_questionnaire_and_no_flop() -> None:
    with pytest.raises(PolicyNotInForce):
        _weigh(case(), date(2025, 12, 31))
    with pytest.raises(PolicyInvalid, match="questionnaire"):
        weigh(case(), replace(POLICY, practices="other"), QUESTIONNAIRE, ON)
    with pytest.raises(QuantityInvalid):
        _weigh(case(facts=replace(FACTS, flop=0)))


@given(
    st.sampled_from(sorted(gate.practice for gate in POLICY.gates)),
    st.sampled_from([Status.PLANNED, Status.ABSENT]),
)
def test_no_case_is_so_good_that_a_failed_gate_is_made_up_for(
    practice: str, status: Status
) -> None:
    later = date(2027, 1, 10)
    answers = {**all_answers(), practice: answer(practice, status)}
    assert _weigh(case(answers=answers), later).verdict is Verdict.REFUSE


@given(left_out=st.sets(st.sampled_from(sorted(STATED))), has_answers=st.booleans())
def test_stating_less_never_makes_a_case_easier(
    left_out: set[str], *, has_answers: bool
) -> None:
    said = {name: value for name, value in STATED.items() if name not in left_out}
    answers = all_answers() if has_answers else {}
    found = _weigh(case(stated=run_properties_of(said), answers=answers))
    may = found.verdict is Verdict.MAY_BE_PROPOSED
    assert may == (has_answers and not left_out)
