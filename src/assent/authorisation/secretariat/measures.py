"""Propose a change of a permit: vary, suspend, reinstate, revoke.

permit + what is to change -> a measure, put to the vote
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from assent.authorisation.docket import DocketTransaction, Event
from assent.authorisation.permit import (
    Action,
    Caps,
    Permit,
    PermitCase,
    PermitChange,
    check_measure,
    flop_max,
    fold,
    next_state,
    parse_change,
    parse_permit,
)
from assent.authorisation.review.deciding import Paper, Proposal
from assent.authorisation.secretariat.hand_out import STATUS_SERIES
from assent.authorisation.secretariat.interests import conflicts
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.treaty import Matter
from assent.vocabulary import (
    NotAllowed,
    NotFound,
    canonical_bytes,
    digest,
    format_count,
)

KINDS = {
    Action.SUSPEND: "suspended",
    Action.REINSTATE: "reinstated",
    Action.REVOKE: "revoked",
}
_ACTIONS = {
    Matter.SUSPENSION: Action.SUSPEND,
    Matter.EMERGENCY_SUSPENSION: Action.SUSPEND,
    Matter.REINSTATEMENT: Action.REINSTATE,
    Matter.REVOCATION: Action.REVOKE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """What somebody proposes to do with a permit.

    Attributes:
        matter: by which procedure.
        reason: why, in words for the public.
        caps: the new caps, for a variation; None for anything else.
        excluded: members who stand aside, and why.

    """

    matter: Matter
    reason: str
    caps: Caps | None = None
    excluded: Mapping[str, str] = field(default_factory=dict)


def propose_measure(
    office: Office, permit_id: str, motion: Motion, actor: str, now: datetime
) -> str:
    """Put a change of a permit to the vote; return the measure's case.

    Raises:
        NotFound: if there is no such permit.
        NotAllowed: if the motion does not fit its matter, or asks for too much.
        PermitMalformed: if the new caps make no permit.
        ChangeMalformed: if its reason, or a name, is none that everybody can read.
        StepNotAllowed: if the permit, as it stands, can take no such change.
        ChangeRefused, MatterUnknown: if the treaty does not know such a measure.

    """
    with office.docket.writing() as transaction:
        events = found(transaction, permit_id)
        case = fold(events)
        if case is None:
            raise NotFound(f"{permit_id} has no events.", remedy="Check its name.")
        measure_id = office.name(transaction, "measure", now)
        decision_id = office.name(transaction, "decision", now)
        stand_aside = conflicts(
            transaction, case.permit.developer.name, office.policy, now.date()
        )
        motion = replace(motion, excluded={**stand_aside, **motion.excluded})
        paper = _paper(office, transaction, case, motion, decision_id, now)
        proposal = Proposal(
            agency=office.treaty.agency,
            decision_id=decision_id,
            matter=motion.matter,
            case_id=permit_id,
            case_digest=events[-1].digest,
            title=f"{motion.matter.value} of {permit_id}",
            treaty_version=office.treaty.version,
            treaty_digest=office.treaty.digest,
            review_digest=digest({"reason": motion.reason}),
            reasons=(motion.reason,),
            provisos=(),
            excluded=motion.excluded,
            opens=now.replace(microsecond=0),
            closes=vote_closes(office, motion.matter, now),
            paper=paper,
        )
        proposed = Event(
            kind="proposed",
            time=now,
            actor=actor,
            body={"proposal": proposal.plain},
        )
        office.add(transaction, measure_id, [proposed])
    return measure_id


def vote_closes(office: Office, matter: Matter, now: datetime) -> datetime:
    """Return the last instant of a vote that opens now: the end of its last day.

    Raises:
        MatterUnknown: if the treaty lets nobody decide it.
        CalendarEnds: if the treaty's calendar does not reach so far.

    """
    days = office.treaty.procedure(matter).vote_working_days
    last = office.treaty.calendar.add(now.date(), days)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + (last - now.date()) + timedelta(days=1, seconds=-1)


def _paper(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    case: PermitCase,
    motion: Motion,
    decision_id: str,
    now: datetime,
) -> Paper:
    if (motion.matter is Matter.VARIATION) != (motion.caps is not None):
        raise NotAllowed(
            f"A matter of {motion.matter} and new caps do not go together.",
            remedy="Give new caps to vary a permit, and only then.",
        )
    if motion.caps is not None:
        return _next_version(
            office, transaction, case.permit, motion, motion.caps, decision_id
        ).paper
    if (action := _ACTIONS.get(motion.matter)) is None:
        raise NotAllowed(
            f"A matter of {motion.matter} is no change of a permit.",
            remedy=f"Choose one of: {', '.join(_ACTIONS)}.",
        )
    days = office.treaty.procedure(motion.matter).lapses_after_days
    change = PermitChange(
        agency=office.treaty.agency,
        permit_id=case.case_id,
        permit_version=case.permit.version,
        permit_digest=case.permit.digest,
        action=action,
        reason=motion.reason,
        decision_id=decision_id,
        matter=motion.matter,
        lapses=None
        if days is None
        else now.replace(microsecond=0) + timedelta(days=days),
        excluded=frozenset(motion.excluded),
    )
    # What members sign must be readable by everybody, and able to take effect.
    parse_change(canonical_bytes(change.plain))
    check_measure(change, office.treaty, now)
    next_state(case.state, KINDS[action])
    return change.paper


def _next_version(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    permit: Permit,
    motion: Motion,
    caps: Caps,
    decision_id: str,
) -> Permit:
    most = flop_max(office.treaty, motion.matter)
    if most is not None and caps.flop > most:
        raise NotAllowed(
            f"A variation can grant {format_count(most)} FLOP at most.",
            remedy="Propose narrower caps; for a larger run, apply again.",
        )
    varied = replace(
        permit,
        version=permit.version + 1,
        supersedes=permit.digest,
        matter=motion.matter,
        decision_id=decision_id,
        treaty_version=office.treaty.version,
        treaty_digest=office.treaty.digest,
        caps=caps,
        oversight_points=tuple(
            point for point in permit.oversight_points if point.at_flop <= caps.flop
        ),
        excluded=frozenset(motion.excluded),
        status_index=transaction.next_number(STATUS_SERIES),
    )
    # What members sign must be readable by everybody who will verify it.
    return parse_permit(canonical_bytes(varied.plain))
