"""Draw up the next order of an agency, for members to sign.

scope + reason + Office + now -> PauseOrder
"""

from collections.abc import Iterable
from dataclasses import replace
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
from assent.supervision.pause.process import stand_aside
from assent.supervision.pause.register import check_next
from assent.supervision.pause.scope import MATTERS, Scope, ScopeKind
from assent.supervision.pause.verify import check_matter

GRACE_S, KILL_AFTER_S = 600, 60  # unless whoever draws up the order says otherwise


def draft_pause(  # noqa: PLR0913 - all that a person decides
    office: Office,
    scope: Scope,
    reason: str,
    now: datetime,
    *,
    is_emergency: bool = False,
    by_inspector: bool = False,
    grace_s: int = GRACE_S,
    kill_after_s: int = KILL_AFTER_S,
    excluded: Iterable[str] = (),
) -> PauseOrder:
    """Return the next order, to pause, for members or an inspector to sign.

    Args:
        office: the agency's.
        scope: what stops.
        reason: why, in words for the public.
        now: the time, from which the order holds.
        is_emergency: whether by the procedure for emergencies, after which it ends.
        by_inspector: whether an inspector signs it alone; it ends by itself too.
        grace_s: seconds in which jobs may save a checkpoint.
        kill_after_s: seconds from the scheduler's signal to the end by force.
        excluded: members who stand aside.

    Raises:
        MatterUnknown: if the treaty gives nobody the matter.
        OrderMalformed: if nobody could read it.

    """
    issued = now.replace(microsecond=0)
    ordinary = Matter.EMERGENCY_PAUSE if is_emergency else MATTERS[scope.kind]
    matter = Matter.INSPECTOR_PAUSE if by_inspector else ordinary
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


def draft_resume(  # noqa: PLR0913 - all that a person decides
    office: Office,
    number: int,
    reason: str,
    now: datetime,
    *,
    on_appeal: bool = False,
    excluded: Iterable[str] = (),
) -> PauseOrder:
    """Return the next order, to resume what one pause order stopped.

    Args:
        office: the agency's.
        number: of the pause order that ends.
        reason: why, in words for the public.
        now: the time, from which the order holds.
        on_appeal: whether those sign it who hear appeals.
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
            matter=Matter.APPEAL if on_appeal else Matter.RESUME,
            excluded=frozenset(excluded),
        ),
    )


def draft_termination(
    office: Office,
    run_id: str,
    reason: str,
    now: datetime,
    *,
    excluded: Iterable[str] = (),
) -> PauseOrder:
    """Return the next order, to end a run for good, for members to sign.

    Raises:
        MatterUnknown: if the treaty lets nobody terminate a run.
        OrderMalformed: if nobody could read it.

    """
    issued = now.replace(microsecond=0)
    return _drafted(
        office,
        PauseOrder(
            **_place(office),
            action=OrderAction.TERMINATE,
            scope=Scope(kind=ScopeKind.RUN, name=run_id),
            reason=reason,
            issued=issued,
            effective=issued,
            grace_s=GRACE_S,
            kill_after_s=KILL_AFTER_S,
            matter=Matter.TERMINATION,
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
    """Check that an order can be issued once it is signed; who decided stands aside."""
    with office.docket.reading() as transaction:
        aside = stand_aside(office, transaction, order)
    order = replace(order, excluded=order.excluded | aside)
    check_matter(order, office.treaty)
    check_next(order, issued_orders(office))
    return parse_order(order.unsigned.payload)
