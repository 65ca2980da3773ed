"""Propose a change of a permit: vary, suspend, reinstate, revoke.

permit + what is to change -> a measure, put to the vote
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from assent.authorisation.docket import DocketTransaction, Event
from assent.authorisation.permit import (
    Action,
    Permit,
    PermitCase,
    PermitChange,
    check_measure,
    fold,
    next_state,
    parse_change,
    parse_permit,
    read_paper,
)
from assent.authorisation.review import review_file_of
from assent.authorisation.review.deciding import Paper, Proposal
from assent.authorisation.secretariat.hand_out import STATUS_SERIES
from assent.authorisation.secretariat.interests import conflicts
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.terms import Caps, dates_within
from assent.authorisation.treaty import CalendarEnds, Matter
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
_PROTECTING = frozenset(
    {Matter.SUSPENSION, Matter.EMERGENCY_SUSPENSION, Matter.REVOCATION}
)
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
    _verify_reason(motion)
    with office.docket.writing() as transaction:
        events = found(transaction, permit_id)
        case = fold(events)
        if case is None:
            raise NotFound(f"{permit_id} has no events.", remedy="Check its name.")
        excluded = {**_stand_aside(office, transaction, case, now), **motion.excluded}
        measure_id = office.name(transaction, "measure", now)
        proposal = _Measure(
            office=office,
            transaction=transaction,
            case=case,
            motion=replace(motion, excluded=members_of(office, excluded)),
            decision_id=office.name(transaction, "decision", now),
            now=now.replace(microsecond=0),
        ).proposal(events[-1].digest)
        read_paper(proposal)  # what members sign says what the proposal says
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

    What protects people does not wait for an amended calendar: beyond its end, every
    day counts as a working day for a suspension or a revocation.

    Raises:
        MatterUnknown: if the treaty lets nobody decide it.
        CalendarEnds: if the treaty's calendar does not reach so far.

    """
    days = office.treaty.procedure(matter).vote_working_days
    try:
        last = office.treaty.calendar.add(now.date(), days)
    except CalendarEnds:
        if matter not in _PROTECTING:
            raise
        last = now.date() + timedelta(days=days)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + (last - now.date()) + timedelta(days=1, seconds=-1)


def members_of(office: Office, excluded: Mapping[str, str]) -> dict[str, str]:
    """Return those of whom stand aside that the treaty knows as members.

    Officers stand aside too, from judging; they have no vote that could be left out.
    """
    return {
        name: why for name, why in excluded.items() if name in office.treaty.members
    }


def _verify_reason(motion: Motion) -> None:
    if not motion.reason.strip():
        raise NotAllowed(
            f"A {motion.matter} without a reason is none.",
            remedy="Say why, for the public.",
        )


def _stand_aside(
    office: Office, transaction: DocketTransaction, case: PermitCase, now: datetime
) -> dict[str, str]:
    """Return who stands aside from everything about a permit.

    Whoever has declared an interest since, and whoever stood aside when the permit was
    applied for or decided.
    """
    permit = case.permit
    reviewed = review_file_of(transaction.events(permit.case_id))
    return {
        **dict.fromkeys(permit.excluded, "stood aside when the permit was decided"),
        **reviewed.recusals,
        **conflicts(transaction, permit.developer.name, office.policy, now.date()),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """Everything that the proposal of a measure is made of."""

    office: Office
    transaction: DocketTransaction
    case: PermitCase
    motion: Motion
    decision_id: str
    now: datetime

    def proposal(self, case_digest: str) -> Proposal:
        motion, treaty = self.motion, self.office.treaty
        closes = vote_closes(self.office, motion.matter, self.now)
        return Proposal(
            agency=treaty.agency,
            decision_id=self.decision_id,
            matter=motion.matter,
            case_id=self.case.case_id,
            case_digest=case_digest,
            title=f"{motion.matter.value} of {self.case.case_id}",
            treaty_version=treaty.version,
            treaty_digest=treaty.digest,
            review_digest=digest({"reason": motion.reason}),
            reasons=(motion.reason,),
            provisos=(),
            excluded=motion.excluded,
            opens=self.now,
            closes=closes,
            paper=self._paper(closes),
        )

    def _paper(self, closes: datetime) -> Paper:
        matter, caps = self.motion.matter, self.motion.caps
        if (matter is Matter.VARIATION) != (caps is not None):
            raise NotAllowed(
                f"A matter of {matter} and new caps do not go together.",
                remedy="Give new caps to vary a permit, and only then.",
            )
        if caps is not None:
            return self._next_version(caps, closes).paper
        if (action := _ACTIONS.get(matter)) is None:
            raise NotAllowed(
                f"A matter of {matter} is no change of a permit.",
                remedy=f"Choose one of: {', '.join(_ACTIONS)}.",
            )
        change = self._change(action)
        # What members sign must be readable by everybody, and able to take effect.
        parse_change(canonical_bytes(change.plain))
        check_measure(change, self.office.treaty, self.now)
        next_state(self.case.state, KINDS[action])
        return change.paper

    def _change(self, action: Action) -> PermitChange:
        permit, matter = self.case.permit, self.motion.matter
        days = self.office.treaty.procedure(matter).lapses_after_days
        return PermitChange(
            agency=self.office.treaty.agency,
            permit_id=permit.permit_id,
            permit_version=permit.version,
            permit_digest=permit.digest,
            action=action,
            reason=self.motion.reason,
            decision_id=self.decision_id,
            matter=matter,
            lapses=None if days is None else self.now + timedelta(days=days),
            excluded=frozenset(self.motion.excluded),
        )

    def _next_version(self, caps: Caps, closes: datetime) -> Permit:
        permit, treaty = self.case.permit, self.office.treaty
        next_state(self.case.state, "varied")
        if self.case.pending is not None:
            raise NotAllowed(
                f"Version {self.case.pending.version} of {permit.permit_id} is not"
                " logged yet.",
                remedy="Wait until the secretariat has logged it.",
            )
        # What was not reviewed cannot be granted: more compute is another run.
        if caps.flop > permit.caps.flop or caps.weights > permit.caps.weights:
            raise NotAllowed(
                f"A variation of {permit.permit_id} can allow"
                f" {format_count(permit.caps.flop)} FLOP and"
                f" {format_count(permit.caps.weights)} weights at most.",
                remedy="Propose no larger ones; for a larger run, apply again.",
            )
        points = permit.oversight_points
        varied = replace(
            permit,
            version=permit.version + 1,
            supersedes=permit.digest,
            matter=self.motion.matter,
            decision_id=self.decision_id,
            decide_by=closes,
            treaty_version=treaty.version,
            treaty_digest=treaty.digest,
            caps=caps,
            oversight_points=tuple(p for p in points if p.at_flop <= caps.flop),
            oversight_dates=dates_within(permit.oversight_dates, caps),
            excluded=frozenset(self.motion.excluded),
            status_index=self.transaction.next_number(STATUS_SERIES),
        )
        # What members sign must be readable by everybody who will verify it.
        return parse_permit(canonical_bytes(varied.plain))
