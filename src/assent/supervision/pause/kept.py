"""All orders of an agency, as events of one case of its docket; the feed of orders.

Office -> the orders that were issued; what the feed holds behind a position

The numbers of the events are the positions of the feed: an order when it is issued, and
again with its proof when the public log holds it.
"""

from collections.abc import Sequence
from typing import Any

from assent.authorisation.docket import Card, CaseDamaged, RecordedEvent
from assent.authorisation.permit import StepNotAllowed
from assent.authorisation.secretariat import Office
from assent.supervision.pause.feed import FeedItem
from assent.supervision.pause.order import PauseOrder, parse_order
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Envelope, parse_envelope

CASE = "pause-0000-0000"  # the one case of all orders
ISSUED, LOGGED = "order_issued", "order_logged"


def issued_orders(office: Office) -> tuple[PauseOrder, ...]:
    """Return all orders of an agency; the first has the number 1."""
    with office.docket.reading() as transaction:
        return tuple(orders_in(transaction.events(CASE)).values())


def feed_after(office: Office, position: int) -> list[FeedItem]:
    """Return what the feed holds behind a position."""
    with office.docket.reading() as transaction:
        if not transaction.events(CASE, after=position):
            return []
        history = transaction.events(CASE)
    papers = [paper_of(one) for one in history if one.event.kind == ISSUED]
    items = []
    for one in history[position:]:
        body: Any = one.event.body
        if one.event.kind == ISSUED:
            items.append(FeedItem(one.number, paper_of(one)))
        else:
            proof = office.records.get(body["proof"])
            items.append(FeedItem(one.number, papers[body["number"] - 1], proof))
    return items


def pause_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of the case of all orders.

    Raises:
        CaseDamaged: if the events are no orders.
        StepNotAllowed: if what is logged was not issued, or is logged already.

    """
    orders = orders_in(events)
    logged: set[int] = set()
    for one in events:
        if one.event.kind != LOGGED:
            continue
        body: Any = one.event.body
        number = body["number"]
        if number in logged or not 1 <= number <= len(orders):
            raise StepNotAllowed(
                f"Order {number} cannot be logged: it was not issued, or it is.",
                remedy="Read the case again.",
            )
        logged.add(number)
    return Card(
        case_id=events[0].case_id,
        kind="pause",
        state="kept",
        title="orders to pause and to resume",
        developer="",
        waiting_for="nobody",
        due=None,
        opened=events[0].event.time,
        updated=events[-1].event.time,
        events=len(events),
        details={"orders": len(orders), "logged": len(logged)},
    )


def orders_in(events: Sequence[RecordedEvent]) -> dict[int, PauseOrder]:
    """Return the orders that were issued, by their positions in the feed."""
    return {
        one.number: parse_order(paper_of(one).payload)
        for one in events
        if one.event.kind == ISSUED
    }


def paper_of(recorded: RecordedEvent) -> Envelope:
    """Return the signed order that an event holds.

    Raises:
        CaseDamaged: if it holds none.

    """
    body: Any = recorded.event.body
    try:
        return parse_envelope(body["order"].encode())
    except (AssentError, KeyError, AttributeError):
        raise CaseDamaged(
            f"Event {recorded.number} of {recorded.case_id} holds no order.",
            remedy="Restore the database from a backup.",
        ) from None
