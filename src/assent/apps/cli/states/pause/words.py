"""Say in words what an order does, before anybody signs it.

PauseOrder -> lines; every field is told, for every field is signed
"""

from assent.supervision.pause import OrderAction, PauseOrder
from assent.vocabulary import format_instant


def describe_order(order: PauseOrder) -> list[str]:
    """Return what an order states, one line for each thing.

    Foreign texts are as they came: whoever prints them makes them visible.
    """
    return [
        f"{_done(order)}: {order.scope.words}",
        f"order {order.number} of {order.agency}, after {order.previous}",
        f"because: {order.reason}",
        f"drawn up {format_instant(order.issued)}",
        *_effect(order),
        f"as a matter of {order.matter}",
        f"signatures that do not count: {', '.join(sorted(order.excluded)) or 'none'}",
        f"treaty: version {order.treaty_version}, {order.treaty_digest}",
        f"digest of the order: {order.digest}",
    ]


def _done(order: PauseOrder) -> str:
    match order.action:
        case OrderAction.PAUSE:
            return "PAUSE"
        case OrderAction.RESUME:
            return f"RESUME (ends order {order.ends})"
        case OrderAction.TERMINATE:
            return "TERMINATE, for good"


def _effect(order: PauseOrder) -> list[str]:
    since = format_instant(order.effective)
    if order.is_resume:
        return [f"holds from {since}, once the public log holds it"]
    until = (
        "it does not end by itself"
        if order.lapses is None and order.is_pause
        else "no order ends it"
        if order.lapses is None
        else f"it ends by itself at {format_instant(order.lapses)}"
    )
    return [
        f"holds from {since}, as soon as a gate has it; {until}",
        (
            f"jobs may save a checkpoint for {order.grace_s:,} seconds, are signalled"
            f" then, and are ended by force {order.kill_after_s:,} seconds later"
        ),
    ]
