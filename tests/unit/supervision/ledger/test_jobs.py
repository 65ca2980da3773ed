"""A job ends once, and is charged for what nobody saw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assent.supervision.admission import Admission, Stop, StopKind, Vouched
from assent.supervision.ledger import (
    TRANSITIONS,
    Job,
    JobNotOpen,
    JobState,
    end,
    order_stop,
    vouch,
)
from assent.supervision.metering import ChainHead
from assent.testing.supervision.metering import CHAIN

T = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADMISSION = Admission(
    job_id="4711",
    site="site-nairobi-1",
    owner="labs",
    book="permit-2026-0001",
    permit_id="permit-2026-0001",
    lease_id="lease-2026-0001-1",
    flop_reserved=3_600_000,
    flop_per_s=1_000,
    chips={"h100": 8},
    admitted=T,
    ends_by=T + timedelta(hours=1),
    lease_expires=T + timedelta(days=1),
)
JOB = Job(admission=ADMISSION)
STOP = Stop(kind=StopKind.PAUSED, words="Everything stops.", grace_s=60)


def head(seconds: int) -> ChainHead:
    """Return where a meter stands after so many seconds."""
    return ChainHead(
        chain=CHAIN,
        sequence=seconds,
        digest=f"sha256:{seconds:064x}",
        flop_total=10**20,
        step_last=seconds,
        time_to=at(seconds),
    )


def at(seconds: int) -> datetime:
    return T + timedelta(seconds=seconds)


LATER = at(3_600)


def test_a_meter_vouches_for_no_time_that_has_not_come() -> None:
    ahead = vouch(JOB, 1_000, head(400), at(101))  # its clock is five minutes ahead
    assert ahead.vouched == Vouched(flop=1_000, until=at(101))
    assert end(ahead, at(300), 5).flop_spent == 1_000 + 199_000


def test_an_unmetered_job_is_charged_what_its_chips_could_have_done() -> None:
    ended = end(JOB, at(100), 0)
    assert (ended.state, ended.flop_spent) == (JobState.ENDED, 100_000)
    assert end(JOB, at(-5), 0).flop_spent == 0


def test_a_metered_job_is_charged_its_readings_and_the_time_after_them() -> None:
    job = vouch(vouch(JOB, 7_000, head(50), LATER), 3_000, head(90), LATER)
    assert job.vouched == Vouched(flop=10_000, until=at(90))
    assert job.meter == head(90)
    assert end(job, at(100), 5).flop_spent == 10_000 + 10_000


def test_a_meter_that_spoke_until_the_end_is_believed() -> None:
    almost = vouch(JOB, 3_599_000, head(90), LATER)
    assert end(almost, at(95), 5).flop_spent == JOB.admission.flop_reserved
    assert end(almost, at(96), 5).flop_spent == 3_599_000 + 6_000
    beyond = vouch(JOB, 3_600_001, head(90), LATER)
    assert end(beyond, at(91), 5).flop_spent == 3_600_001


def test_the_first_reason_to_stop_stays() -> None:
    job = order_stop(JOB, STOP, at(10))
    again = order_stop(job, replace(STOP, words="Another."), at(20))
    assert again == job
    assert (job.state, job.stop) == (JobState.STOPPING, STOP)


@pytest.mark.parametrize("state", [None, *JobState])
@pytest.mark.parametrize("event", ["admitted", "vouched", "stop_ordered", "ended"])
def test_every_pair_of_the_table(state: JobState | None, event: str) -> None:
    possible = {
        None: {"admitted"},
        JobState.RUNNING: {"vouched", "stop_ordered", "ended"},
        JobState.STOPPING: {"vouched", "stop_ordered", "ended"},
        JobState.ENDED: set(),
    }
    assert ((state, event) in TRANSITIONS) == (event in possible[state])


def test_nothing_happens_to_a_job_that_ended() -> None:
    over = end(JOB, at(10), 0)
    with pytest.raises(JobNotOpen, match="Job 4711 is ended"):
        end(over, at(11), 0)
    with pytest.raises(JobNotOpen):
        vouch(over, 1, head(11), LATER)
    with pytest.raises(JobNotOpen):
        order_stop(over, STOP, at(11))
