"""A permit's case: what its events make of it.

events of permit-YYYY-NNNN -> PermitCase;  PermitCase + now -> what happens by itself

A case holds all versions of one permit. Each version has a place of its own in the
status list, so a version that was replaced is told from the one in its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from assent.authorisation.docket import Event, Folding, RecordedEvent
from assent.authorisation.permit.case.papers import change_in, permit_in, unfit
from assent.authorisation.permit.life import FINAL, PermitState, next_state
from assent.authorisation.permit.permit import Permit
from assent.authorisation.permit.status import Status
from assent.authorisation.terms import (
    OversightDate,
    OversightLoss,
    OversightPoint,
    Point,
    mark_of,
)
from assent.vocabulary import (
    AssentError,
    parse_instant,
)

_STATUS = {
    PermitState.IN_FORCE: Status.VALID,
    PermitState.SUSPENDED: Status.SUSPENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitCase:
    """A permit as it stands.

    Attributes:
        case_id: the case, which is called like the permit.
        state: where it stands.
        permit: the version that holds, or that will once it is logged.
        pending: a version that was decided and is not in the public log yet.
        replaced: places in the status list of versions that were replaced.
        lapses: when a suspension ends by itself, if it does.
        entry_index: where the public log holds the version in `permit`.
        bundle_digest: of the file with which it was handed out.
        next_serial: of the next lease, from 1.
        allotted: the most that each site was ever allotted, in FLOP.
        flop_passed: the last oversight point that was passed; 0 before the first.
        passed: the oversight dates and losses that were passed.
        events: how many events the case has.

    """

    case_id: str
    state: PermitState
    permit: Permit
    pending: Permit | None
    replaced: tuple[int, ...] = ()
    lapses: datetime | None = None
    entry_index: int | None = None
    bundle_digest: str | None = None
    next_serial: int = 1
    allotted: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    flop_passed: int = 0
    passed: frozenset[datetime | Decimal] = frozenset()
    events: int = 1

    @property
    def is_logged(self) -> bool:
        """Whether the public log holds a version of the permit."""
        return self.entry_index is not None

    @property
    def next_point(self) -> OversightPoint | None:
        """The first oversight point that was not passed; None beyond the last."""
        points = self.permit.oversight_points
        return next((one for one in points if one.at_flop > self.flop_passed), None)

    @property
    def next_date(self) -> OversightDate | None:
        """The first oversight date that was not passed."""
        dates = self.permit.oversight_dates
        return next((one for one in dates if one.at not in self.passed), None)

    @property
    def next_loss(self) -> OversightLoss | None:
        """The first loss of oversight that was not passed."""
        losses = self.permit.oversight_losses
        return next((one for one in losses if one.at_loss not in self.passed), None)

    @property
    def points_ahead(self) -> tuple[Point, ...]:
        """The next of each kind: by FLOP, by date and by loss."""
        nexts = (self.next_point, self.next_date, self.next_loss)
        return tuple(one for one in nexts if one is not None)

    @property
    def flop_unlocked(self) -> int:
        """What training may have used in all, at all sites, as things stand."""
        point = self.next_point
        cap = self.permit.flop_training
        return cap if point is None else min(cap, point.at_flop)

    @property
    def statuses(self) -> dict[int, Status]:
        """The status of each of the case's places in the list; invalid by default."""
        found = dict.fromkeys(self.replaced, Status.SUPERSEDED)
        if self.pending is not None:
            found[self.pending.status_index] = Status.INVALID
        found[self.permit.status_index] = _STATUS.get(self.state, Status.INVALID)
        return found


def fold(events: Sequence[RecordedEvent]) -> PermitCase | None:
    """Return what the events of a case make of it; None if there are none.

    Raises:
        StepNotAllowed: if an event cannot follow on those before it.

    """
    return _FOLDING.of(events)


def _step(case: PermitCase | None, recorded: RecordedEvent) -> PermitCase:
    return advance(case, recorded.case_id, recorded.event)


_FOLDING = Folding(_step)


def advance(case: PermitCase | None, case_id: str, event: Event) -> PermitCase:
    """Return the case after one more event.

    Raises:
        StepNotAllowed: if it cannot take that step, or the event lacks what it needs.

    """
    state = (
        next_state(None, event.kind)
        if case is None
        else next_state(case.state, event.kind, is_logged=case.is_logged)
    )
    try:
        if case is None:
            permit = permit_in(event)
            if (permit.permit_id, permit.version) != (case_id, 1):
                raise unfit(event, f"it grants no first version of {case_id}")
            return PermitCase(
                case_id=case_id, state=state, permit=permit, pending=permit
            )
        moved = replace(case, state=state, events=case.events + 1)
        consequences = _CONSEQUENCES.get(event.kind)
        return replace(moved, **(consequences(case, event) if consequences else {}))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise unfit(event, "a field is missing or of the wrong kind") from None


def _issued(case: PermitCase, event: Event) -> dict[str, Any]:
    if event.body["version"] != case.permit.version or not case.is_logged:
        raise unfit(event, "it is of a version that is not in the public log")
    return {"bundle_digest": event.body["bundle_digest"]}


def _measure(case: PermitCase, event: Event) -> dict[str, Any]:
    change = change_in(event, case.case_id, case.permit)
    if case.state is PermitState.SUSPENDED and change.lapses is not None:
        raise unfit(event, "a suspension that ends would replace another")
    return {"lapses": change.lapses}


def _lapsed(case: PermitCase, event: Event) -> dict[str, Any]:
    if case.lapses is None or event.time < case.lapses:
        raise unfit(event, "the suspension does not end by then")
    return {"lapses": None}


def _expired(case: PermitCase, event: Event) -> dict[str, Any]:
    if event.time < case.permit.caps.not_after:
        raise unfit(event, "the permit's last day is not over")
    return {}


def _leased(case: PermitCase, event: Event) -> dict[str, Any]:
    if event.body["serial"] != case.next_serial:
        raise unfit(event, f"the next lease is number {case.next_serial}")
    site, flop = str(event.body["site"]), int(str(event.body["flop"]))
    try:
        parse_instant(event.body["expires"])
    except AssentError as error:
        raise unfit(event, error.message) from None
    most = max(flop, case.allotted.get(site, 0))
    return {
        "next_serial": case.next_serial + 1,
        "allotted": MappingProxyType({**case.allotted, site: most}),
    }


def _passed(case: PermitCase, event: Event) -> dict[str, Any]:
    mark = mark_of(event.body)
    point = next((one for one in case.points_ahead if one.mark == mark), None)
    match point:
        case OversightPoint(at_flop=flop):
            return {"flop_passed": flop}
        case OversightDate(at=at):
            return {"passed": case.passed | {at}}
        case OversightLoss(at_loss=loss):
            return {"passed": case.passed | {loss}}
    raise unfit(event, "it is not the next oversight point of the permit")


def _varied(case: PermitCase, event: Event) -> dict[str, Any]:
    permit, before = permit_in(event), case.permit
    if case.pending is not None:
        raise unfit(event, f"version {case.pending.version} is not logged yet")
    if (permit.permit_id, permit.version, permit.supersedes) != (
        case.case_id,
        before.version + 1,
        before.digest,
    ):
        raise unfit(event, f"it does not follow on version {before.version}")
    if permit.status_index in {before.status_index, *case.replaced}:
        raise unfit(event, "it has the place of another version in the status list")
    return {"pending": permit}


def _logged(case: PermitCase, event: Event) -> dict[str, Any]:
    body: Mapping[str, Any] = event.body
    pending = case.pending
    if pending is None or body["version"] != pending.version:
        raise unfit(event, "no such version waits for it")
    is_first = pending is case.permit
    old = () if is_first else (case.permit.status_index,)
    return {
        "permit": pending,
        "pending": None,
        "replaced": case.replaced + old,
        "entry_index": body["entry_index"],
        "bundle_digest": None,
    }


def _voided(case: PermitCase, event: Event) -> dict[str, Any]:
    if case.pending is None:
        raise unfit(event, "no version waits for the log")
    if not str(event.body["reason"]).strip():
        raise unfit(event, "it gives no reason")
    return {"pending": None}


_CONSEQUENCES: dict[str, Callable[[PermitCase, Event], dict[str, Any]]] = {
    "varied": _varied,
    "permit_logged": _logged,
    "permit_issued": _issued,
    "suspended": _measure,
    "reinstated": _measure,
    "revoked": _measure,
    "lapsed": _lapsed,
    "expired": _expired,
    "lease_renewed": _leased,
    "point_passed": _passed,
    "voided": _voided,
}


def due(case: PermitCase, now: datetime) -> tuple[Event, ...]:
    """Return what has happened by itself by now: a measure that ended, the last day.

    To be recorded before anything else is done with the case.
    """
    kinds = []
    if case.state not in FINAL:
        if case.lapses is not None and now >= case.lapses:
            kinds.append("lapsed")
        if now >= case.permit.caps.not_after:
            kinds.append("expired")
    return tuple(Event(kind=kind, time=now, actor=case.permit.agency) for kind in kinds)
