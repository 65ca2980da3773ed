"""Which of a cluster's jobs to stop, and which of the gate's to settle.

jobs that a cluster runs + jobs that the gate has open + what was found before + now
-> Due

A job that has to stop is told so, and cancelled when its time for a checkpoint is
over. A job that runs and was never admitted is cancelled; one that was admitted and
that the cluster no longer runs is settled. Both are believed only when seen twice, for
between the two questions a job may begin or end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

RUNS = frozenset({"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """A job that a cluster has: its name here, what the cluster calls it, its state."""

    name: str
    target: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedJob:
    """A job that the gate has open.

    Attributes:
        name: the job's.
        admitted: since when.
        stop_since: since when it has to stop; None if it may go on.
        grace_s: how long it has for a checkpoint from then on.
        words: why it has to stop.

    """

    name: str
    admitted: datetime
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
        tell: jobs to tell that they have to stop, each with what the gate says of it.
        cancel: jobs to kill and cancel, each with the reason.
        settle: names of jobs that the cluster no longer runs.
        memory: for the next time.

    """

    tell: Sequence[tuple[RunningJob, AdmittedJob]] = ()
    cancel: Sequence[tuple[RunningJob, str]] = ()
    settle: Sequence[str] = ()
    memory: Memory = field(default_factory=Memory)


def decide_due(
    running: Iterable[RunningJob],
    admitted: Mapping[str, AdmittedJob],
    memory: Memory,
    now: datetime,
    young_s: int = 0,
) -> Due:
    """Return what is to be done now.

    Args:
        running: all that the cluster has, read before `admitted`.
        admitted: the jobs that the gate has open, by name.
        memory: of the last time.
        now: the instant.
        young_s: for how long after its admission a job need not be there yet.

    """
    known = {job.name: job for job in running}
    tell: list[tuple[RunningJob, AdmittedJob]] = []
    cancel: list[tuple[RunningJob, str]] = []
    odd, told = set(), set()
    for name, found in known.items():
        if found.state not in RUNS:
            continue
        allowed = admitted.get(name)
        if allowed is None:
            odd.add(name)
            if name in memory.odd:
                cancel.append((found, "The gate has not admitted it, or settled it."))
        elif allowed.stop_since is not None:
            told.add(name)
            if now >= allowed.stop_since + timedelta(seconds=allowed.grace_s):
                cancel.append((found, allowed.words))
            elif name not in memory.told:
                tell.append((found, allowed))
    young_since = now - timedelta(seconds=young_s)
    gone = {
        name
        for name, job in admitted.items()
        if (name not in known or known[name].state == "PENDING")
        and job.admitted <= young_since
    }
    return Due(
        tell=tell,
        cancel=cancel,
        settle=sorted(gone & memory.odd),
        memory=Memory(told=frozenset(told), odd=frozenset(odd | gone)),
    )
