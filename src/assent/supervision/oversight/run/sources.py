"""What the agency's cases say of a run.

events of an application, of a permit -> Happenings
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import Permit
from assent.authorisation.terms import mark_of, where_of
from assent.supervision.oversight.point import FILED, PASSED
from assent.supervision.oversight.run.standing import Happening, Sign

_APPLICATION = {
    "submitted": (Sign.APPLIED, "The developer applied."),
    "appealed": (Sign.APPLIED, "The developer appealed against the refusal."),
    "decision_refused": (Sign.REFUSED, "The members refused it."),
    "refused_by_rule": (Sign.REFUSED, "It was refused by rule."),
    "withdrawn": (Sign.REFUSED, "The developer withdrew."),
}
_PERMIT = {
    "permit_logged": (Sign.PERMITTED, "The public log holds its permit."),
    "lease_renewed": (Sign.STARTED, "A lease lets jobs start."),
    "revoked": (Sign.TERMINATED, "The members revoked its permit."),
    "terminated": (Sign.TERMINATED, "The members terminated it."),
    "expired": (Sign.COMPLETED, "The permit's last day is over."),
    "exhausted": (Sign.COMPLETED, "What the permit allows is used up."),
    "reinstated": (Sign.FREED, "The members reinstated the permit."),
    "lapsed": (Sign.FREED, "The suspension ended by itself."),
}
_SUSPENSION = "suspension"


def of_application(events: Sequence[RecordedEvent]) -> Iterator[Happening]:
    """Yield what an application's case says of the run."""
    for recorded in events:
        found = _APPLICATION.get(recorded.event.kind)
        if found is not None:
            sign, words = found
            yield Happening(time=recorded.event.time, sign=sign, words=words)


def of_permit(events: Sequence[RecordedEvent]) -> Iterator[Happening]:
    """Yield what a permit's case says of the run."""
    for recorded in events:
        kind, time = recorded.event.kind, recorded.event.time
        body: Any = recorded.event.body
        if kind in _PERMIT:
            sign, words = _PERMIT[kind]
            yield Happening(time=time, sign=sign, words=words, name=_SUSPENSION)
        elif kind == "suspended":
            reason = f"The permit is suspended: {body['payload']['reason']}"
            yield Happening(time=time, sign=Sign.HELD, words=reason, name=_SUSPENSION)
        elif kind == FILED:
            yield from _report(time, body["payload"])
        elif kind == PASSED:
            where = _where(body)
            words = f"Every evaluation {where} was passed."
            yield Happening(time=time, sign=Sign.POINT_PASSED, words=words, name=where)


def _report(time: datetime, payload: dict[str, Any]) -> Iterator[Happening]:
    """A report on a point shows that the run has come to it."""
    where = _where(payload)
    words = f"It stopped {where} for its evaluations."
    yield Happening(time=time, sign=Sign.POINT_REACHED, words=words, name=where)
    words = f"{payload['inspector']} reported {where}."
    yield Happening(time=time, sign=Sign.REPORTED, words=words)


def _where(body: dict[str, Any]) -> str:
    return where_of(mark_of(body))


def of_dates(permit: Permit) -> Iterator[Happening]:
    """Yield the oversight dates of a permit: on each the run stops by the clock."""
    for date in permit.oversight_dates:
        words = f"It stopped {date.where} for its evaluations."
        yield Happening(
            time=date.at, sign=Sign.POINT_REACHED, words=words, name=date.where
        )
