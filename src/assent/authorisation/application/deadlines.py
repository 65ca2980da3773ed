"""By when an application must be decided and a question answered.

ApplicationCase + Treaty + a date -> Clock, and what is overdue

The clock runs in working days of the treaty's calendar, counted by dates in UTC, from
the day after submission. It stands still while any request for information is open:
from the day after it was asked up to and with the day of the answer. An amendment by
itself adds no time: an officer who needs more asks a question. After an appeal the
clock begins anew, with the time that the treaty gives for appeals.

Nothing is counted down or stored: the date follows from the events each time it is
asked for, so no task that failed to run can make it wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from assent.authorisation.application.case import ApplicationCase, InformationRequest
from assent.authorisation.application.states import State
from assent.authorisation.treaty import Matter, Treaty, WorkingCalendar

# Working days before the last one on which an applicant is reminded: a week ahead
# there is time to ask for more, a day ahead only to answer.
CHASED_BEFORE_WORKING_DAYS = (5, 1)
_DAY = timedelta(days=1)
_ON_APPEAL = (State.UNDER_APPEAL, State.PUT_TO_APPEAL)
_UNDECIDED = (
    State.SUBMITTED,
    State.UNDER_REVIEW,
    State.INFORMATION_REQUESTED,
    State.PUT_TO_VOTE,
    *_ON_APPEAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The clock stood still after `asked`, up to and with `answered`."""

    asked: date
    answered: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time that the agency has to decide.

    Attributes:
        matter: whose procedure says how long.
        started: the day it runs from, which does not count.
        is_stopped: whether it stands still, since a request for information is open.
        due: the last day for the decision; while the clock stands still, as if the
            answer came on the day that was asked about.
        working_days_left: those after the day that was asked about, up to `due`; none
            if it is overdue.
        stops: when it stood still, without overlap.

    """

    matter: Matter
    started: date
    is_stopped: bool
    due: date
    working_days_left: int
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Something that should have happened: what, who owes it, and since when."""

    what: str
    owed_by: str
    due: date


def decision_clock(case: ApplicationCase, treaty: Treaty, on: date) -> Clock | None:
    """Return the clock of a case as it stands on a date; None if none is running.

    Raises:
        CalendarEnds: if the treaty's calendar does not reach so far.
        MatterUnknown: if the treaty says nothing on the matter.

    """
    if case.state not in _UNDECIDED or case.submitted is None:
        return None
    matter, begun = case.application.matter, case.submitted
    if case.state in _ON_APPEAL and case.appeal is not None:
        matter, begun = Matter.APPEAL, case.appeal.time
    started = _day(begun)
    stops = tuple(_stops(case, started, on))
    calendar = treaty.calendar
    working_days = treaty.procedure(matter).review_working_days
    due = _due(calendar, started, working_days, stops)
    return Clock(
        matter=matter,
        started=started,
        is_stopped=bool(case.open_requests),
        due=due,
        working_days_left=calendar.count(on, due) if on < due else 0,
        stops=stops,
    )


def check_deadlines(case: ApplicationCase, treaty: Treaty, on: date) -> list[Overdue]:
    """Return what is overdue in a case on a date.

    A question that is asked when the time is over does not undo that it is over.

    Raises:
        CalendarEnds: if the treaty's calendar does not reach so far.
        MatterUnknown: if the treaty says nothing on the matter.

    """
    found = [
        Overdue(
            what=f"the answer to {one.request_id}", owed_by="applicant", due=one.due
        )
        for one in case.open_requests
        if one.due < on
    ]
    clock = decision_clock(case, treaty, on)
    if clock is not None and clock.due < on:
        found.append(Overdue(what="the decision", owed_by="agency", due=clock.due))
    return found


def chaser_dates(
    request: InformationRequest, calendar: WorkingCalendar
) -> tuple[date, ...]:
    """Return the days on which an applicant is reminded of an open request, in order.

    Those before the last day come from CHASED_BEFORE_WORKING_DAYS, as far as they lie
    after the day of the question; the last is the first working day after it is due.

    Raises:
        CalendarEnds: if the calendar does not reach so far.

    """
    dates = [
        day
        for before in CHASED_BEFORE_WORKING_DAYS
        if (day := _before(calendar, request.due, before)) > _day(request.asked)
    ]
    return (*dates, calendar.add(request.due, 1))


def end_of(day: date) -> datetime:
    """Return the last second of a day in UTC, when a term that ends on it does."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def _stops(case: ApplicationCase, started: date, on: date) -> Iterator[Stop]:
    """Yield when the clock stood still since it started, joined where they overlap."""
    spans = sorted(
        (
            max(_day(one.asked), started),
            max(on, _day(one.asked)) if one.closed is None else _day(one.closed),
        )
        for one in case.requests.values()
    )
    current: tuple[date, date] | None = None
    for asked, answered in spans:
        if answered <= asked:
            continue
        if current is not None and asked <= current[1]:
            current = current[0], max(current[1], answered)
            continue
        if current is not None:
            yield Stop(asked=current[0], answered=current[1])
        current = asked, answered
    if current is not None:
        yield Stop(asked=current[0], answered=current[1])


def _due(
    calendar: WorkingCalendar, started: date, working_days: int, stops: tuple[Stop, ...]
) -> date:
    day, left = started, working_days
    for stop in stops:
        ran = calendar.count(day, stop.asked)
        if ran >= left:
            break
        day, left = stop.answered, left - ran
    return calendar.add(day, left)


def _before(calendar: WorkingCalendar, day: date, working_days: int) -> date:
    """Return the working day that lies so many working days before a day."""
    while working_days > 0:
        day -= _DAY
        working_days -= calendar.is_working(day)
    return day
