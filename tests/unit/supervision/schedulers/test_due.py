"""Jobs are told, cancelled and settled when that is certain, and not before."""

from datetime import timedelta

import pytest

from assent.supervision.schedulers import (
    AdmittedJob,
    Due,
    Memory,
    RunningJob,
    SchedulerMalformed,
    decide_due,
    parse_running,
)
from assent.testing.trust import NOW

JOB = RunningJob(name="toy/7/1/0", target="7", state="RUNNING")
FREE = AdmittedJob(name=JOB.name, admitted=NOW)
STOPS = AdmittedJob(
    name=JOB.name,
    admitted=NOW,
    stop_since=NOW,
    grace_s=60,
    words="The lease ends.",
)


def due(
    running: list[RunningJob],
    admitted: list[AdmittedJob],
    memory: Memory | None = None,
    after_s: float = 0,
) -> Due:
    return decide_due(
        running,
        {job.name: job for job in admitted},
        memory or Memory(),
        NOW + timedelta(seconds=after_s),
    )


def test_a_job_that_may_run_is_left_alone() -> None:
    found = due([JOB], [FREE])
    assert (found.tell, found.cancel, found.settle) == ([], [], [])


def test_a_job_is_told_once_and_cancelled_when_its_time_is_over() -> None:
    first = due([JOB], [STOPS], after_s=1)
    assert first.tell == [(JOB, STOPS)]
    second = due([JOB], [STOPS], first.memory, after_s=59)
    assert (second.tell, second.cancel) == ([], [])
    third = due([JOB], [STOPS], second.memory, after_s=60)
    assert third.cancel == [(JOB, "The lease ends.")]


def test_a_job_that_nobody_admitted_is_cancelled_when_it_is_seen_twice() -> None:
    first = due([JOB], [])
    assert not first.cancel
    assert [job for job, _ in due([JOB], [], first.memory).cancel] == [JOB]


@pytest.mark.parametrize("state", ["PENDING", "CONFIGURING", "COMPLETING", "FAILED"])
def test_a_job_that_does_not_run_is_not_cancelled(state: str) -> None:
    job = RunningJob(name=JOB.name, target="7", state=state)
    assert not due([job], [], due([job], []).memory).cancel


def test_a_job_that_slurm_forgot_is_settled_when_it_is_missed_twice() -> None:
    first = due([], [FREE])
    assert not first.settle
    assert due([], [FREE], first.memory).settle == [JOB.name]
    assert not due([JOB], [FREE], first.memory).settle


def test_a_job_that_was_requeued_has_its_first_attempt_settled() -> None:
    again = RunningJob(name="toy/7/1/1", target="7", state="PENDING")
    assert due([again], [FREE], due([again], [FREE]).memory).settle == [JOB.name]


def test_reads_what_squeue_prints() -> None:
    found = parse_running("toy", "7    7_1   1795370435  0  RUNNING  0 \n")
    name = "toy/7/1795370435/0"
    assert found == [RunningJob(name=name, target="7_1", state="RUNNING")]


def test_components_of_one_job_are_one_job_that_runs_as_long_as_one_does() -> None:
    text = "7 7+0 1 0 COMPLETED 7\n8 7+1 1 0 RUNNING 7\n9 9 1 0 PENDING 0\n"
    nine = RunningJob(name="toy/9/1/0", target="9", state="PENDING")
    assert parse_running("toy", text) == [nine, JOB]


@pytest.mark.parametrize(
    "line", ["7 7 1 0 RUNNING", "7 7 1 0 RUNNING 0 x", "7 7 N/A 0 RUNNING 0"]
)
def test_refuses_what_squeue_never_prints(line: str) -> None:
    with pytest.raises(SchedulerMalformed):
        parse_running("toy", line)
