"""Slurm's own commands: which jobs there are, and how they are told to stop.

squeue, scancel -> RunningJob, or SlurmUnavailable
"""

import os
import subprocess
from dataclasses import dataclass

from assent.supervision.schedulers import RunningJob, parse_running
from assent.vocabulary import AssentError

SECONDS_MAX = 60.0
_COLUMNS = "JobID:20 ,JobArrayID:40 ,SubmitTime:20 ,RestartCnt:12 ,State:20"


class SlurmUnavailable(AssentError):
    """Slurm's commands fail; what runs is not known."""


@dataclass(frozen=True, slots=True)
class SlurmCommands:
    """The commands, for one cluster and one signal."""

    cluster: str
    signal: str

    def jobs(self) -> list[RunningJob]:
        """Return all jobs that Slurm knows.

        Raises:
            SlurmUnavailable: if it does not say.
            SchedulerMalformed: if it says something else.

        """
        said = _run("squeue", "-h", "-r", "-t", "all", "-O", _COLUMNS)
        return parse_running(self.cluster, said)

    def tell(self, job: RunningJob) -> None:
        """Have all processes of a job told to write a checkpoint and to stop."""
        _run("scancel", "--full", f"--signal={self.signal}", job.target)

    def cancel(self, job: RunningJob) -> None:
        """Have Slurm end a job: it kills what is left after its KillWait."""
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
