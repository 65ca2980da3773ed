"""Where a run stands, by all that its agency knows.

Office + permit or application + now -> RunStanding

Orders about a site or a state stop what runs there, and the agency does not know where
a job runs: an order about a site holds a run whose only site it is, and one about a
state holds jobs and no run. What a job does at this instant only its gate knows
(`assent gate status`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import Permit, fold
from assent.authorisation.review import ballot_of
from assent.authorisation.review.deciding import Outcome
from assent.authorisation.secretariat import Office, found
from assent.supervision.oversight.run import (
    Happening,
    RunStanding,
    Sign,
    of_application,
    of_dates,
    of_permit,
    of_run_case,
    run_case_id,
    run_standing,
)
from assent.supervision.pause.kept import CASE, LOGGED, orders_in
from assent.supervision.pause.order import PauseOrder
from assent.supervision.pause.scope import RunFacts, ScopeKind


def find_standing(office: Office, case_id: str, now: datetime) -> RunStanding:
    """Return where the run of a permit stands, or of the application for it.

    Args:
        office: the agency's.
        case_id: the permit's or the application's.
        now: the instant.

    Raises:
        NotFound: if there is no such case.
        RunUnknown: if it is of no run.

    """
    with office.docket.reading() as transaction:
        events = found(transaction, case_id)
        permit_id = case_id if case_id.startswith("permit-") else _granted(events)
        case = None if permit_id is None else fold(transaction.events(permit_id))
        if permit_id is None or case is None:
            return run_standing(of_application(events), now)
        application = transaction.events(case.permit.case_id)
        permitted = transaction.events(permit_id)
        orders = transaction.events(CASE)
        own = transaction.events(run_case_id(permit_id))
    return run_standing(
        [
            *of_application(application),
            *of_dates(case.permit),
            *of_permit(permitted),
            *of_orders(orders, case.permit),
            *of_run_case(own),
        ],
        now,
    )


def _granted(application: Sequence[RecordedEvent]) -> str | None:
    """Return the permit that was granted for an application; None if none was."""
    record = ballot_of(application).last_record
    if record is None or record.outcome is not Outcome.GRANTED:
        return None
    return str(record.proposal.paper.payload["permit_id"])


def of_orders(events: Sequence[RecordedEvent], permit: Permit) -> Iterator[Happening]:
    """Yield what the agency's orders say of a permit's run."""
    orders = {order.number: order for order in orders_in(events).values()}
    logged = {number: one.event.time for one in events if (number := _number(one))}
    for order in orders.values():
        if order.is_pause and _covers(order, permit):
            yield from _held(order, orders, logged)


def orders_holding(
    events: Sequence[RecordedEvent], permit: Permit, now: datetime
) -> frozenset[int]:
    """Return the numbers of the pause orders that hold a permit's run now."""
    found: dict[Sign, set[str]] = {Sign.HELD: set(), Sign.FREED: set()}
    for one in of_orders(events, permit):
        if one.time <= now:
            found[one.sign].add(one.name)
    names = found[Sign.HELD] - found[Sign.FREED]
    orders = orders_in(events).values()
    return frozenset(order.number for order in orders if order.order_id in names)


def _held(
    order: PauseOrder, orders: Mapping[int, PauseOrder], logged: Mapping[int, datetime]
) -> Iterator[Happening]:
    name = order.order_id
    words = f"Order {order.number} pauses {order.scope.words}: {order.reason}"
    yield Happening(time=order.effective, sign=Sign.HELD, words=words, name=name)
    if order.lapses is not None:
        words = f"Order {order.number} ended by itself."
        yield Happening(time=order.lapses, sign=Sign.FREED, words=words, name=name)
    for resume in orders.values():
        if resume.ends == order.number and resume.number in logged:
            time = max(resume.effective, logged[resume.number])
            words = f"Order {resume.number} lets it go on: {resume.reason}"
            yield Happening(time=time, sign=Sign.FREED, words=words, name=name)


def _covers(order: PauseOrder, permit: Permit) -> bool:
    kind = order.scope.kind
    if kind is ScopeKind.PARTY:
        return False
    return all(
        order.scope.covers(
            RunFacts(
                run_id=permit.run_id,
                permit_id=permit.permit_id,
                developers=frozenset({permit.developer.key.text}),
                site=site,
                flop=permit.caps.flop,
            )
        )
        for site in permit.caps.sites
    )


def _number(recorded: RecordedEvent) -> int:
    """Return the number of the order that the public log came to hold; 0 for none."""
    body: Any = recorded.event.body
    return int(body["number"]) if recorded.event.kind == LOGGED else 0
