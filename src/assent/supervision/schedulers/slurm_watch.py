"""Which of Slurm's jobs to signal, and which of the gate's to settle.

jobs that Slurm runs + jobs that the gate has open + what was found before + now -> Due

A job that has to stop is told so, and cancelled when its time for a checkpoint is
over. A job that runs and was never admitted is cancelled; one that was admitted and
that Slurm no longer knows is settled. Both are believed only when seen twice, for
between the two questions a job may begin or end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assent.supervision.schedulers.errors import SchedulerMalformed
from assent.supervision.schedulers.slurm import attempt_name

_COLUMNS = 5
_RUNS = frozenset({"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """A job that Slurm knows: its name here, what commands call it, its state."""

    name: str
    target: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedJob:
    """A job that the gate has open.

    Attributes:
        name: the job's.
        alone_until: how long it may go on if the gate no longer answers.
        stop_since: since when it has to stop; None if it may go on.
        grace_s: how long it has for a checkpoint from then on.
        words: why it has to stop.

    """

    name: str
    alone_until: datetime
    stop_since: datetime | None = None
    grace_s: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What was seen before: who was told, and what was odd."""

    told: frozenset[str] = frozenset()
    odd: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be done now.

    Attributes:
        tell: jobs to send the signal to, each with the reason.
        cancel: jobs to kill and cancel, each with the reason.
        settle: names of jobs that Slurm no longer runs.
        memory: for the next time.

    """

    tell: Sequence[tuple[RunningJob, str]] = ()
    cancel: Sequence[tuple[RunningJob, str]] = ()
    settle: Sequence[str] = ()
    memory: Memory = field(default_factory=Memory)


def decide_due(
    running: Iterable[RunningJob],
    admitted: Mapping[str, AdmittedJob],
    memory: Memory,
    now: datetime,
) -> Due:
    """Return what is to be done now.

    Args:
        running: all that Slurm knows, read before `admitted`.
        admitted: the jobs that the gate has open, by name.
        memory: of the last time.
        now: the instant.

    """
    known = {job.name: job for job in running}
    tell: list[tuple[RunningJob, str]] = []
    cancel: list[tuple[RunningJob, str]] = []
    odd, told = set(), set()
    for name, job in known.items():
        if job.state not in _RUNS:
            continue
        allowed = admitted.get(name)
        if allowed is None:
            odd.add(name)
            if name in memory.odd:
                cancel.append((job, "The gate has not admitted it, or settled it."))
        elif allowed.stop_since is not None:
            told.add(name)
            if now >= allowed.stop_since + timedelta(seconds=allowed.grace_s):
                cancel.append((job, allowed.words))
            elif name not in memory.told:
                tell.append((job, allowed.words))
    gone = {
        name for name in admitted if name not in known or known[name].state == "PENDING"
    }
    return Due(
        tell=tell,
        cancel=cancel,
        settle=sorted(gone & memory.odd),
        memory=Memory(told=frozenset(told), odd=frozenset(odd | gone)),
    )


def parse_running(cluster: str, text: str) -> list[RunningJob]:
    """Return the jobs in what `squeue` prints, one a line, in five columns.

    Args:
        cluster: its name.
        text: number, name for commands, submission, restarts and state of each.

    Raises:
        SchedulerMalformed: if a line says something else.

    """
    found = []
    for line in text.splitlines():
        parts = line.split()
        if len(parts) != _COLUMNS:
            raise SchedulerMalformed(
                f"squeue says {line!r:.120}.",
                remedy="Report it: the gate does not know how this version writes.",
            )
        number, target, submitted_s, restarts, state = parts
        found.append(
            RunningJob(
                name=attempt_name(cluster, number, submitted_s, restarts),
                target=target,
                state=state,
            )
        )
    return found
