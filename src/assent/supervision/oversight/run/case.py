"""What a run's own case holds: who inspects it, and the developer's appeals.

events of run-YYYY-NNNN -> RunCase, its card, what they say of the run

The case is called like the permit. It begins when an inspector is named or the
developer appeals; a run without either has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from assent.authorisation.docket import Card, CaseDamaged, Event, RecordedEvent
from assent.authorisation.permit import Permit
from assent.supervision.oversight.run.standing import Happening, Sign
from assent.vocabulary import Plain

KIND = "run"
NAMED, WITHDRAWN = "inspector_named", "inspector_withdrawn"
APPEALED, DECIDED = "appealed", "appeal_decided"
_LAST_MOMENT = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal against one order, that was not decided.

    Attributes:
        order: the number of the order.
        due: the last day for a decision.
        deciders: members who gave the order; what is decided is decided by others.

    """

    order: int
    due: date
    deciders: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCase:
    """Who inspects a run, and which appeals are open."""

    inspectors: frozenset[str] = frozenset()
    appeals: tuple[Appeal, ...] = ()

    def appeal_against(self, order: int) -> Appeal | None:
        """Return the open appeal against an order."""
        return next((one for one in self.appeals if one.order == order), None)


def run_case_id(permit_id: str) -> str:
    """Return what the case of a permit's run is called."""
    return f"{KIND}{permit_id.removeprefix('permit')}"


def run_event(
    kind: str, permit: Permit, details: Mapping[str, Plain], actor: str, now: datetime
) -> Event:
    """Return an event of a run's case; each says whose run it is."""
    body = {
        "permit_id": permit.permit_id,
        "run_id": permit.run_id,
        "developer": permit.developer.name,
        **details,
    }
    return Event(kind=kind, time=now, actor=actor, body=body)


def fold_run(events: Sequence[RecordedEvent]) -> RunCase:
    """Return what the events of a run's case make of it.

    Raises:
        CaseDamaged: if they tell what cannot have happened.

    """
    case = RunCase()
    for recorded in events:
        body: Any = recorded.event.body
        try:
            case = _after(case, recorded.event.kind, body)
        except (KeyError, TypeError, ValueError):
            raise CaseDamaged(
                f"Event {recorded.number} of {recorded.case_id} says nothing of a run.",
                remedy="Restore the database from a backup.",
            ) from None
    return case


def _after(case: RunCase, kind: str, body: Any) -> RunCase:  # noqa: ANN401 - plain values
    if kind == NAMED:
        return replace(case, inspectors=case.inspectors | {body["inspector"]})
    if kind == WITHDRAWN:
        return replace(case, inspectors=case.inspectors - {body["inspector"]})
    if kind == DECIDED:
        left = tuple(one for one in case.appeals if one.order != body["order"])
        return replace(case, appeals=left)
    if kind != APPEALED:
        raise ValueError
    made = Appeal(
        order=body["order"],
        due=date.fromisoformat(body["due"]),
        deciders=frozenset(body["deciders"]),
    )
    return replace(case, appeals=(*case.appeals, made))


def run_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a run's case.

    Raises:
        CaseDamaged: if its events tell what cannot have happened.

    """
    case = fold_run(events)
    body: Any = events[0].event.body
    due = min((one.due for one in case.appeals), default=None)
    return Card(
        case_id=events[0].case_id,
        kind=KIND,
        state="appealed" if case.appeals else "kept",
        title=body["run_id"],
        developer=body["developer"],
        waiting_for="members" if case.appeals else "nobody",
        due=None if due is None else datetime.combine(due, _LAST_MOMENT),
        opened=events[0].event.time,
        updated=events[-1].event.time,
        events=len(events),
        details={
            "permit": body["permit_id"],
            "inspectors": sorted(case.inspectors),
            "orders_appealed": [one.order for one in case.appeals],
        },
    )


def of_run_case(events: Sequence[RecordedEvent]) -> Iterator[Happening]:
    """Yield what a run's case says of it; an appeal bears the name of its order."""
    signs = {APPEALED: Sign.APPEALED, DECIDED: Sign.APPEAL_DECIDED}
    for recorded in events:
        event = recorded.event
        body: Any = event.body
        if event.kind in signs:
            words = (
                f"The developer appeals against order {body['order']};"
                f" a decision is due by {body['due']}."
                if event.kind == APPEALED
                else f"Order {body['by']} decides the appeal: {body['outcome']}."
            )
            yield Happening(
                time=event.time,
                sign=signs[event.kind],
                words=words,
                name=f"pause-order-{body['order']}",
            )
