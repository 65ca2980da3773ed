"""Issue a signed order: durable in the agency's feed first, then owed to the log.

signed order + Office + now -> the order in its turn, and a notice to the public log

The transaction that issues an order also writes the notice that will announce it; the
one that records the notice as logged adds the proof to the feed. So a crash between any
two steps loses nothing, and whoever is stopped issues again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import Event
from assent.authorisation.permit import envelope_digest
from assent.authorisation.secretariat import (
    Deferred,
    Office,
    anchor,
    notify,
    one_line,
    write_notice,
)
from assent.supervision.pause.kept import CASE, ISSUED, LOGGED, orders_in
from assent.supervision.pause.order import PauseOrder
from assent.supervision.pause.process import carry_out, verify_process
from assent.supervision.pause.register import check_next
from assent.supervision.pause.verify import (
    ENTRY_KIND,
    PAPER_ROLE,
    verify_not_lapsed,
    verify_order,
)
from assent.translog.entry import DocumentDigest, Entry
from assent.vocabulary.envelope import Envelope

_ACTOR = "secretariat"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class IssuedOrder:
    """An order that was issued; `is_new` unless it had been before."""

    order: PauseOrder
    position: int
    is_new: bool


def issue_order(
    office: Office,
    envelope: Envelope,
    now: datetime,
    step: Callable[[str], None] = lambda _: None,
) -> IssuedOrder:
    """Issue a signed order: from then on it is in the feed, and owed to the log.

    Again does no harm: an order that was issued stays at its place.

    Args:
        office: the agency's.
        envelope: the order with its signatures.
        now: the time.
        step: told of each step.

    Raises:
        OrderRefused, OrderMalformed, SignatureInvalid, MatterUnknown: see
            `verify_order`; or it has lapsed.
        OrderOutOfTurn, ResumeOfNothing: if it is not the next order.
        Refused: of another kind; see `verify_process`.
        StoreUnavailable: if the disk or the database refuses; nothing was issued.

    """
    # (1) Enough members signed it.
    step("verify")
    verified = verify_order(envelope, office.treaty, now)
    order = verified.order
    verify_not_lapsed(order, now)
    # (2) The paper is kept, before anything refers to it.
    step("keep")
    office.records.put_all([envelope.encoded])
    # (3) In one transaction: the order in its turn, and the notice that it is owed.
    step("issue")
    with office.docket.writing() as transaction:
        history = transaction.events(CASE)
        orders = orders_in(history)
        for position, before in orders.items():
            if before.digest == verified.digest:
                return IssuedOrder(before, position, is_new=False)
        check_next(order, orders.values())
        verify_process(office, transaction, order, verified.signers, now)
        issued = _issued(envelope, now)
        history = office.add(transaction, CASE, [issued])
        later = Deferred(case_id=CASE, kind=LOGGED, body={"number": order.number})
        entry = _entry(order, envelope, anchor(history), now)
        notify(office, transaction, write_notice(entry, CASE, [later], now))
        carry_out(office, transaction, order, now)
    step("issued")
    return IssuedOrder(order, history[-1].number, is_new=True)


def _issued(envelope: Envelope, now: datetime) -> Event:
    body = {"order": envelope.encoded.decode()}
    return Event(kind=ISSUED, time=now, actor=_ACTOR, body=body)


def _entry(
    order: PauseOrder, envelope: Envelope, anchored: dict[str, str], now: datetime
) -> Entry:
    data = envelope.encoded
    metadata: dict[str, str] = {
        "action": order.action.value,
        "scope": one_line(order.scope.words),
        "reason": one_line(order.reason),
        "matter": order.matter.value,
        **({} if order.ends is None else {"ends": str(order.ends)}),
        **anchored,
    }
    return Entry(
        kind=ENTRY_KIND,
        subject=order.order_id,
        time=now.replace(microsecond=0),
        documents={
            PAPER_ROLE: DocumentDigest(
                digest=envelope_digest(envelope),
                size_bytes=len(data),
                media_type=_JSON,
            )
        },
        metadata=metadata,
    )
