"""`assent pause show`: which orders were issued, and which of them hold.

agency's folder -> a line for each order; or one order in words
"""

from datetime import datetime
from pathlib import Path

from assent.apps.cli.output.speaking import show
from assent.apps.cli.states.pause.words import describe_order
from assent.supervision.pause import PauseOrder, feed_after, parse_order
from assent.vocabulary import NotFound, format_instant
from assent.wiring.agency import now, open_agency


def show_orders(folder: Path, number: int | None) -> None:
    """Print all orders, or one of them in words.

    Raises:
        NotFound: if there is no such order.

    """
    with open_agency(folder) as agency:
        items = feed_after(agency.office, 0)
    orders: dict[int, PauseOrder] = {}
    logged = set()
    for item in items:
        order = parse_order(item.envelope.payload)
        orders[order.number] = order
        if item.proof is not None:
            logged.add(order.number)
    if number is not None:
        if number not in orders:
            raise NotFound(f"No order {number} was issued.", remedy="List them all.")
        show(*describe_order(orders[number]))
        return
    time = now()
    for order in orders.values():
        show(
            f"{order.number:>5}  {format_instant(order.issued)}  {order.action:<9} "
            f" {_standing(order, orders, logged, time):<28} {order.scope.words}"
        )
    if not orders:
        show("no order was issued")


def _standing(
    order: PauseOrder, orders: dict[int, PauseOrder], logged: set[int], time: datetime
) -> str:
    if order.is_resume:
        return "in effect" if order.number in logged else "waits for the public log"
    if order.lapses is not None and time >= order.lapses:
        return "has ended by itself"
    for other in orders.values():
        if other.ends == order.number and other.number in logged:
            return f"ended by order {other.number}"
    return "HOLDS" if order.effective <= time else "takes effect later"
