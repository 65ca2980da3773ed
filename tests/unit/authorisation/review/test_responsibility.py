"""Practices: no score without evidence, and no gate that a score makes up for."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import (
    EVIDENCE,
    ON,
    POLICY,
    QUESTIONNAIRE,
    all_answers,
    answer,
)

from assent.authorisation.review import (
    Answer,
    AnswerInvalid,
    QuestionnaireInvalid,
    Responsibility,
    Status,
    answer_of,
    judge_responsibility,
    parse_questionnaire,
)
from assent.rulebook import Mark
from assent.vocabulary import AssentError

PLAIN = answer("red_teaming").plain
PRACTICES = sorted(QUESTIONNAIRE.practices)
GATES = {gate.practice for gate in POLICY.gates if gate.holds_on(ON)}


def _judge(answers: dict[str, Answer], on: date = ON) -> Responsibility:
    return judge_responsibility(answers, EVIDENCE, QUESTIONNAIRE, POLICY, on)


def test_there_are_fifty_practices_and_no_invented_agreement() -> None:
    practices = QUESTIONNAIRE.practices.values()
    assert len(practices) == 50
    published = [p for p in practices if p.is_weight_published]
    assert [p.weight for p in published] == [Fraction(98, 100)] * 5 + [
        Fraction(941, 1000)
    ]
    assert published[-1].mark is Mark.SECONDARY
    assert {p.weight for p in practices if not p.is_weight_published} == {
        Fraction(852, 1000)
    }


def test_everything_in_place_with_evidence_scores_one() -> None:
    found = _judge(all_answers())
    assert found.score == found.coverage == 1
    assert all(gate.passed for gate in found.gates)


def test_nothing_assessed_scores_nothing_and_passes_no_gate() -> None:
    found = _judge({})
    assert found.score == found.coverage == 0
    assert found.reach == 1
    assert not any(gate.passed or gate.is_assessed for gate in found.gates)


def test_the_score_is_an_exact_fraction() -> None:
    found = _judge({"red_teaming": answer("red_teaming")})
    total = 5 * Fraction(98, 100) + Fraction(941, 1000) + 44 * Fraction(852, 1000)
    assert found.score == Fraction(98, 100) / total
    assert found.plain["score"] == f"{found.score.numerator}/{found.score.denominator}"


@pytest.mark.parametrize(
    "other",
    [
        {"evidence": ()},
        {"evidence": ("never-filed",)},
        {"evidence": ("old-audit",)},
        {"status": Status.PLANNED},
        {"status": Status.ABSENT},
        {"assessed": ON + timedelta(days=1)},
    ],
    ids=str,
)
def test_counts_nothing_without_accepted_fresh_evidence(other: dict[str, Any]) -> None:
    given = answer("red_teaming", **other)
    assert _judge({"red_teaming": given}).score == 0


def test_evidence_is_stale_one_day_after_its_last() -> None:
    fresh_until = EVIDENCE["audit-2026"] + timedelta(days=365)
    answers = {"red_teaming": answer("red_teaming")}
    assert _judge(answers, fresh_until).score > 0
    assert _judge(answers, fresh_until + timedelta(days=1)).score == 0


def test_evidence_from_the_future_is_none() -> None:
    answers = {"red_teaming": answer("red_teaming", assessed=date(2026, 1, 1))}
    assert _judge(answers, date(2026, 1, 14)).score == 0


def test_partly_counts_as_the_policy_says() -> None:
    whole = _judge({"red_teaming": answer("red_teaming")})
    part = _judge({"red_teaming": answer("red_teaming", Status.PARTLY)})
    assert part.score == whole.score / 2


def test_what_does_not_apply_leaves_the_sum_up_to_the_policys_number() -> None:
    skipped = [name for name in PRACTICES if name not in GATES][:6]
    out = {
        name: answer(name, Status.NOT_APPLICABLE, note="It sells nothing.")
        for name in skipped
    }
    five = {**all_answers(), **{name: out[name] for name in skipped[:5]}}
    assert _judge(five).score == 1
    assert _judge({**five, **out}).score == 0


def test_a_gate_that_is_said_not_to_apply_is_not_passed() -> None:
    name = "gradual_scaling"
    out = answer(name, Status.NOT_APPLICABLE, note="It trains once.")
    found = _judge({**all_answers(), name: out})
    assert found.score == 1
    assert [gate.practice for gate in found.gates if not gate.passed] == [name]


@pytest.mark.parametrize("practice", sorted(GATES))
def test_no_score_makes_up_for_a_gate(practice: str) -> None:
    found = _judge({**all_answers(), practice: answer(practice, Status.PLANNED)})
    assert found.score > POLICY.minimum_score.on(ON)
    assert [gate.practice for gate in found.gates if not gate.passed] == [practice]


def test_a_gate_stands_from_its_day() -> None:
    later = date(2027, 1, 1)
    name = "military_grade_security"
    assert name not in {g.practice for g in _judge({}, date(2026, 12, 31)).gates}
    assert name in {g.practice for g in _judge({}, later).gates}


def test_a_gate_that_the_questionnaire_does_not_ask_for_is_shut() -> None:
    gate = replace(POLICY.gates[0], practice="something_else")
    policy = replace(POLICY, gates=(gate,))
    found = judge_responsibility(all_answers(), EVIDENCE, QUESTIONNAIRE, policy, ON)
    assert [gate.passed for gate in found.gates] == [False]


ANSWERS = st.dictionaries(
    st.sampled_from(PRACTICES),
    st.tuples(
        st.sampled_from(
            [Status.IN_PLACE, Status.PARTLY, Status.PLANNED, Status.ABSENT]
        ),
        st.sets(st.sampled_from(["audit-2026", "old-audit", "never-filed"])),
    ),
).map(
    lambda drawn: {
        name: answer(name, status, evidence=tuple(sorted(evidence)))
        for name, (status, evidence) in drawn.items()
    }
)


@given(ANSWERS, st.sampled_from(PRACTICES))
def test_more_evidence_never_lowers_a_score_nor_shuts_a_gate(
    answers: dict[str, Answer], practice: str
) -> None:
    before = _judge(answers)
    more = {
        name: replace(said, evidence=(*said.evidence, "audit-2026"))
        if name == practice
        else said
        for name, said in answers.items()
    }
    after = _judge(more)
    assert after.score >= before.score
    for gate, was in zip(after.gates, before.gates, strict=True):
        assert gate.passed >= was.passed


@given(ANSWERS)
def test_a_score_stays_between_nought_and_what_was_assessed(
    answers: dict[str, Answer],
) -> None:
    found = _judge(answers)
    assert 0 <= found.score <= found.coverage <= 1
    assert found.score <= found.reach <= 1


def test_an_answer_is_written_and_read_again() -> None:
    assert answer_of(PLAIN, QUESTIONNAIRE).plain == PLAIN


@pytest.mark.parametrize(
    "change",
    [
        {"practice": "flattery"},
        {"status": "excellent"},
        {"status": "not_applicable"},
        {"status": "not_applicable", "note": "  "},
        {"evidence": ["a\nb"]},
        {"evidence": ["a"] * 33},
        {"assessed": "1.3.2026"},
        {"assessed": "2026-02-30"},
        {"assessor": ""},
        {"assessor": "\u202eevil"},
        {"score": 1},
        {"side": "friend"},
    ],
    ids=str,
)
def test_refuses_an_answer_that_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(AnswerInvalid):
        answer_of({**PLAIN, **change}, QUESTIONNAIRE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.dictionaries(st.sampled_from(sorted(PLAIN)), JSON))
def test_whatever_is_handed_in_only_our_errors_come_out(value: object) -> None:
    with pytest.raises(AssentError):
        answer_of(value)


@pytest.mark.parametrize(
    "text", ["", "[]", "format: assent-practices/1", "a: b: c", "{", "format: 0.5"]
)
def test_refuses_a_questionnaire_that_is_none(text: str) -> None:
    with pytest.raises(AssentError) as caught:
        parse_questionnaire(text)
    assert caught.value.remedy


def test_refuses_a_practice_that_stands_twice() -> None:
    practice = "{id: a, title: A, question: Is it?, agreement: null}"
    text = (
        "{format: assent-practices/1, id: x, title: X, from: 2024-01-01, mark: memory,"
        " respondents: 1, agreement_average: {value: 1, mark: read}, citation: {text:"
        f" t, url: 'https://a.example'}}, note: n, practices: [{practice},"
        f" {practice}]}}"
    )
    with pytest.raises(QuestionnaireInvalid, match="stands twice"):
        parse_questionnaire(text)
    assert parse_questionnaire(text.replace(f"{practice}, ", "", 1)).practices
