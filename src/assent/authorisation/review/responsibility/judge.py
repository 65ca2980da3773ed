"""Score a developer's practices, and see which gates it passes.

officer's answers + evidence + Questionnaire + ReviewPolicy + date -> Responsibility

(1) A practice earns its weight if it is in place, a part of it if it is so in part,
    and nothing if it is planned, absent or not assessed.
(2) It earns nothing without evidence that was accepted and is fresh on that day.
(3) What an officer found not to apply is taken out of the sum, up to a number that the
    policy sets; beyond it the score is nought.
(4) A gate is passed or not, whatever the score: it is never weighed against anything.

The score is an exact fraction. It is no probability that a run is safe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assent.authorisation.review.policy import Gate, ReviewPolicy
from assent.authorisation.review.responsibility.answer import Answer, Status
from assent.authorisation.review.responsibility.questionnaire import (
    Practice,
    Questionnaire,
)
from assent.authorisation.review.shape import percent, ratio_text
from assent.vocabulary import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """What one practice earns, of its weight, and why; `counts` is whether it does."""

    practice: str
    weight: Fraction
    credit: Fraction
    counts: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOutcome:
    """Whether a gate is passed; `is_assessed` is whether an officer looked at it."""

    practice: str
    passed: bool
    is_assessed: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """The score, what it rests on, and the gates.

    Attributes:
        score: credit earned, of the weight that counts; exact.
        reach: the score if all that nobody assessed were in place.
        coverage: the share of all weight that an officer assessed.
        items: practice by practice.
        gates: those that stand on the day.

    """

    score: Fraction
    reach: Fraction
    coverage: Fraction
    items: tuple[ItemScore, ...]
    gates: tuple[GateOutcome, ...]

    @property
    def plain(self) -> dict[str, Plain]:
        """The result as plain values, ratios as exact texts."""
        return {
            "score": ratio_text(self.score),
            "coverage": ratio_text(self.coverage),
            "items": [
                {
                    "practice": item.practice,
                    "weight": ratio_text(item.weight),
                    "credit": ratio_text(item.credit),
                    "counts": item.counts,
                    "reason": item.reason,
                }
                for item in self.items
            ],
            "gates": [
                {
                    "practice": gate.practice,
                    "passed": gate.passed,
                    "reason": gate.reason,
                }
                for gate in self.gates
            ],
        }

    @property
    def sentence(self) -> str:
        """The score in words, never without what it rests on."""
        return (
            f"The developer's practices score {percent(self.score)};"
            f" {percent(self.coverage)} of the weight was assessed."
        )


def judge_responsibility(
    answers: Mapping[str, Answer],
    evidence: Mapping[str, date],
    questionnaire: Questionnaire,
    policy: ReviewPolicy,
    on: date,
) -> Responsibility:
    """Return the score and the gates of a developer on a day.

    Args:
        answers: one side's, by practice; the officers' where it is to count.
        evidence: what was accepted, by name, with the day from which it dates.
        questionnaire: the practices and their weights.
        policy: gates, credit and how old evidence may be.
        on: the day.

    """
    items = tuple(
        _item(practice, answers.get(practice.id), evidence, policy, on)
        for practice in questionnaire.practices.values()
    )
    skipped = [item.weight for item in items if not item.counts]
    whole = questionnaire.weight
    total = whole - sum(skipped)
    earned = sum(
        (item.weight * item.credit for item in items if item.credit), Fraction()
    )
    open_weight = whole - sum(item.weight for item in items if item.practice in answers)
    is_scored = total > 0 and len(skipped) <= policy.not_applicable_max
    return Responsibility(
        score=earned / total if is_scored else Fraction(),
        reach=(earned + open_weight) / total if is_scored else Fraction(),
        coverage=(whole - open_weight) / whole,
        items=items,
        gates=tuple(
            _gate(gate, answers, {item.practice: item for item in items}, policy)
            for gate in policy.gates
            if gate.holds_on(on)
        ),
    )


def _item(
    practice: Practice,
    answer: Answer | None,
    evidence: Mapping[str, date],
    policy: ReviewPolicy,
    on: date,
) -> ItemScore:
    credit, counts = Fraction(), True
    if answer is None:
        reason = "nobody assessed it"
    elif answer.assessed > on:
        reason = f"its assessment is of {answer.assessed}, after this day"
    elif answer.status is Status.NOT_APPLICABLE:
        counts, reason = False, f"it does not apply: {answer.note}"
    elif answer.status in {Status.PLANNED, Status.ABSENT}:
        reason = f"it is {answer.status.value}"
    elif lack := _lack(answer, evidence, policy.evidence_days_max.on(on), on):
        reason = lack
    elif answer.status is Status.IN_PLACE:
        credit, reason = Fraction(1), "it is in place, with evidence"
    else:
        credit, reason = policy.credit_partly, "it is partly in place, with evidence"
    return ItemScore(
        practice=practice.id,
        weight=practice.weight,
        credit=credit,
        counts=counts,
        reason=reason,
    )


def _lack(answer: Answer, evidence: Mapping[str, date], days_max: int, on: date) -> str:
    """Return what is wrong with the evidence; nothing if one piece of it is good."""
    if not answer.evidence:
        return "no evidence is given"
    accepted = [evidence[name] for name in answer.evidence if name in evidence]
    if not accepted:
        return "none of its evidence was accepted"
    if not any(0 <= (on - day).days <= days_max for day in accepted):
        return f"none of its evidence is of the last {days_max} days"
    return ""


def _gate(
    gate: Gate,
    answers: Mapping[str, Answer],
    items: Mapping[str, ItemScore],
    policy: ReviewPolicy,
) -> GateOutcome:
    item = items.get(gate.practice)
    if item is None:
        # A gate that nobody can pass is safe; a gate that is passed over is not.
        reason = "the questionnaire does not ask for it"
        return GateOutcome(
            practice=gate.practice, passed=False, is_assessed=True, reason=reason
        )
    needed = Fraction(1) if gate.needs_all else min(policy.credit_partly, Fraction(1))
    passed = item.counts and item.credit > 0 and item.credit >= needed
    return GateOutcome(
        practice=gate.practice,
        passed=passed,
        is_assessed=gate.practice in answers,
        reason=item.reason,
    )
