"""Look at a cluster's jobs and at the gate's, and do what is due.

cluster + gate -> jobs told to stop, cancelled, settled

What runs is read before the gate is asked, so that what runs and is not admitted was
never admitted. While the gate does not answer, jobs go on until their leases end, as
the papers at hand say, and no longer.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from assent.apps.gate.client import GateClient
from assent.supervision.gate import GateUnreachable
from assent.supervision.schedulers import (
    AdmittedJob,
    Due,
    Memory,
    RunningJob,
    decide_due,
)
from assent.vocabulary import AssentError, parse_instant

ALONE_GRACE_S = 30  # to stop before the lease ends, without a gate to say how long
_ASK_S_MAX = 10.0
_logger = logging.getLogger(__name__)
JobEnd = Callable[[Mapping[str, Any], datetime], datetime]


class Cluster(Protocol):
    """What a monitor needs of a scheduler. What fails raises AssentError."""

    young_s: int  # for how long an admitted job need not be there yet

    def look(self) -> None:
        """Take note of what there is."""

    def running(self, admitted: Collection[str]) -> list[RunningJob]:
        """Return what ran then; the names of admitted jobs say what belongs to what."""

    def gone(self, names: Collection[str]) -> list[str]:
        """Return those of some jobs that certainly do not run, in order."""

    def tell(self, job: RunningJob, admitted: AdmittedJob) -> None:
        """Have a job told to write a checkpoint and to stop."""

    def cancel(self, job: RunningJob, words: str) -> None:
        """Have what is left of a job killed."""


@dataclass(frozen=True, kw_only=True)
class MonitoredGate:
    """The gate whose jobs are looked at.

    Attributes:
        socket: where it answers.
        prefix: how the names of the cluster's jobs begin.
        kill_wait_s: how long the cluster takes to kill what it cancels.
        job_end: until when a job may go on if the gate does not answer.

    """

    socket: Path
    prefix: str
    kill_wait_s: int
    job_end: JobEnd


class ClusterMonitor:
    """Looks at a cluster's jobs and at the gate's, and does what is due."""

    def __init__(self, cluster: Cluster, gate: MonitoredGate) -> None:
        """Remember nothing yet."""
        self._cluster, self._gate = cluster, gate
        self._memory = Memory()
        self._said: list[Mapping[str, Any]] | None = None

    def watch(
        self, clock: Callable[[], datetime], every_s: float, until: threading.Event
    ) -> None:
        """Look again and again, until `until` is set."""
        while not until.is_set():
            try:
                self.look(clock())
            except AssentError as error:
                _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
            until.wait(every_s)

    def look(self, now: datetime) -> None:
        """Look once.

        Raises:
            AssentError: if the cluster does not say what runs.

        """
        self._cluster.look()
        try:
            with GateClient(self._gate.socket, timeout_s=_ASK_S_MAX) as gate:
                self._said = gate.ask("jobs", prefix=self._gate.prefix)["jobs"]
                admitted = [self._admitted(job) for job in self._said]
                due = self._decide(admitted, now)
                for name in self._cluster.gone(due.settle):
                    gate.ask("end", job_id=name)
                    _logger.info("%s is settled: it no longer runs", name)
        except GateUnreachable as error:
            _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
            if self._said is None:
                return  # what was admitted is not known, so nothing is due for certain
            due = self._decide([self._left_alone(job, now) for job in self._said], now)
            due = replace(due, cancel=[one for one in due.cancel if self._knows(one)])
        self._do(due)

    def _decide(self, admitted: list[AdmittedJob], now: datetime) -> Due:
        by_name = {job.name: job for job in admitted}
        running = self._cluster.running(by_name.keys())
        return decide_due(running, by_name, self._memory, now, self._cluster.young_s)

    def _do(self, due: Due) -> None:
        failed = set()
        for job, admitted in due.tell:
            _logger.warning("%s is told to stop: %s", job.name, admitted.words)
            try:
                self._cluster.tell(job, admitted)
            except AssentError as error:
                _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
                failed.add(job.name)
        for job, words in due.cancel:
            _logger.warning("%s is cancelled: %s", job.name, words)
            try:
                self._cluster.cancel(job, words)
            except AssentError as error:  # it may have ended; the next look tells
                _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
        self._memory = replace(due.memory, told=due.memory.told - failed)

    def _knows(self, cancelled: tuple[RunningJob, str]) -> bool:
        """Return whether a job was admitted when the gate was last heard."""
        known = {job["admission"]["job_id"] for job in self._said or ()}
        return cancelled[0].name in known

    def _admitted(self, said: Mapping[str, Any]) -> AdmittedJob:
        """Return what the gate says; the time to kill is part of the job's grace."""
        admission, stop, ordered = said["admission"], said["stop"], said["stop_ordered"]
        grace_s = 0 if stop is None else int(stop["grace_s"]) - self._gate.kill_wait_s
        return AdmittedJob(
            name=admission["job_id"],
            admitted=parse_instant(admission["admitted"]),
            stop_since=None if ordered is None else parse_instant(ordered),
            grace_s=max(grace_s, 0),
            words="" if stop is None else str(stop["words"]),
        )

    def _left_alone(self, said: Mapping[str, Any], now: datetime) -> AdmittedJob:
        """Return a job as it stands while no gate answers: on until its lease ends."""
        job = self._admitted(said)
        end = self._gate.job_end(said["admission"], now)
        since = end - timedelta(seconds=ALONE_GRACE_S)
        if job.stop_since is not None or now < since:
            return job
        return replace(
            job,
            stop_since=since,
            grace_s=ALONE_GRACE_S,
            words="The gate does not answer, and the job's permit, lease or time is"
            " over.",
        )
