"""A steady clock is never behind the time that has passed."""

from datetime import UTC, datetime, timedelta

from assent.wiring.clock import SteadyClock

T = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clocks:
    """A clock on the wall that somebody sets, and time that passes."""

    def __init__(self) -> None:
        """Begin."""
        self.wall, self.passed_s = T, 0.0

    def pass_by(self, seconds: float) -> None:
        """Let time go by on both."""
        self.wall += timedelta(seconds=seconds)
        self.passed_s += seconds

    def steady(self) -> SteadyClock:
        """Return what is made of them."""
        return SteadyClock(lambda: self.wall, lambda: self.passed_s)


def test_it_goes_with_the_wall() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    clocks.pass_by(90.7)
    assert steady() == T + timedelta(seconds=90)


def test_set_back_by_ten_minutes_it_loses_no_second_of_a_job() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    clocks.pass_by(300)
    clocks.wall -= timedelta(minutes=10)
    assert steady() == T + timedelta(seconds=300)
    clocks.pass_by(60)
    assert steady() == T + timedelta(seconds=360)


def test_set_forward_it_is_believed() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    clocks.wall += timedelta(minutes=10)
    assert steady() == T + timedelta(minutes=10)
    clocks.wall -= timedelta(minutes=10)
    clocks.pass_by(5)
    assert steady() == T + timedelta(minutes=10, seconds=5)
