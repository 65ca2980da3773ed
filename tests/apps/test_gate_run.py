"""`assent gate run`: a command lives as long as the gate lets it, and no longer."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.small_gate import PERMIT, SmallGate, small_gate, wait_for

from assent.supervision.admission import Hold
from assent.supervision.ledger import JobState

_RUN = """\
import sys
from pathlib import Path
from assent.apps.cli.gate.running import Asked, run
asked = Asked("run/1", "labs", "10m", sys.argv[2], ["H100 SXM=1"], "")
sys.exit(run(Path(sys.argv[1]).parent, None, asked, sys.argv[3:]))
"""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SmallGate]:
    with small_gate(tmp_path, grace_s=1) as found:
        yield found


def begin(gate: SmallGate, *command: str) -> "subprocess.Popen[str]":
    arguments = [str(gate.socket), PERMIT.permit_id, *command]
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", _RUN, *arguments],
        env={**os.environ, "PYTHONPATH": "src"},
        stderr=subprocess.PIPE,
        text=True,
    )


def code_of(gate: SmallGate, *command: str) -> int:
    running = begin(gate, *command)
    running.communicate(timeout=60)
    return running.returncode


def is_over(gate: SmallGate) -> bool:
    return [job.state for job in gate.jobs()] == [JobState.ENDED]


def test_its_exit_code_is_the_commands(gate: SmallGate) -> None:
    assert code_of(gate, "sh", "-c", "exit 7") == 7
    assert is_over(gate)


def test_a_signal_that_ended_it_is_told_as_a_shell_does(gate: SmallGate) -> None:
    assert code_of(gate, "sh", "-c", "kill -9 $$") == 128 + 9
    assert is_over(gate)


def test_a_program_that_is_not_there_is_settled(gate: SmallGate) -> None:
    assert code_of(gate, "no-such-program") == 1  # a traceback: no command line is here
    assert is_over(gate)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_passed_on_and_the_job_settled(
    gate: SmallGate, tmp_path: Path, number: signal.Signals
) -> None:
    mark = tmp_path / "told"
    trap = f"trap 'touch {mark}; exit 3' TERM"
    script = f"{trap}; touch {mark}.up; while :; do sleep 0.1; done"
    running = begin(gate, "sh", "-c", script)
    wait_for((tmp_path / "told.up").exists)
    running.send_signal(number)
    running.communicate(timeout=30)
    assert (running.returncode, mark.exists()) == (3, True)
    assert is_over(gate)


@pytest.mark.parametrize(
    "how",
    [
        "sleep 300 &",
        "setsid sleep 300 &",
        "setsid -f sh -c 'setsid sleep 300 & sleep 300'",
    ],
)
def test_nothing_runs_on_when_the_command_has_ended(
    gate: SmallGate, tmp_path: Path, how: str
) -> None:
    mine = str(tmp_path)
    script = f"cd {mine}; {how} sleep 0.3; exit 0"
    assert code_of(gate, "sh", "-c", script) == 0
    assert is_over(gate)
    assert not _processes_in(mine)


def test_a_deaf_command_is_killed_when_its_grace_is_over(
    gate: SmallGate, tmp_path: Path
) -> None:
    script = f"cd {tmp_path}; trap '' TERM; touch up; while :; do sleep 0.1; done"
    running = begin(gate, "sh", "-c", script)
    wait_for((tmp_path / "up").exists)
    gate.orders.append(Hold(order="1", words="Everybody pauses."))
    _, said = running.communicate(timeout=30)
    assert running.returncode == 75
    assert "Everybody pauses." in said
    assert is_over(gate)
    assert not _processes_in(str(tmp_path))


def test_a_job_that_somebody_settled_does_not_run_on(gate: SmallGate) -> None:
    running = begin(gate, "sleep", "300")
    wait_for(lambda: bool(gate.jobs(JobState.RUNNING)))
    gate.gate.end("run/1", gate.clock())
    _, said = running.communicate(timeout=30)
    assert running.returncode == 75
    assert "settled it already" in said


def test_without_a_gate_a_job_ends_when_its_lease_does(gate: SmallGate) -> None:
    running = begin(gate, "sleep", "300")  # it goes by the real clock: long after that
    wait_for(lambda: bool(gate.jobs(JobState.RUNNING)))
    gate.stop()
    _, said = running.communicate(timeout=30)
    assert running.returncode == 75
    assert "its lease or its time is over" in said
    assert "assent gate end" in said


def test_what_is_watched_ends_with_whoever_watches(
    gate: SmallGate, tmp_path: Path
) -> None:
    script = f"cd {tmp_path}; touch up; exec sleep 300"
    running = begin(gate, "sh", "-c", script)
    wait_for((tmp_path / "up").exists)
    running.kill()
    running.communicate(timeout=30)
    wait_for(lambda: not _processes_in(str(tmp_path)))


def _processes_in(folder: str) -> list[str]:
    """Return the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()) == folder:
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found
