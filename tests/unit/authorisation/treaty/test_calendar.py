"""Working days, against an oracle that walks every day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from assent.authorisation.treaty import CalendarEnds, WorkingCalendar

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)

calendars = st.builds(
    WorkingCalendar,
    title=st.just("Test"),
    weekend=st.frozensets(st.integers(0, 6), max_size=6),
    closed=st.frozensets(st.dates(FIRST, LAST), max_size=40),
    first=st.just(FIRST),
    last=st.just(LAST),
)
dates = st.dates(FIRST, LAST)


def open_days(calendar: WorkingCalendar) -> list[date]:
    every = [FIRST + DAY * number for number in range(365)]
    return [
        day
        for day in every
        if day.weekday() not in calendar.weekend and day not in calendar.closed
    ]


@given(calendars, dates, st.integers(1, 300))
def test_a_term_ends_on_the_day_the_oracle_says(
    calendar: WorkingCalendar, start: date, days: int
) -> None:
    after = [day for day in open_days(calendar) if day > start]
    if len(after) < days:
        with pytest.raises(CalendarEnds):
            calendar.add(start, days)
        return
    end = calendar.add(start, days)
    assert end == after[days - 1]
    assert calendar.count(start, end) == days


@given(calendars, dates, dates)
def test_days_are_counted_as_the_oracle_counts(
    calendar: WorkingCalendar, start: date, end: date
) -> None:
    expected = [day for day in open_days(calendar) if start < day <= end]
    assert calendar.count(start, end) == len(expected)


@given(calendars, dates, st.integers(0, 60), st.integers(0, 60))
def test_two_terms_one_after_the_other_are_their_sum(
    calendar: WorkingCalendar, start: date, one: int, two: int
) -> None:
    try:
        end = calendar.add(start, one + two)
    except CalendarEnds:
        reject()
    assert calendar.add(calendar.add(start, one), two) == end


def test_a_term_begins_on_the_day_after() -> None:
    calendar = WorkingCalendar(
        title="Secretariat",
        weekend=frozenset({5, 6}),
        closed=frozenset({date(2026, 4, 3), date(2026, 4, 6)}),
        first=FIRST,
        last=LAST,
    )
    thursday = date(2026, 4, 2)
    assert calendar.add(thursday, 0) == thursday
    assert calendar.add(thursday, 1) == date(2026, 4, 7)  # after Easter
    assert calendar.count(thursday, date(2026, 4, 6)) == 0


@pytest.mark.parametrize("day", [FIRST - DAY, LAST + DAY, date.max, date.min])
def test_beyond_its_dates_a_calendar_answers_nothing(day: date) -> None:
    calendar = WorkingCalendar(
        title="Short", weekend=frozenset(), closed=frozenset(), first=FIRST, last=LAST
    )
    with pytest.raises(CalendarEnds, match="2026-01-01 to 2026-12-31"):
        calendar.is_working(day)
    if day > LAST:
        with pytest.raises(CalendarEnds):
            calendar.count(FIRST, day)
        with pytest.raises(CalendarEnds):
            calendar.add(day, 1)


def test_the_end_of_all_dates_is_the_end_of_a_calendar() -> None:
    calendar = WorkingCalendar(
        title="Long",
        weekend=frozenset(),
        closed=frozenset(),
        first=FIRST,
        last=date.max,
    )
    assert calendar.add(date.max - DAY, 1) == date.max
    with pytest.raises(CalendarEnds):
        calendar.add(date.max, 1)
