"""Slurm's own commands: which jobs there are, and how they are told to stop.

squeue, scancel -> RunningJob, or SlurmUnavailable
"""

import os
import subprocess
from collections.abc import Collection

from assent.supervision.schedulers import (
    AdmittedJob,
    RunningJob,
    SchedulerUnavailable,
    parse_running,
)

SECONDS_MAX = 60.0
_COLUMNS = (
    "JobID:20 ,JobArrayID:40 ,SubmitTime:20 ,RestartCnt:12 ,State:20 ,HetJobID:20"
)


class SlurmUnavailable(SchedulerUnavailable):
    """Slurm's commands fail; what runs is not known."""


class SlurmCommands:
    """The commands, for one cluster and one signal."""

    young_s = 0  # a job is admitted when it is there

    def __init__(self, cluster: str, signal: str) -> None:
        """Speak of this cluster, and tell jobs by this signal."""
        self._cluster, self._signal = cluster, signal
        self._seen: list[RunningJob] = []

    def look(self) -> None:
        """Take note of all jobs that Slurm knows.

        Raises:
            SlurmUnavailable: if it does not say.
            SchedulerMalformed: if it says something else.

        """
        said = _run("squeue", "-h", "-r", "-t", "all", "-O", _COLUMNS)
        self._seen = parse_running(self._cluster, said)

    def running(self, admitted: Collection[str]) -> list[RunningJob]:
        """Return what was there; a job's own name says what it was admitted as."""
        del admitted
        return self._seen

    def gone(self, names: Collection[str]) -> list[str]:
        """Return all of them: what was looked at was Slurm's own list."""
        return sorted(names)

    def tell(self, job: RunningJob, admitted: AdmittedJob) -> None:
        """Have all processes of a job told to write a checkpoint and to stop."""
        del admitted
        _run("scancel", "--full", f"--signal={self._signal}", job.target)

    def cancel(self, job: RunningJob, words: str) -> None:
        """Have Slurm end a job: it kills what is left after its KillWait."""
        del words
        _run("scancel", job.target)


def _run(*command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - Slurm's commands, and what it said itself
            command,
            capture_output=True,
            check=False,
            timeout=SECONDS_MAX,
            env={**os.environ, "SLURM_TIME_FORMAT": "%s"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    else:
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "replace")
        why = done.stderr.decode("utf-8", "replace").strip()
    raise SlurmUnavailable(
        f"{command[0]} fails: {why[:300]}",
        remedy="See that slurmctld answers; what runs goes on being looked at.",
    )
