"""Draw up the next order of an agency, for members to sign.

scope + reason + Office + now -> PauseOrder
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from assent.authorisation.secretariat import Office
from assent.authorisation.treaty import Matter
from assent.supervision.pause.errors import OrderOutOfTurn
from assent.supervision.pause.kept import issued_orders
from assent.supervision.pause.order import (
    FIRST,
    OrderAction,
    PauseOrder,
    parse_order,
)
from assent.supervision.pause.register import check_next
from assent.supervision.pause.scope import MATTERS, Scope
from assent.supervision.pause.verify import check_matter

GRACE_S, KILL_AFTER_S = 600, 60  # unless whoever draws up the order says otherwise


def draft_pause(  # noqa: PLR0913 - all that a person decides
    office: Office,
    scope: Scope,
    reason: str,
    now: datetime,
    *,
    is_emergency: bool = False,
    grace_s: int = GRACE_S,
    kill_after_s: int = KILL_AFTER_S,
    excluded: Iterable[str] = (),
) -> PauseOrder:
    """Return the next order, to pause, for members to sign.

    Args:
        office: the agency's.
        scope: what stops.
        reason: why, in words for the public.
        now: the time, from which the order holds.
        is_emergency: whether by the procedure for emergencies, after which it ends.
        grace_s: seconds in which jobs may save a checkpoint.
        kill_after_s: seconds from the scheduler's signal to the end by force.
        excluded: members who stand aside.

    Raises:
        MatterUnknown: if the treaty gives nobody the matter.
        OrderMalformed: if nobody could read it.

    """
    issued = now.replace(microsecond=0)
    matter = Matter.EMERGENCY_PAUSE if is_emergency else MATTERS[scope.kind]
    days = office.treaty.procedure(matter).lapses_after_days
    return _drafted(
        office,
        PauseOrder(
            **_place(office),
            action=OrderAction.PAUSE,
            scope=scope,
            reason=reason,
            issued=issued,
            effective=issued,
            grace_s=grace_s,
            kill_after_s=kill_after_s,
            lapses=None if days is None else issued + timedelta(days=days),
            matter=matter,
            excluded=frozenset(excluded),
        ),
    )


def draft_resume(
    office: Office,
    number: int,
    reason: str,
    now: datetime,
    *,
    excluded: Iterable[str] = (),
) -> PauseOrder:
    """Return the next order, to resume what one pause order stopped.

    Args:
        office: the agency's.
        number: of the pause order that ends.
        reason: why, in words for the public.
        now: the time, from which the order holds.
        excluded: members who stand aside.

    Raises:
        OrderOutOfTurn: if there is no order of that number.
        ResumeOfNothing: if it is none to pause, or has ended.
        MatterUnknown: if the treaty gives nobody the matter.
        OrderMalformed: if nobody could read it.

    """
    orders = issued_orders(office)
    if not 1 <= number <= len(orders):
        raise OrderOutOfTurn(
            f"No order {number} was issued.", remedy="See `assent pause show`."
        )
    issued = now.replace(microsecond=0)
    return _drafted(
        office,
        PauseOrder(
            **_place(office),
            action=OrderAction.RESUME,
            scope=orders[number - 1].scope,
            ends=number,
            reason=reason,
            issued=issued,
            effective=issued,
            matter=Matter.RESUME,
            excluded=frozenset(excluded),
        ),
    )


def _place(office: Office) -> dict[str, Any]:
    """Return the fields of the next order that its place and the treaty decide."""
    orders = issued_orders(office)
    return {
        "agency": office.treaty.agency,
        "number": len(orders) + 1,
        "previous": orders[-1].digest if orders else FIRST,
        "treaty_version": office.treaty.version,
        "treaty_digest": office.treaty.digest,
    }


def _drafted(office: Office, order: PauseOrder) -> PauseOrder:
    check_matter(order, office.treaty)
    check_next(order, issued_orders(office))
    return parse_order(order.unsigned.payload)
