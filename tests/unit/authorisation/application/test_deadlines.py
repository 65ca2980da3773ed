"""The day of the decision follows from the events, whatever order they came in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.authorisation.application.cases import (
    DAY,
    NOW,
    TREATY,
    Case,
    application,
    drafted,
    submitted,
    under_review,
)

from assent.authorisation.application import (
    Clock,
    Overdue,
    amend,
    appeal,
    chaser_dates,
    check_deadlines,
    decision_clock,
    end_of,
    provide_information,
    request_information,
    submit,
    withdraw,
    withdraw_request,
)
from assent.authorisation.treaty import CalendarEnds, Matter, MatterUnknown
from assent.testing.states import SimulatedTreaty

WORKING_DAYS = 20  # the simulated treaty's, for permits and for appeals
MONDAY = NOW.date()


def ask(case: Case, request_id: str, days: int = 10) -> None:
    case.do(
        request_information,
        request_id,
        "Why?",
        answer_working_days=days,
        treaty=TREATY,
    )


def clock(case: Case, on: date | None = None) -> Clock:
    found = decision_clock(case.folded, TREATY, on or case.now.date())
    assert found is not None
    return found


def test_a_term_begins_the_day_after_and_counts_working_days() -> None:
    found = clock(submitted())
    assert found.started == MONDAY
    assert found.due == date(2026, 3, 30)  # four weeks of five days
    assert found.working_days_left == WORKING_DAYS
    assert not found.is_stopped
    assert found.stops == ()


def test_closed_days_do_not_count() -> None:
    simulated = SimulatedTreaty()
    simulated.form["calendar"]["closed"] = ["2026-03-03", "2026-03-07"]
    found = decision_clock(submitted().folded, simulated.treaty, MONDAY)
    assert found is not None
    assert found.due == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("answered_after_days", "due"),
    [
        (0, date(2026, 3, 30)),  # asked and answered on one day: nothing stood still
        (1, date(2026, 3, 31)),  # the day of the answer does not count
        (4, date(2026, 4, 3)),  # Friday
        (5, date(2026, 4, 3)),  # Saturday costs nobody anything
        (7, date(2026, 4, 6)),
    ],
)
def test_the_days_of_an_open_request_do_not_count(
    answered_after_days: int, due: date
) -> None:
    case = under_review()
    ask(case, "rfi-1")
    case.now += DAY * answered_after_days
    case.do(provide_information, "rfi-1", "So.")
    assert clock(case).due == due


def test_while_it_stands_still_the_day_moves_with_today() -> None:
    case = under_review()
    ask(case, "rfi-1")
    assert clock(case, MONDAY).due == date(2026, 3, 30)
    assert clock(case, MONDAY + DAY).due == date(2026, 3, 31)
    found = clock(case, MONDAY + 2 * DAY)
    assert found.is_stopped
    assert found.due == date(2026, 4, 1)
    assert found.working_days_left == WORKING_DAYS


def test_requests_that_overlap_stop_the_clock_once() -> None:
    case = under_review()
    ask(case, "rfi-1")
    case.now += DAY
    ask(case, "rfi-2")
    case.now += DAY
    case.do(withdraw_request, "rfi-1", "Known.")
    case.now += DAY
    case.do(provide_information, "rfi-2", "So.")
    [stop] = clock(case).stops
    assert (stop.asked, stop.answered) == (MONDAY, MONDAY + 3 * DAY)
    assert clock(case).due == date(2026, 4, 2)


def test_a_request_within_another_stops_the_clock_no_longer() -> None:
    case = under_review()
    ask(case, "rfi-1")
    case.now += DAY
    ask(case, "rfi-2")
    case.now += DAY
    case.do(provide_information, "rfi-2", "So.")
    case.now += DAY
    case.do(provide_information, "rfi-1", "So.")
    [stop] = clock(case).stops
    assert (stop.asked, stop.answered) == (MONDAY, MONDAY + 3 * DAY)


def test_what_is_asked_when_the_time_is_over_does_not_win_time() -> None:
    case = under_review()
    due = date(2026, 3, 30)
    case.now += 28 * DAY  # the last day
    ask(case, "rfi-1")
    case.now += 5 * DAY
    assert clock(case).due == due
    [overdue] = check_deadlines(case.folded, TREATY, case.now.date())
    assert (overdue.owed_by, overdue.due) == ("agency", due)


def test_an_amendment_adds_no_time() -> None:
    case = submitted()
    case.now += DAY
    case.do(amend, application(purpose="Another."), "Why", treaty=TREATY)
    assert clock(case).due == date(2026, 3, 30)


def test_dates_are_those_of_utc() -> None:
    case = drafted()
    case.now = datetime.fromisoformat("2026-03-03T01:00:00+02:00")  # still Monday
    case.do(submit, TREATY)
    assert clock(case, MONDAY).started == MONDAY


def test_an_appeal_starts_the_clock_anew() -> None:
    case = under_review()
    ask(case, "rfi-1")
    case.now += DAY / 2
    case.do(withdraw_request, "rfi-1", "Known.")
    ask(case, "rfi-2")
    case.now += DAY / 2
    case.do(provide_information, "rfi-2", "So.")
    case.happen("refused_by_rule")
    assert decision_clock(case.folded, TREATY, MONDAY) is None
    case.now += DAY
    case.do(appeal, "Wrong rule.", treaty=TREATY)
    found = clock(case)
    assert (found.matter, found.started) == (Matter.APPEAL, MONDAY + 2 * DAY)
    assert found.due == date(2026, 4, 1)
    assert found.stops == ()


def test_no_clock_runs_for_a_draft_or_after_the_end() -> None:
    assert decision_clock(drafted().folded, TREATY, MONDAY) is None
    case = submitted()
    case.do(withdraw, "No money.")
    assert decision_clock(case.folded, TREATY, MONDAY) is None


def test_a_treaty_that_cannot_say_is_an_error() -> None:
    simulated = SimulatedTreaty()
    simulated.form["calendar"] |= {"closed": [], "last": "2026-03-10"}
    with pytest.raises(CalendarEnds):
        decision_clock(submitted().folded, simulated.treaty, MONDAY)
    simulated = SimulatedTreaty()
    del simulated.form["matters"]["permit"]
    with pytest.raises(MatterUnknown):
        decision_clock(submitted().folded, simulated.treaty, MONDAY)


def test_a_decision_is_overdue_the_day_after_its_last() -> None:
    case = under_review()
    due = date(2026, 3, 30)
    assert check_deadlines(case.folded, TREATY, due) == []
    assert check_deadlines(case.folded, TREATY, due + DAY) == [
        Overdue(what="the decision", owed_by="agency", due=due)
    ]
    assert clock(case, due + DAY).working_days_left == 0


def test_an_answer_is_overdue_and_the_decision_then_is_not() -> None:
    case = under_review()
    ask(case, "rfi-1", days=1)
    assert check_deadlines(case.folded, TREATY, MONDAY + DAY) == []
    late = date(2026, 12, 1)
    assert check_deadlines(case.folded, TREATY, late) == [
        Overdue(what="the answer to rfi-1", owed_by="applicant", due=MONDAY + DAY)
    ]


@pytest.mark.parametrize(
    ("days", "dates"),
    [
        (10, [date(2026, 3, 9), date(2026, 3, 13), date(2026, 3, 17)]),
        (2, [date(2026, 3, 3), date(2026, 3, 5)]),
        (1, [date(2026, 3, 4)]),
    ],
)
def test_applicants_are_reminded_before_and_after(days: int, dates: list[date]) -> None:
    case = under_review()
    ask(case, "rfi-1", days=days)
    [request] = case.folded.open_requests
    assert list(chaser_dates(request, TREATY.calendar)) == dates


def test_a_day_ends_with_its_last_second() -> None:
    assert end_of(MONDAY) == datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)


def slow_due(case: Case, on: date) -> date:
    """Walk through the days one by one, asking each time what was open."""
    day, left = MONDAY, WORKING_DAYS
    requests = case.folded.requests.values()
    while left:
        day += DAY
        is_open = any(
            one.asked.date() < day <= (one.closed.date() if one.closed else on)
            for one in requests
        )
        left -= TREATY.calendar.is_working(day) and not is_open
    return day


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "ask", "answer", "withdraw", "amend"]),
        st.integers(0, 9),
    ),
    max_size=25,
)


@given(STEPS, st.integers(0, 20))
@settings(deadline=None, max_examples=60)
def test_any_interleaving_ends_on_the_day_that_a_slow_count_finds(
    steps: list[tuple[str, int]], later: int
) -> None:
    case = under_review()
    for number, (step, choice) in enumerate(steps):
        waiting = case.folded.open_requests
        if step == "wait":
            case.now += timedelta(hours=13 * choice)
        elif step == "ask":
            ask(case, f"rfi-{number}")
        elif step == "amend":
            changed = application(purpose=f"Version {number}.")
            case.do(amend, changed, "Why", treaty=TREATY)
        elif waiting:
            verb = provide_information if step == "answer" else withdraw_request
            case.do(verb, waiting[choice % len(waiting)].request_id, "So.")
    on = case.now.date() + DAY * later
    found = clock(case, on)
    assert found.due == slow_due(case, on)
    assert found.is_stopped == bool(case.folded.open_requests)
    assert found.working_days_left == sum(
        TREATY.calendar.is_working(on + DAY * ahead)
        for ahead in range(1, (found.due - on).days + 1)
    )
