"""Which inspector may pause a run, who decides on an appeal, what ends it all.

signed order + the run's case -> what it decides, or the reason why it is not issued

Gates ask none of this: they stop on signatures. It binds the agency, which issues
nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.authorisation.docket import Card, DocketTransaction, Event
from assent.authorisation.permit import FINAL, Permit, PermitState
from assent.authorisation.secretariat import Office
from assent.authorisation.treaty import Matter
from assent.supervision.oversight import RunUnknown, permit_of, verify_inspector
from assent.supervision.oversight.run import (
    DECIDED,
    Appeal,
    fold_run,
    run_case_id,
    run_event,
)
from assent.supervision.pause.errors import (
    InspectorPauseSpent,
    NoAppealOpen,
    PanelNotIndependent,
)
from assent.supervision.pause.kept import CASE, orders_in
from assent.supervision.pause.order import OrderAction, PauseOrder
from assent.supervision.pause.process.telling import owe
from assent.supervision.pause.scope import ScopeKind

_ACTOR = "secretariat"
_PAGE = 1_000
_OUTCOMES = {
    OrderAction.RESUME: "granted",
    OrderAction.PAUSE: "dismissed",
    OrderAction.TERMINATE: "dismissed, and the run is terminated",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """An open appeal that an order decides, and the permit of its run."""

    permit: Permit
    appeal: Appeal


def stand_aside(
    office: Office, transaction: DocketTransaction, order: PauseOrder
) -> frozenset[str]:
    """Return who has to stand aside from an order: those who decided what it decides.

    Whoever gave an order may always take it back; nobody else is asked for that.
    """
    procedure = office.treaty.procedures.get(Matter.APPEAL)
    if order.matter is Matter.RESUME or not (procedure and procedure.excludes_deciders):
        return frozenset()
    found = [heard.appeal.deciders for heard in _heard(transaction, order)]
    return frozenset().union(*found)


def verify_process(
    office: Office,
    transaction: DocketTransaction,
    order: PauseOrder,
    signers: Sequence[str],
    now: datetime,
) -> None:
    """Check that an order may be issued now, by these.

    Raises:
        RunUnknown: if an inspector pauses a run without a permit.
        InspectorNotNamed, InspectorNotInOffice, InspectorUndeclared,
        InspectorConflicted, InspectorPauseSpent: if an inspector may not pause it.
        NoAppealOpen: if it decides an appeal that nobody made.
        PanelNotIndependent: if those who decide it decided it before.

    """
    if order.matter is Matter.INSPECTOR_PAUSE:
        _verify_inspectors(office, transaction, order, signers, now)
    if order.matter is Matter.APPEAL and not _heard(transaction, order):
        raise NoAppealOpen(
            f"No appeal against order {order.ends} is open.",
            remedy="Let the run go on as a matter of resume.",
        )
    if left := stand_aside(office, transaction, order) - order.excluded:
        raise PanelNotIndependent(
            f"{', '.join(sorted(left))} gave the order that is appealed against, and"
            f" would decide on it again in {order.order_id}.",
            remedy="Draw it up again: those who decided stand aside.",
        )


def carry_out(
    office: Office, transaction: DocketTransaction, order: PauseOrder, now: datetime
) -> None:
    """Record what an order decides besides: appeals, and the end of a run's permits."""
    for heard in _heard(transaction, order):
        outcome = _OUTCOMES[order.action]
        event = run_event(
            DECIDED,
            heard.permit,
            {"order": heard.appeal.order, "by": order.number, "outcome": outcome},
            _ACTOR,
            now,
        )
        case_id = run_case_id(heard.permit.permit_id)
        events = office.add(transaction, case_id, [event])
        told = {"order": str(heard.appeal.order), "outcome": outcome}
        owe(office, transaction, events, "run-appeal-decided", told, now)
    if order.action is OrderAction.TERMINATE:
        body = {"order": order.number}
        event = Event(kind="terminated", time=now, actor=_ACTOR, body=body)
        for permit in _permits(transaction, order):
            events = office.add(transaction, permit.permit_id, [event])
            told = {"order": str(order.number), "run": permit.run_id}
            owe(office, transaction, events, "permit-terminated", told, now)


def _verify_inspectors(
    office: Office,
    transaction: DocketTransaction,
    order: PauseOrder,
    signers: Sequence[str],
    now: datetime,
) -> None:
    permits = list(_permits(transaction, order))
    if not permits:
        raise RunUnknown(
            f"No permit for {order.scope.words:.200} is in force.",
            remedy="Name the run as its permit does.",
        )
    for permit in permits:
        for name in signers:
            verify_inspector(office, transaction, permit, name, now)
    days = office.treaty.procedure(order.matter).lapses_after_days or 0
    for before in orders_in(transaction.events(CASE)).values():
        is_same = before.matter is order.matter and before.scope == order.scope
        if not is_same or before.lapses is None:
            continue
        if now < before.lapses + timedelta(days=days):
            raise InspectorPauseSpent(
                f"An inspector has paused {order.scope.words:.200} already, by order"
                f" {before.number}.",
                remedy="Have the members confirm it: `assent pause draft --scope"
                " run=NAME`.",
            )


def _heard(transaction: DocketTransaction, order: PauseOrder) -> list[Heard]:
    """Return the open appeals that an order decides.

    A measure that ends by itself decides nothing.
    """
    decides = {Matter.RESUME, Matter.APPEAL, Matter.PAUSE_RUN, Matter.TERMINATION}
    if order.matter not in decides:
        return []
    found = []
    for card in _cards(transaction, "run", "appealed"):
        case = fold_run(transaction.events(card.case_id))
        permit = permit_of(transaction, str(card.details["permit"]))
        found += [
            Heard(permit, appeal)
            for appeal in case.appeals
            if order.ends == appeal.order
            or (order.ends is None and permit.run_id == order.scope.name)
        ]
    return found


def _permits(transaction: DocketTransaction, order: PauseOrder) -> Iterator[Permit]:
    """Yield the permits of the one run that an order names, which are not over."""
    if order.scope.kind is not ScopeKind.RUN:
        return
    states = [state.value for state in PermitState if state not in FINAL]
    for card in _cards(transaction, "permit", *states):
        if card.title == order.scope.name:
            yield permit_of(transaction, card.case_id)


def _cards(transaction: DocketTransaction, kind: str, *states: str) -> list[Card]:
    found: list[Card] = []
    page: list[Card] | None = None
    while page is None or len(page) == _PAGE:
        after = found[-1].case_id if found else ""
        page = transaction.cards(kind=kind, states=states, after=after, limit=_PAGE)
        found += page
    return found
