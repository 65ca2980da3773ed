"""Working days: from when to when a deadline runs.

WorkingCalendar + date + number of working days -> date

A deadline is law, so the closed days are part of the treaty's text, not of a library
that a later release corrects. A calendar says for which dates it was drawn up; beyond
them it answers nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from assent.authorisation.treaty.errors import CalendarEnds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Which days count, from the first to the last date the calendar was drawn for.

    `weekend` holds days of the week, 0 for Monday to 6 for Sunday; `closed` further
    dates on which nobody works.
    """

    title: str
    weekend: frozenset[int]
    closed: frozenset[date]
    first: date
    last: date

    def is_working(self, day: date) -> bool:
        """Tell whether a date is a working day.

        Raises:
            CalendarEnds: if the calendar does not reach it.

        """
        if not self.first <= day <= self.last:
            self._beyond(day)
        return day.weekday() not in self.weekend and day not in self.closed

    def add(self, start: date, working_days: int) -> date:
        """Return the date on which a term of working days ends.

        The day it starts on does not count (as in Regulation 1182/71, article 3), so a
        term of none ends on its first day.

        Raises:
            CalendarEnds: if the calendar does not reach so far.

        """
        day = start
        for _ in range(working_days):
            day = next(self._working_after(day))
        return day

    def count(self, start: date, end: date) -> int:
        """Return how many working days lie after `start`, up to and with `end`.

        Raises:
            CalendarEnds: if the calendar does not reach so far.

        """
        days = (end - start).days
        return sum(self.is_working(start + _DAY * step) for step in range(1, days + 1))

    def _working_after(self, day: date) -> Iterator[date]:
        while True:
            # Python's dates end with the year 9999, as a calendar may.
            day = day + _DAY if day < date.max else self._beyond(day)
            if self.is_working(day):
                yield day

    def _beyond(self, day: date) -> NoReturn:
        raise CalendarEnds(
            f"The calendar {self.title!r} goes from {self.first} to {self.last};"
            f" what is asked for, near {day}, is beyond it.",
            remedy="Amend the treaty with the closed days of that year.",
        )
