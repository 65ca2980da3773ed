"""A real Slurm asks a real gate: jobs start with a permit, and stop when they must."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.slurm_cluster import (
    CLUSTER,
    KILL_WAIT_S,
    SlurmCluster,
    environment,
    slurm_cluster,
)
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate, wait_for

from assent.adapters.gate import keep_request
from assent.adapters.gate.slurm import SlurmCommands, install_hooks
from assent.apps.gate import ClusterMonitor, MonitoredGate
from assent.supervision.admission import Hold, StopKind, overseers_book
from assent.supervision.ledger import JobState
from assent.supervision.schedulers import slurm_prefix
from assent.wiring.gate import leases_at_hand

CLAIM = f"assent permit={PERMIT.permit_id}"
FOUR = ("--gres=gpu:h100:4", "--time=10", f"--comment={CLAIM}")
LONG = ("--gres=gpu:h100:4", "--time=10-0", f"--comment={CLAIM}")
MINUTES_10_S = 600
GRACE_S = 4


@dataclass(frozen=True)
class Stage:
    """A cluster, its gate, and a monitor that looks when it is asked to."""

    slurm: SlurmCluster
    gate: SmallGate
    monitor: ClusterMonitor

    def look_until(self, job: str, *states: str) -> None:
        """Have the monitor look, until a job is in one of these states."""

        def is_so() -> bool:
            self.monitor.look(self.gate.clock())
            return self.slurm.state(job) in states

        wait_for(is_so)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    folder = tmp_path_factory.mktemp("slurm")
    install_hooks(folder / "gate.sock", folder / "hooks", folder / "slurm.conf")
    with slurm_cluster(folder) as running:
        yield running


@pytest.fixture
def stage(
    cluster: SlurmCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setenv("SLURM_CONF", str(cluster.folder / "slurm.conf"))
    with small_gate(
        tmp_path, grace_s=GRACE_S, socket=cluster.folder / "gate.sock"
    ) as gate:
        monitored = MonitoredGate(
            socket=gate.socket,
            prefix=slurm_prefix(CLUSTER),
            kill_wait_s=KILL_WAIT_S,
            job_end=leases_at_hand(tmp_path).job_end,
        )
        monitor = ClusterMonitor(SlurmCommands(CLUSTER, "TERM"), monitored)
        yield Stage(cluster, gate, monitor)
        gate.start()
        for job in cluster.run("squeue", "-h", "-r", "-o", "%i").stdout.split():
            cluster.run("scancel", "--full", "--signal=KILL", job)
            cluster.run("scancel", job)
        wait_for(lambda: not cluster.run("squeue", "-h").stdout)
        wait_for(lambda: not gate.jobs(JobState.RUNNING, JobState.STOPPING))


def test_a_job_without_a_permit_is_refused_when_it_is_submitted(stage: Stage) -> None:
    with pytest.raises(ValueError, match="names no permit") as refused:
        stage.slurm.submit("--gres=gpu:h100:4", "--time=10")
    assert "Apply for a permit" in str(refused.value)
    assert not stage.gate.jobs()


def test_a_job_with_a_permit_is_reserved_for_and_settled(stage: Stage) -> None:
    job = stage.slurm.submit(*FOUR, script="sleep 2")

    wait_for(lambda: bool(stage.gate.jobs(JobState.RUNNING)))
    assert stage.gate.balance().flop_reserved == 4 * RATE * MINUTES_10_S
    stage.slurm.waits_for(job, "COMPLETED")
    wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))

    balance = stage.gate.balance()
    assert balance.flop_reserved == 0
    assert 2 * 4 * RATE <= balance.flop_spent <= 20 * 4 * RATE


def test_an_evaluation_runs_by_an_inspectors_request(stage: Stage) -> None:
    papers = stage.gate.place.papers
    request = stage.gate.request(flop=4 * RATE * MINUTES_10_S)
    keep_request(papers, "evaluation-1", request.read_bytes())
    by_request = f"--comment={CLAIM} request=evaluation-1"
    job = stage.slurm.submit(*FOUR[:2], by_request, script="sleep 2")

    wait_for(lambda: bool(stage.gate.jobs(JobState.RUNNING)))
    assert stage.gate.balance().flop_reserved == 0
    (running,) = stage.gate.jobs()
    assert running.admission.book == overseers_book(PERMIT.permit_id)
    stage.slurm.waits_for(job, "COMPLETED")
    wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))
    with pytest.raises(ValueError, match="lets one"):
        stage.slurm.submit(*FOUR[:2], by_request)


def test_no_gate_no_job(stage: Stage) -> None:
    waiting = stage.slurm.submit("--hold", *FOUR, script="sleep 1")
    stage.gate.stop()

    with pytest.raises(ValueError, match="gate did not answer"):
        stage.slurm.submit(*FOUR)
    stage.slurm.run("scontrol", "release", waiting)
    wait_for(lambda: "Reason=JobHeldUser" in stage.slurm.shown(waiting))
    wait_for(lambda: stage.slurm.state(waiting) == "PENDING")
    assert "AdminComment=The gate did not answer" in stage.slurm.shown(waiting)

    stage.gate.start()
    stage.slurm.run("scontrol", "update", f"JobId={waiting}", "StartTime=now")
    stage.slurm.run("scontrol", "release", waiting)
    stage.slurm.waits_for(waiting, "COMPLETED")
    assert stage.gate.balance().flop_spent > 0


def test_what_is_changed_after_submission_is_asked_about_again(stage: Stage) -> None:
    job = stage.slurm.submit("--hold", *FOUR)
    stage.slurm.run("scontrol", "update", f"JobId={job}", "Comment=none")
    stage.slurm.run("scontrol", "release", job)

    wait_for(lambda: "Reason=JobHeldUser" in stage.slurm.shown(job))
    assert "names no permit" in stage.slurm.shown(job)
    assert not stage.gate.jobs()


def test_a_forged_name_does_not_make_a_job_cheaper(stage: Stage) -> None:
    forged = "x\n     Nodes=n CPU_IDs=0 Mem=0 GRES=gpu:h100:0\n   Account=others"
    stage.slurm.submit(f"--job-name={forged}", *FOUR)

    wait_for(lambda: bool(stage.gate.jobs(JobState.RUNNING)))
    (admitted,) = stage.gate.jobs()
    assert admitted.admission.owner == "labs"
    assert admitted.admission.flop_reserved >= 4 * RATE * MINUTES_10_S


def test_tasks_of_an_array_add_up(stage: Stage) -> None:
    array = stage.slurm.submit("--array=1-3", *FOUR)

    wait_for(lambda: len(stage.gate.jobs(JobState.RUNNING)) == 2)
    wait_for(lambda: "held" in _reasons(stage.slurm, array).lower())

    assert stage.gate.balance().flop_reserved == 2 * 4 * RATE * MINUTES_10_S
    assert "AdminComment=Job" in (shown := stage.slurm.shown(array)), shown


def submit_two(stage: Stage, *second: str, script: str = "sleep 3") -> str:
    """Submit a heterogeneous job of two and of four chips."""
    more = ("-A", "labs", "--time=10", f"--comment={CLAIM}", *second)
    first = ("--gres=gpu:h100:2", *FOUR[1:])
    return stage.slurm.submit(*first, ":", "--gres=gpu:h100:4", *more, script=script)


def second_of(job: str) -> str:
    """Return the number of the second component of a job."""
    return str(int(job) + 1)


def test_components_of_a_job_are_admitted_together_and_settled_together(
    stage: Stage,
) -> None:
    job = submit_two(stage, "--time=20", script="sleep 3")
    wait_for(lambda: bool(stage.gate.jobs(JobState.RUNNING)))
    (admitted,) = stage.gate.jobs()
    assert admitted.job_id.startswith(f"{CLUSTER}/{job}/")
    assert admitted.admission.flop_reserved == 6 * RATE * 2 * MINUTES_10_S
    stage.slurm.waits_for(second_of(job), "RUNNING")
    stage.monitor.look(stage.gate.clock())
    stage.monitor.look(stage.gate.clock())

    stage.slurm.waits_for(second_of(job), "COMPLETED")
    wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))
    assert stage.gate.balance().flop_reserved == 0


def test_components_that_ask_for_too_much_together_do_not_start(stage: Stage) -> None:
    job = submit_two(stage, "--gres=gpu:h100:7")
    wait_for(lambda: "Reason=JobHeldUser" in stage.slurm.shown(job))
    assert "asks for 9" in stage.slurm.shown(job)
    assert not stage.gate.jobs(JobState.RUNNING)


def test_components_that_claim_different_permits_do_not_start(stage: Stage) -> None:
    job = submit_two(stage, "--hold")
    stage.slurm.run("scontrol", "update", f"JobId={job}+1", "Comment=none")
    stage.slurm.run("scontrol", "release", job)
    wait_for(lambda: "AdminComment=" in stage.slurm.shown(job))
    wait_for(lambda: not stage.gate.jobs(JobState.RUNNING))
    stage.slurm.waits_for(second_of(job), "PENDING")


def test_a_paused_job_of_components_stops_as_a_whole(stage: Stage) -> None:
    job = submit_two(stage, script="trap 'exit 0' TERM; sleep 60 & wait")
    stage.slurm.waits_for(second_of(job), "RUNNING")
    stage.gate.orders.append(Hold(order="1", words="Everybody pauses."))
    stage.look_until(second_of(job), "CANCELLED", "FAILED", "COMPLETED")
    wait_for(lambda: "RUNNING" not in stage.slurm.state(job))
    wait_for(lambda: not stage.gate.jobs(JobState.RUNNING, JobState.STOPPING))


def test_a_job_that_is_requeued_pays_for_each_attempt_once(stage: Stage) -> None:
    job = stage.slurm.submit(*FOUR)
    stage.slurm.waits_for(job, "RUNNING")
    time.sleep(1.5)
    stage.slurm.run("scontrol", "requeue", job)
    stage.slurm.waits_for(job, "PENDING")
    wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))

    def starts_again() -> bool:
        # Slurm puts a requeued job off for two minutes, at an instant of its own.
        stage.slurm.run("scontrol", "update", f"JobId={job}", "StartTime=now")
        time.sleep(0.5)
        return stage.slurm.state(job) == "RUNNING"

    wait_for(starts_again)
    first, second = stage.gate.jobs(JobState.ENDED), stage.gate.jobs(JobState.RUNNING)
    assert len(first) == len(second) == 1
    balance = stage.gate.balance()
    assert balance.flop_reserved == 4 * RATE * MINUTES_10_S
    assert balance.flop_spent == first[0].flop_spent
    assert 4 * RATE <= balance.flop_spent <= 30 * 4 * RATE


def test_a_paused_job_is_told_to_stop_and_then_killed(stage: Stage) -> None:
    deaf = "trap 'echo told' TERM; while :; do sleep 0.1; done"
    job = stage.slurm.submit(*FOUR, script=deaf)
    stage.slurm.waits_for(job, "RUNNING")
    stage.monitor.look(stage.gate.clock())

    stage.gate.orders.append(Hold(order="1", words="Everybody pauses."))
    began = time.monotonic()
    stage.look_until(job, "CANCELLED", "FAILED", "COMPLETED")

    assert time.monotonic() - began >= GRACE_S - KILL_WAIT_S
    (said,) = stage.slurm.folder.glob(f"job-{job}-*.out")
    wait_for(lambda: "told" in said.read_text())
    wait_for(lambda: not stage.gate.jobs(JobState.RUNNING, JobState.STOPPING))
    stage.gate.orders.clear()


def test_a_job_whose_lease_lapses_stops(stage: Stage) -> None:
    job = stage.slurm.submit(*LONG, script="trap 'exit 0' TERM; sleep 60 & wait")
    stage.slurm.waits_for(job, "RUNNING")
    (admitted,) = stage.gate.jobs()
    assert admitted.admission.lease_expires is not None

    left = admitted.admission.lease_expires - stage.gate.clock()
    stage.gate.clock.turn(left.total_seconds())
    stage.look_until(job, "CANCELLED", "FAILED", "COMPLETED")
    wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))
    (ended,) = stage.gate.jobs()
    assert ended.stop is not None
    assert ended.stop.kind is StopKind.LEASE_LAPSED


def test_the_command_stops_a_job_whose_lease_lapses_and_refunds_the_rest(
    stage: Stage,
) -> None:
    deaf = "trap 'echo told' TERM; while :; do sleep 0.1; done"
    job = stage.slurm.submit(*LONG, script=deaf)
    stage.slurm.waits_for(job, "RUNNING")
    (admitted,) = stage.gate.jobs()
    reserved = stage.gate.balance().flop_reserved
    with watching(stage):
        time.sleep(2)
        assert stage.slurm.state(job) == "RUNNING"
        assert admitted.admission.lease_expires is not None
        left = admitted.admission.lease_expires - stage.gate.clock()
        stage.gate.clock.turn(left.total_seconds() - GRACE_S)
        stage.slurm.waits_for(job, "CANCELLED", "FAILED")
        wait_for(lambda: bool(stage.gate.jobs(JobState.ENDED)))
    (said,) = stage.slurm.folder.glob(f"job-{job}-*.out")
    assert "told" in said.read_text()
    (ended,) = stage.gate.jobs()
    assert ended.stop is not None
    assert ended.stop.kind is StopKind.LEASE_LAPSED
    assert stage.gate.balance().flop_reserved == 0
    assert ended.flop_spent is not None
    assert ended.flop_spent < reserved


@contextmanager
def watching(stage: Stage) -> Iterator[None]:
    """Run `assent gate slurm watch` beside the gate, as its operator does."""
    settings = stage.gate.place.folder / "gate.yaml"
    part = {"gres": {"gpu:h100": "H100 SXM"}, "kill_wait_s": KILL_WAIT_S}
    with settings.open("a") as more:
        more.write(yaml.safe_dump({"slurm": part}))
    command = "from assent.apps.cli.main import run; run()"
    arguments = ["gate", "slurm", "watch", str(stage.gate.place.folder)]
    options = ["--cluster", CLUSTER, "--every", "0.5", "--socket", stage.gate.socket]
    process = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", command, *arguments, *map(str, options)],
        env={**environment(stage.slurm.folder), "PYTHONPATH": "src"},
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_a_job_that_runs_beside_the_books_is_cancelled(stage: Stage) -> None:
    job = stage.slurm.submit(*FOUR)
    stage.slurm.waits_for(job, "RUNNING")
    (admitted,) = stage.gate.jobs()
    stage.gate.gate.end(admitted.job_id, stage.gate.clock())

    stage.look_until(job, "CANCELLED", "FAILED")


def _reasons(slurm: SlurmCluster, array: str) -> str:
    return slurm.run("squeue", "-h", "-r", "-j", array, "-o", "%T %r").stdout
