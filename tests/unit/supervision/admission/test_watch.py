"""A running job stops when it must, and early enough to write a checkpoint."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assent.supervision.admission import (
    Admission,
    Hold,
    StopKind,
    Vouched,
    decide_stop,
    flop_at_most,
)

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
GRACE_S = 60
HOUR = timedelta(hours=1)


def running(**changes: Any) -> Admission:  # noqa: ANN401 - any field
    given = {
        "job_id": "4711",
        "site": "site-nairobi-1",
        "owner": "labs",
        "book": "permit-2026-0001",
        "permit_id": "permit-2026-0001",
        "lease_id": "lease-2026-0001-1",
        "flop_reserved": 3_600 * 1_000,
        "flop_per_s": 1_000,
        "chips": {"h100": 1},
        "admitted": START,
        "ends_by": START + HOUR,
        "lease_expires": START + timedelta(days=1),
    }
    return Admission(**{**given, **changes})


def stop(  # noqa: PLR0913, PLR0917 - as `decide_stop`
    after_s: float,
    admission: Admission | None = None,
    vouched: Vouched | None = None,
    holds: tuple[Hold, ...] = (),
    lease_expires: datetime | None = START + timedelta(days=1),
    silence_s: int = 0,
) -> StopKind | None:
    found = decide_stop(
        admission or running(),
        vouched=vouched,
        lease_expires=lease_expires,
        holds=holds,
        grace_s=GRACE_S,
        silence_s=silence_s,
        now=START + timedelta(seconds=after_s),
    )
    return None if found is None else found.kind


def test_a_job_charged_its_ceiling_runs_to_its_time_limit() -> None:
    assert [stop(s) for s in (0, 3_599)] == [None, None]
    assert stop(3_600) is StopKind.TIME_OVER


def test_a_job_that_declared_less_runs_on_only_while_its_meter_speaks() -> None:
    half = running(flop_reserved=1_800 * 1_000)
    assert stop(1_800 - GRACE_S, half) is None
    assert stop(1_800 - GRACE_S + 1, half) is StopKind.ALLOWANCE_USED
    frugal = Vouched(flop=100_000, until=START + timedelta(seconds=1_700))
    assert stop(1_800, half, frugal) is None
    assert stop(1_700 + 1_700 - GRACE_S, half, frugal) is None
    assert stop(1_700 + 1_701 - GRACE_S, half, frugal) is StopKind.ALLOWANCE_USED


def test_a_meter_may_be_silent_for_a_while() -> None:
    short = running(flop_reserved=100 * 1_000)
    assert stop(30, short, silence_s=30) is None
    assert stop(41, short, silence_s=30) is StopKind.ALLOWANCE_USED
    spoke = Vouched(flop=90_000, until=START + timedelta(seconds=300))
    assert stop(330, short, spoke, silence_s=30) is None
    assert stop(331, short, spoke, silence_s=30) is StopKind.ALLOWANCE_USED
    over = Vouched(flop=100_001, until=START + timedelta(seconds=300))
    assert stop(300, short, over, silence_s=30) is StopKind.ALLOWANCE_USED


def test_what_nobody_saw_is_counted_at_the_peak() -> None:
    seen = Vouched(flop=7, until=START + timedelta(seconds=100))
    at = START + timedelta(seconds=100.2)
    assert flop_at_most(running(), seen, at) == 7 + 1_000
    assert flop_at_most(running(), None, at) == 101 * 1_000
    future = Vouched(flop=7, until=at + HOUR)
    assert flop_at_most(running(), future, at) == 7


def test_a_meter_cannot_vouch_for_time_before_the_job() -> None:
    early = Vouched(flop=0, until=START - HOUR)
    assert flop_at_most(running(), early, START + timedelta(seconds=5)) == 5_000


def test_it_stops_before_its_lease_ends_with_time_for_a_checkpoint() -> None:
    lapses = START + timedelta(seconds=1_000)
    assert stop(1_000 - GRACE_S - 1, lease_expires=lapses) is None
    assert stop(1_000 - GRACE_S, lease_expires=lapses) is StopKind.LEASE_LAPSED
    assert stop(3_000, running(permit_id=None), lease_expires=None) is None


@pytest.mark.parametrize("after_s", [0, 5_000])
def test_a_pause_order_comes_before_everything_else(after_s: int) -> None:
    hold = Hold(order="1", words="Everything stops.")
    assert stop(after_s, holds=(hold,)) is StopKind.PAUSED


def test_an_order_says_how_long_a_checkpoint_may_take() -> None:
    def grace_s(*holds: Hold) -> int | None:
        found = decide_stop(
            running(),
            vouched=None,
            lease_expires=None,
            holds=holds,
            grace_s=GRACE_S,
            silence_s=0,
            now=START,
        )
        return None if found is None else found.grace_s

    order = Hold(order="1", words="Everything stops.", grace_s=600)
    assert grace_s(order) == 600
    assert grace_s(order, Hold(order="2", words="At once.", grace_s=5)) == 5
    assert grace_s(Hold(order="3", words="It stops.")) == GRACE_S
