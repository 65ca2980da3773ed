"""Weigh a case by the review policy.

CaseAtHand + ReviewPolicy + Questionnaire + date -> Weighing

(1) A system of a class that is never allowed is refused.
(2) A gate that is not passed, a score below the minimum or an unacceptable property is
    a refusal; nothing makes up for it.
(3) What is unknown and mandatory is asked for, or refused where the policy says so.
(4) Where a safety case is needed, it has to be complete, with every claim accepted; one
    that an officer found to fail is a refusal even where none was needed.
(5) Whatever is left may be put to the vote, with the conditions that its findings call
    for; beyond the horizon only as an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from assent.authorisation.review.policy import PolicyInvalid, ReviewPolicy
from assent.authorisation.review.policy.policy import Unknown
from assent.authorisation.review.responsibility import (
    Answer,
    Questionnaire,
    Responsibility,
    judge_responsibility,
)
from assent.authorisation.review.run import (
    RunFacts,
    RunFinding,
    RunProperties,
    judge_run,
    settle,
)
from assent.authorisation.review.safety_case import (
    Judgement,
    SafetyCase,
    check_safety_case,
    unaccepted_claims,
)
from assent.authorisation.review.shape import Level, percent
from assent.authorisation.review.weighing.due import conditions_due, points_due
from assent.authorisation.review.weighing.weighing import Question, Verdict, Weighing
from assent.authorisation.treaty import Matter
from assent.vocabulary import QuantityInvalid

APPLICANT, OFFICER = "applicant", "officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAtHand:
    """All that is weighed.

    Attributes:
        facts: what the application asks for.
        stated: what it says of the run.
        answers: the officers' answers, by practice; the developer's own never count.
        evidence: what officers accepted, by name, with the day from which it dates.
        findings: recorded by officers, by property.
        safety_case: the one before the agency; None if there is none.
        judgements: of its claims, by claim.

    """

    facts: RunFacts
    stated: RunProperties
    answers: Mapping[str, Answer] = field(default_factory=dict)
    evidence: Mapping[str, date] = field(default_factory=dict)
    findings: Mapping[str, RunFinding] = field(default_factory=dict)
    safety_case: SafetyCase | None = None
    judgements: Mapping[str, Judgement] = field(default_factory=dict)


@dataclass(slots=True)
class _Balance:
    """What was found so far: reasons to refuse, and questions."""

    is_never_allowed: bool = False
    reasons: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def ask(self, of: str, about: str, text: str) -> None:
        self.questions.append(Question(of=of, about=about, text=text))

    @property
    def verdict(self) -> Verdict:
        if self.reasons:
            return Verdict.REFUSE
        return Verdict.ASK if self.questions else Verdict.MAY_BE_PROPOSED


def weigh(
    case: CaseAtHand, policy: ReviewPolicy, questionnaire: Questionnaire, on: date
) -> Weighing:
    """Return what the review came to on a day.

    Raises:
        PolicyNotInForce: if the policy does not hold yet.
        PolicyInvalid: if it is not about this questionnaire.
        QuantityInvalid: if the run is to have no FLOP.

    """
    policy.verify_in_force(on)
    _check_inputs(case, policy, questionnaire)
    responsibility = judge_responsibility(
        case.answers, case.evidence, questionnaire, policy, on
    )
    settled = settle(judge_run(case.facts, case.stated, policy, on), case.findings)
    balance = _Balance()
    _weigh_class(case.stated, policy, balance)
    _weigh_developer(responsibility, policy, on, balance)
    _weigh_run(settled, policy, balance)
    _weigh_safety(case, settled, policy, on, balance)
    is_beyond = case.facts.flop > policy.horizon_flop.on(on)
    made, asked_ppm = case.safety_case, case.stated.oversight_flop_share_ppm or 0
    return Weighing(
        on=on,
        policy_id=policy.id,
        policy_digest=policy.digest,
        practices_digest=questionnaire.digest,
        developer=case.facts.developer,
        flop=case.facts.flop,
        responsibility=responsibility,
        findings=tuple(settled.values()),
        features=case.stated.features,
        safety_case_digest=None if made is None else made.digest,
        verdict=balance.verdict,
        reasons=tuple(balance.reasons),
        is_never_allowed=balance.is_never_allowed,
        questions=tuple(balance.questions),
        matter=Matter.HORIZON_EXCEPTION if is_beyond else Matter.PERMIT,
        conditions=conditions_due(case.facts, settled, policy),
        oversight_flop_share_ppm=max(policy.oversight.on(on).flop_share_ppm, asked_ppm),
        oversight_points=points_due(case.facts, case.stated, policy),
        evaluations_due=policy.evaluations_due,
    )


def _check_inputs(
    case: CaseAtHand, policy: ReviewPolicy, questionnaire: Questionnaire
) -> None:
    if policy.practices != questionnaire.id:
        raise PolicyInvalid(
            f"The policy {policy.id} is about the questionnaire {policy.practices}, not"
            f" {questionnaire.id}.",
            remedy="Weigh by the questionnaire that the policy names.",
        )
    if case.facts.flop <= 0:
        raise QuantityInvalid(
            "The run is to have no FLOP.", remedy="Give the cap that is asked for."
        )


def _weigh_class(
    stated: RunProperties, policy: ReviewPolicy, balance: _Balance
) -> None:
    for never in policy.never_allowed:
        has = {feature: stated.has(feature) for feature in sorted(never.features)}
        if all(has.values()):
            balance.is_never_allowed = True
            balance.reasons.append(f"Never allowed: {never.title}.")
        elif False not in has.values():
            unknown = ", ".join(
                name.replace("_", " ") for name, is_so in has.items() if is_so is None
            )
            text = f"Say whether the run is so: {unknown}. ({never.title})"
            balance.ask(APPLICANT, never.id, text)


def _weigh_developer(
    found: Responsibility, policy: ReviewPolicy, on: date, balance: _Balance
) -> None:
    for gate in found.gates:
        name = gate.practice.replace("_", " ")
        if gate.passed:
            continue
        if gate.is_assessed:
            balance.reasons.append(f"The gate '{name}' is not passed: {gate.reason}.")
        else:
            text = f"Assess the practice '{name}': it is a gate."
            balance.ask(OFFICER, gate.practice, text)
    minimum = policy.minimum_score.on(on)
    if found.score >= minimum:
        return
    if found.reach >= minimum:
        text = (
            f"Assess more practices: {percent(found.score)} is below the minimum of"
            f" {percent(minimum)}, and {percent(found.coverage)} was assessed."
        )
        balance.ask(OFFICER, "score", text)
    else:
        balance.reasons.append(
            f"The score of {percent(found.score)} cannot reach the minimum of"
            f" {percent(minimum)}."
        )


def _weigh_run(
    settled: Mapping[str, RunFinding], policy: ReviewPolicy, balance: _Balance
) -> None:
    for judged, found in settled.items():
        name = judged.replace("_", " ")
        if found.level is Level.UNACCEPTABLE:
            balance.reasons.append(f"{name} is unacceptable: {found.reason}.")
        elif found.level is Level.UNKNOWN and judged in policy.unknown:
            if policy.unknown[judged] is Unknown.REFUSE:
                balance.reasons.append(f"{name} is unknown: {found.reason}.")
            else:
                balance.ask(APPLICANT, judged, f"State '{name}': {found.reason}.")


def _weigh_safety(
    case: CaseAtHand,
    settled: Mapping[str, RunFinding],
    policy: ReviewPolicy,
    on: date,
    balance: _Balance,
) -> None:
    worst = max(found.level.rank for found in settled.values())
    is_needed = (
        case.facts.flop > policy.safety_case_above_flop.on(on)
        or worst >= policy.safety_case_from_level.rank
    )
    made = case.safety_case
    if made is None:
        if is_needed:
            text = "File a safety case: the run is permitted only if it is accepted."
            balance.ask(APPLICANT, "safety_case", text)
        return
    if is_needed:
        for lack in check_safety_case(made, case.evidence):
            text = f"Complete the safety case at {lack.node}: {lack.problem}."
            balance.ask(APPLICANT, "safety_case", text)
    for claim, reason in unaccepted_claims(made, case.judgements).items():
        if reason is not None:  # an argument that failed speaks against any run
            balance.reasons.append(f"The safety case fails at {claim}: {reason}")
        elif is_needed:
            balance.ask(OFFICER, "safety_case", f"Judge the claim {claim}.")
