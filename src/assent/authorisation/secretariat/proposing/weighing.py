"""Weigh an application by the agency's review policy.

events of a case + caps + day -> Weighed: the case, its review's file, and the Weighing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assent.authorisation.application import (
    Application,
    ApplicationCase,
    fold,
)
from assent.authorisation.docket import RecordedEvent
from assent.authorisation.review import (
    CaseAtHand,
    Questionnaire,
    ReviewFile,
    ReviewPolicy,
    RunFacts,
    Weighing,
    review_file_of,
    run_properties_of,
    safety_case_of,
    weigh,
)
from assent.authorisation.secretariat.office import Office
from assent.authorisation.terms import Caps
from assent.vocabulary import NotAllowed, Plain, canonical_bytes, parse_canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A case with what its review comes to on a day, for caps that it may have."""

    case: ApplicationCase
    file: ReviewFile
    weighing: Weighing
    caps: Caps


def weigh_case(
    office: Office,
    events: Sequence[RecordedEvent],
    on: date,
    narrowed: Caps | None = None,
) -> Weighed:
    """Return what the agency's review of an application comes to on a day.

    Args:
        office: the agency's.
        events: all events of the application's case.
        on: the day.
        narrowed: narrower caps than were asked for; None for those.

    Raises:
        NotAllowed: if the treaty names another review policy, or as `weigh_events`.
        CaseDamaged, InputError: as `weigh_events`.

    """
    _verify_policy(office)
    return weigh_events(events, office.policy, office.questionnaire, on, narrowed)


def weigh_events(
    events: Sequence[RecordedEvent],
    policy: ReviewPolicy,
    questionnaire: Questionnaire,
    on: date,
    narrowed: Caps | None = None,
) -> Weighed:
    """Return what a review of an application comes to, by any policy.

    Raises:
        CaseDamaged: if the events are no application's.
        NotAllowed: if the application does not say yet what is asked for, or the caps
            go beyond that.
        InputError: if a part of it cannot be read.

    """
    case, file = fold(events), review_file_of(events)
    application = case.application
    if case.submitted is None:
        raise NotAllowed(
            f"{case.case_id} is not submitted.", remedy="Wait for the developer."
        )
    caps = _caps(application.requested, narrowed)
    made = application.safety_case
    facts = RunFacts(
        developer=application.developer.name,
        flop=caps.flop,
        weights=caps.weights,
        chips=caps.chips,
        sites=caps.sites,
        provider=application.provider or None,
    )
    stated = {**_planned_oversight(application), **_plain(application.run_properties)}
    at_hand = CaseAtHand(
        facts=facts,
        stated=run_properties_of(stated),
        answers=file.answers,
        evidence=_evidence(case, case.submitted.date()),
        findings=file.findings,
        safety_case=None if made is None else safety_case_of(_plain(made)),
        judgements=file.judgements,
    )
    weighing = weigh(at_hand, policy, questionnaire, on)
    return Weighed(case=case, file=file, weighing=weighing, caps=caps)


def _evidence(case: ApplicationCase, submitted: date) -> dict[str, date]:
    """Return the day of each document: its own, else that of the submission.

    Nobody is asked to accept a document by itself: an officer who names it in an answer
    or accepts a claim that rests on it has.
    """
    return {
        one.id: date.fromisoformat(one.dated) if one.dated else submitted
        for one in case.evidence.values()
    }


def _verify_policy(office: Office) -> None:
    named, held = office.treaty.review_policy_digest, office.policy.digest
    if named is not None and named != held:
        raise NotAllowed(
            f"The treaty names the review policy {named}, and this agency reviews by"
            f" {office.policy.id}, {held}.",
            remedy="Put the policy in place that the states agreed on.",
        )


def _plain(part: Mapping[str, Plain]) -> dict[str, Any]:
    """Return a part of an application as the plain dict that a form reads."""
    value: dict[str, Any] = parse_canonical(canonical_bytes(part))
    return value


def _planned_oversight(application: Application) -> dict[str, Any]:
    """Return the oversight plan as properties of the run, which may state their own."""
    plan = application.oversight
    if plan is None:
        return {}
    return {
        "oversight_flop_share_ppm": plan.flop_share_ppm,
        "oversight_points_flop": [str(point.at_flop) for point in plan.points],
    }


def _caps(asked: Caps | None, narrowed: Caps | None) -> Caps:
    """Return the caps to propose: what was asked for, or less."""
    if asked is None:
        raise NotAllowed("Nothing is asked for.", remedy="Amend the application.")
    if narrowed is None:
        return asked
    if not narrowed.is_within(asked):
        raise NotAllowed(
            "The caps that are proposed go beyond what was asked for.",
            remedy="Narrow them; for more, the developer amends the application.",
        )
    return narrowed
