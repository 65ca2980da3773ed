"""Weigh an application, and put it to the vote or refuse it.

case -> Weighing -> a proposal with the very permit, or a refusal with every reason
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assent.authorisation.application import (
    Application,
    ApplicationCase,
    RequestedCaps,
    State,
    fold,
)
from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import Caps
from assent.authorisation.review import (
    CaseAtHand,
    ReviewFile,
    RunFacts,
    Verdict,
    Weighing,
    propose,
    put_to_vote,
    refuse_by_rule,
    review_file_of,
    run_properties_of,
    safety_case_of,
    weigh,
)
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.secretariat.conclude import announce_refusal
from assent.authorisation.secretariat.draft import Draft
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.treaty import Matter
from assent.vocabulary import NotAllowed, Plain, canonical_bytes, parse_canonical

NEVER = "Never allowed"  # how the review begins such a reason
_PROPOSABLE = {State.UNDER_REVIEW: None, State.UNDER_APPEAL: Matter.APPEAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A case with what its review came to on a day."""

    case: ApplicationCase
    file: ReviewFile
    weighing: Weighing


def weigh_case(office: Office, events: Sequence[RecordedEvent], on: date) -> Weighed:
    """Return what the review of an application comes to on a day.

    Raises:
        CaseDamaged: if the events are no application's.
        NotAllowed: if the application does not say yet what is asked for.
        InputError: if a part of it cannot be read.

    """
    case, file = fold(events), review_file_of(events)
    application = case.application
    caps = application.requested
    if caps is None or case.submitted is None:
        raise NotAllowed(
            f"{case.case_id} is not submitted, or asks for no caps.",
            remedy="Complete the application and submit it.",
        )
    made = application.safety_case
    weighing = weigh(
        CaseAtHand(
            facts=RunFacts(
                developer=application.developer.name,
                flop=caps.flop,
                weights=caps.weights,
                chips=caps.chips,
                sites=caps.sites,
                provider=_provider(application),
            ),
            stated=run_properties_of(
                {
                    **_planned_oversight(application),
                    **_plain(application.run_properties),
                }
            ),
            answers=file.answers,
            evidence=dict.fromkeys(case.evidence, case.submitted.date()),
            findings=file.findings,
            safety_case=None if made is None else safety_case_of(_plain(made)),
            judgements=file.judgements,
        ),
        office.policy,
        office.questionnaire,
        on,
    )
    return Weighed(case=case, file=file, weighing=weighing)


def propose_permit(
    office: Office,
    case_id: str,
    actor: str,
    now: datetime,
    *,
    caps: Caps | None = None,
) -> Proposal:
    """Put the permit that an application asks for to the vote.

    Args:
        office: the agency's.
        case_id: an application under review, or under appeal.
        actor: who proposes it.
        now: the time.
        caps: narrower ones than were asked for; None for those.

    Raises:
        NotFound: if there is no such case.
        NotAllowed: if its review does not let it be put to the vote, or the caps are
            wider than what was asked for.
        MatterUnknown: if the treaty lets nobody decide it.

    """
    with office.docket.writing() as transaction:
        events = found(transaction, case_id)
        weighed = weigh_case(office, events, now.date())
        state = weighed.case.state
        if state not in _PROPOSABLE:
            raise NotAllowed(
                f"{case_id} is {state.value}: nothing can be put to the vote.",
                remedy="Review it first; what is decided can be appealed against.",
            )
        matter = _PROPOSABLE[state] or weighed.weighing.matter
        proposal = Draft(
            office=office,
            transaction=transaction,
            case_digest=events[-1].digest,
            case=weighed.case,
            file=weighed.file,
            weighing=weighed.weighing,
            matter=matter,
            caps=_caps(weighed.case.application.requested, caps),
            now=now,
        ).proposal()
        if matter is Matter.APPEAL:
            _verify_may_be_appealed(weighed.weighing)
            proposed = put_to_vote(weighed.file.ballot, proposal, now, actor)
        else:
            proposed = propose(weighed.file, proposal, weighed.weighing, now, actor)
        office.records.put(canonical_bytes(weighed.weighing.plain))
        office.records.put(canonical_bytes(weighed.case.application.plain))
        office.add(transaction, case_id, [proposed])
    return proposal


def refuse(office: Office, case_id: str, actor: str, now: datetime) -> Weighing:
    """Refuse an application that its review refuses, without a vote.

    Raises:
        NotFound: if there is no such case.
        NotAllowed: if its review does not refuse it.

    """
    with office.docket.writing() as transaction:
        weighed = weigh_case(office, found(transaction, case_id), now.date())
        event = refuse_by_rule(weighed.file, weighed.weighing, now, actor)
        events = office.add(transaction, case_id, [event])
        announce_refusal(
            office,
            transaction,
            events,
            canonical_bytes(weighed.weighing.plain),
            weighed.weighing.reasons,
            now,
        )
    return weighed.weighing


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


def _provider(application: Application) -> str | None:
    """Return who runs the sites; None if it is not declared, or sealed."""
    hardware: Any = (application.declaration or {}).get("hardware")
    if not isinstance(hardware, list | tuple):
        return None
    for use in hardware:
        if isinstance(use, Mapping) and isinstance(use.get("provider"), str):
            return str(use["provider"])
    return None


def _caps(asked: RequestedCaps | None, narrowed: Caps | None) -> Caps:
    """Return the caps to propose: what was asked for, or less."""
    if asked is None:
        raise NotAllowed("Nothing is asked for.", remedy="Amend the application.")
    whole = Caps(
        flop=asked.flop,
        weights=asked.weights,
        chips=asked.chips,
        sites=asked.sites,
        not_before=asked.not_before,
        not_after=asked.not_after,
    )
    if narrowed is None:
        return whole
    is_within = (
        narrowed.flop <= whole.flop
        and narrowed.weights <= whole.weights
        and all(
            count <= whole.chips.get(kind, 0) for kind, count in narrowed.chips.items()
        )
        and set(narrowed.sites) <= set(whole.sites)
        and narrowed.not_before >= whole.not_before
        and narrowed.not_after <= whole.not_after
    )
    if not is_within:
        raise NotAllowed(
            "The caps that are proposed go beyond what was asked for.",
            remedy="Narrow them; for more, the developer amends the application.",
        )
    return narrowed


def _verify_may_be_appealed(weighing: Weighing) -> None:
    """Refuse to put to a panel what no panel may allow.

    A panel may find that a gate or a score was judged wrongly; that a class of systems
    is never allowed is no judgement of the officers.
    """
    if weighing.verdict is Verdict.REFUSE and any(
        reason.startswith(NEVER) for reason in weighing.reasons
    ):
        raise NotAllowed(
            f"No panel can allow this: {' '.join(weighing.reasons)}",
            remedy="Only an amended policy can; the refusal stands.",
        )
