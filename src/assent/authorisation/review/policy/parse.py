"""Read a review policy, and refuse one that could let a case slip through.

YAML or JSON text, plain value -> ReviewPolicy
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from assent.authorisation.review.features import (
    FEATURES,
    PROPERTIES,
    Autonomy,
    DataStanding,
    Novelty,
)
from assent.authorisation.review.policy.errors import PolicyInvalid
from assent.authorisation.review.policy.form import (
    ConditionForm,
    DaysStep,
    FlopStep,
    OversightStep,
    PolicyForm,
    RatioStep,
    StepsForm,
)
from assent.authorisation.review.policy.policy import (
    ConditionRule,
    Dated,
    Gate,
    NeverAllowed,
    OversightDemand,
    ReviewPolicy,
    SecurityDemand,
    Step,
    Steps,
)
from assent.authorisation.review.shape import Level, fields_of, read_form
from assent.rulebook import Mark
from assent.vocabulary import AssentError, digest, parse_yaml


class _Dated(Protocol):
    @property
    def since(self) -> date: ...
    @property
    def mark(self) -> Mark: ...
    @property
    def pinpoint(self) -> str: ...


def parse_policy(text: str) -> ReviewPolicy:
    """Return the policy that a YAML or JSON text is.

    Raises:
        DocumentInvalid, DocumentTooLarge: if it is neither YAML nor JSON.
        PolicyInvalid: if a field is wrong, or two of them contradict each other.

    """
    return policy_of(parse_yaml(text).value)


def policy_of(value: Any) -> ReviewPolicy:  # noqa: ANN401 - any plain value
    """Return the policy that plain values describe.

    Raises:
        PolicyInvalid: if a field is wrong, or two of them contradict each other.

    """
    form = read_form(PolicyForm, value, PolicyInvalid, "review policy")
    try:
        document_digest = digest(value)
    except AssentError as error:
        raise _invalid(error.message) from None
    _check_words(form)
    _check_numbers(form)
    return _compose(form, document_digest)


def _compose(form: PolicyForm, document_digest: str) -> ReviewPolicy:
    asked, run = form.responsibility, form.run
    return ReviewPolicy(
        id=form.id,
        title=form.title,
        note=form.note,
        digest=document_digest,
        practices=form.practices,
        since=form.since,
        minimum_score=Dated(_ratios(form, asked.minimum_score)),
        evidence_days_max=Dated(_counts(form, asked.evidence_days_max)),
        credit_partly=asked.credit_partly,
        not_applicable_max=asked.not_applicable_max,
        gates=tuple(
            Gate(
                needs_all=gate.at_least == "in_place",
                **fields_of(gate, "at_least"),
            )
            for gate in asked.gates
        ),
        unknown=run.unknown,
        scale=_steps("scale", run.scale),
        reinforcement_learning=_steps(
            "reinforcement_learning", run.reinforcement_learning
        ),
        autonomy=_whole("autonomy", run.autonomy, Autonomy),
        novelty=_whole("novelty", run.novelty, Novelty),
        data=_whole("data", run.data, DataStanding),
        containment=frozenset(map(str, run.containment)),
        security=tuple(SecurityDemand(**fields_of(made)) for made in run.security),
        oversight=Dated(_oversight(form, run.oversight)),
        never_allowed=tuple(
            NeverAllowed(
                features=frozenset(made.features),
                **fields_of(made, "features"),
            )
            for made in run.never_allowed
        ),
        horizon_flop=Dated(_counts(form, run.horizon_flop)),
        safety_case_above_flop=Dated(_counts(form, run.safety_case.above_flop)),
        safety_case_from_level=run.safety_case.from_level,
        conditions=tuple(_condition(made) for made in form.conditions),
        evaluations_at_points=tuple(form.evaluations.at_points),
        evaluations_due=tuple(form.evaluations.due),
        conflicts=frozenset(form.conflicts),
    )


def _ratios(form: PolicyForm, steps: Sequence[RatioStep]) -> tuple[Step[Any], ...]:
    _check_days(form, steps)
    return tuple(Step(**fields_of(step)) for step in steps)


def _counts(
    form: PolicyForm, steps: Sequence[DaysStep] | Sequence[FlopStep]
) -> tuple[Step[int], ...]:
    _check_days(form, steps)
    return tuple(Step(**fields_of(step)) for step in steps)


def _oversight(
    form: PolicyForm, steps: Sequence[OversightStep]
) -> tuple[Step[OversightDemand], ...]:
    _check_days(form, steps)
    for step in steps:
        if step.spacing_factor <= 1 or not 0 < step.first_point_share <= 1:
            raise _invalid(
                "oversight: the spacing factor is above 1, the first point's share"
                " above 0 and at most 1"
            )
    return tuple(
        Step(
            since=step.since,
            mark=step.mark,
            pinpoint=step.pinpoint,
            value=OversightDemand(
                flop_share_ppm=step.flop_share_ppm,
                spacing_factor=step.spacing_factor,
                first_point_share=step.first_point_share,
            ),
        )
        for step in steps
    )


def _condition(form: ConditionForm) -> ConditionRule:
    limit = form.limit
    if limit is not None and limit.share > 1:
        raise _invalid(f"condition {form.id}: its limit is above the cap itself")
    if (form.property is None) != (form.at_least is None):
        raise _invalid(f"condition {form.id}: name a property with a level, or neither")
    return ConditionRule(
        id=form.id,
        text=form.text,
        property=form.property,
        at_least=form.at_least or Level.NONE,
        **({} if limit is None else fields_of(limit)),
    )


def _steps(name: str, form: StepsForm) -> Steps:
    bounds = [form.moderate, form.high]
    if form.unacceptable is not None:
        bounds.append(form.unacceptable)
    if bounds != sorted(bounds):
        raise _invalid(f"{name}: its bounds do not rise")
    return Steps(**fields_of(form, "mark", "pinpoint"))


def _whole(
    name: str, levels: Mapping[Any, Level], words: type[StrEnum]
) -> dict[str, Level]:
    if missing := set(words) - levels.keys():
        raise _invalid(f"{name}: {min(missing)} has no level")
    return {str(word): level for word, level in levels.items()}


def _check_days(form: PolicyForm, steps: Sequence[_Dated]) -> None:
    days = [step.since for step in steps]
    if days != sorted(set(days)) or days[0] > form.since:
        raise _invalid(
            "the days of a value do not rise, or its first is after the policy's own"
        )


def _check_words(form: PolicyForm) -> None:
    """Refuse a word that nothing defines: a rule that never applies is a hole."""
    named = [made.property for made in form.conditions if made.property is not None]
    for word in (*form.run.unknown, *named):
        if word not in PROPERTIES:
            raise _invalid(f"{word} is no property of a run that is judged")
    for made in form.run.never_allowed:
        for word in made.features:
            if word not in FEATURES:
                raise _invalid(
                    f"{made.id}: {word} is no feature that could be declared"
                )
    _distinct(
        "gate", (f"{gate.practice} {gate.since}" for gate in form.responsibility.gates)
    )
    _distinct("condition", (made.id for made in form.conditions))
    _distinct("class", (made.id for made in form.run.never_allowed))


def _check_numbers(form: PolicyForm) -> None:
    asked = form.responsibility
    if asked.credit_partly >= 1 or any(step.value > 1 for step in asked.minimum_score):
        raise _invalid("a score is at most 1, and a practice in part counts less")
    for gate in asked.gates:
        if gate.until is not None and gate.until <= gate.since:
            raise _invalid(f"gate {gate.practice} ends before it begins")


def _distinct(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _invalid(f"{what} {name} stands twice")
        seen.add(name)


def _invalid(why: str) -> PolicyInvalid:
    return PolicyInvalid(
        f"This is no review policy that could be applied: {why}.",
        remedy="Correct the document; docs/review.md explains every field.",
    )
