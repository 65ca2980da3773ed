"""File a developer's appeal against an order that holds its run.

signed appeal + the order -> the run's case, due by a day, and who does not decide it
"""

from collections.abc import Sequence
from datetime import datetime

from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import Permit
from assent.authorisation.secretariat import Office
from assent.authorisation.treaty import Matter, Treaty
from assent.supervision.oversight import (
    AppealOfAnother,
    AppealOpen,
    parse_appeal,
    permit_of,
    verify_appeal,
)
from assent.supervision.oversight.run import (
    APPEALED,
    Appeal,
    fold_run,
    run_case_id,
    run_event,
)
from assent.supervision.pause.kept import CASE, ISSUED, orders_in, paper_of
from assent.supervision.pause.order import PauseOrder
from assent.supervision.pause.process.telling import owe
from assent.supervision.pause.standing import orders_holding
from assent.vocabulary.envelope import Envelope


def file_appeal(
    office: Office, envelope: Envelope, actor: str, now: datetime
) -> Appeal:
    """File a developer's appeal; return by when it is decided, and by whom it is not.

    Raises:
        NotFound, RunUnknown: if there is no such permit.
        AppealMalformed, AppealRefused, SignatureInvalid: if it is not the developer's,
            or against no order that holds the run.
        AppealOpen: if there is one already.
        MatterUnknown: if the treaty lets nobody hear appeals.
        CalendarEnds: if the calendar does not reach to the day.

    """
    permit_id = parse_appeal(envelope.payload).permit_id
    with office.docket.writing() as transaction:
        permit = permit_of(transaction, permit_id)
        made = verify_appeal(envelope, permit, now)
        history = transaction.events(CASE)
        order = _order_held(history, permit, made.order, made.order_digest, now)
        case_id = run_case_id(permit_id)
        if fold_run(transaction.events(case_id)).appeal_against(order.number):
            raise AppealOpen(
                f"An appeal against order {order.number} is open already.",
                remedy="Wait for its decision: `assent oversight run` says by when.",
            )
        days = office.treaty.procedure(Matter.APPEAL).review_working_days
        appeal = Appeal(
            order=order.number,
            due=office.treaty.calendar.add(now.date(), days),
            deciders=_deciders(history, order.number, office.treaty),
        )
        event = run_event(
            APPEALED,
            permit,
            {
                "order": appeal.order,
                "due": appeal.due.isoformat(),
                "deciders": sorted(appeal.deciders),
                "appeal": office.records.put(envelope.encoded),
            },
            actor,
            now,
        )
        events = office.add(transaction, case_id, [event])
        told = {"order": str(appeal.order), "due": appeal.due.isoformat()}
        owe(office, transaction, events, "run-appeal", told, now, envelope)
    return appeal


def _order_held(
    history: Sequence[RecordedEvent],
    permit: Permit,
    number: int,
    made_of: str,
    now: datetime,
) -> PauseOrder:
    """Return the order that holds a run now and that an appeal names."""
    orders = {order.number: order for order in orders_in(history).values()}
    order = orders.get(number)
    if (
        order is None
        or order.digest != made_of
        or number not in orders_holding(history, permit, now)
    ):
        raise AppealOfAnother(
            f"Order {number} does not hold the run of {permit.permit_id} now, or it is"
            " final.",
            remedy="`assent oversight run` says what holds it.",
        )
    return order


def _deciders(
    history: Sequence[RecordedEvent], number: int, treaty: Treaty
) -> frozenset[str]:
    """Return the members who signed an order, by any key that they ever had."""
    issued = [one for one in history if one.event.kind == ISSUED]
    signed = {line.key_id for line in paper_of(issued[number - 1]).signatures}
    return frozenset(
        member.name
        for member in treaty.members.values()
        if any(dated.key.key_id in signed for dated in member.keys)
    )
