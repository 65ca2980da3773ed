"""`assent gate slurm install`, `watch`: Slurm asks the gate, and stops what must stop.

gate's folder -> hooks;  gate's jobs + Slurm's -> signals, settlements
"""

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assent.adapters.gate import open_gate_folder
from assent.adapters.gate.slurm import SlurmCommands, install_hooks
from assent.adapters.packaged import packaged_accelerators
from assent.apps.cli.output.speaking import show
from assent.apps.gate import GateClient
from assent.supervision.gate import GateUnreachable
from assent.supervision.schedulers import (
    AdmittedJob,
    Memory,
    RunningJob,
    SchedulerUnknown,
    decide_due,
    slurm_prefix,
)
from assent.vocabulary import AssentError, parse_instant
from assent.wiring.agency.open import now
from assent.wiring.runs import load_rulebook_named

_ALONE_GRACE_S = 30  # to stop before the lease ends, without a gate to say how long
_logger = logging.getLogger(__name__)


def install(folder: Path, socket: Path | None, out: Path, conf: Path) -> None:
    """Write the hooks."""
    place = open_gate_folder(folder)
    written = install_hooks(socket or place.socket, out, conf)
    show(*map(str, written))


def watch(folder: Path, socket: Path | None, cluster: str, look_s: float) -> None:
    """Stop what has to stop, until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    place = open_gate_folder(folder)
    terms = place.site(load_rulebook_named, packaged_accelerators()).slurm
    if terms is None:
        raise SchedulerUnknown(
            f"{folder} has no settings for Slurm.",
            remedy="Write a part `slurm` into gate.yaml; docs/gate.md says how.",
        )
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
    commands = SlurmCommands(cluster, terms.signal)
    monitor = ClusterMonitor(
        commands, socket or place.socket, cluster, terms.kill_wait_s
    )
    show(f"The jobs of {cluster} are looked at every {look_s:g} s.")
    while not until.is_set():
        try:
            monitor.look(now())
        except AssentError as error:
            _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
        until.wait(look_s)


class ClusterMonitor:
    """Looks at a cluster's jobs and at the gate's, and does what is due."""

    def __init__(
        self, slurm: SlurmCommands, gate: Path, cluster: str, kill_wait_s: int
    ) -> None:
        """Remember nothing yet.

        Args:
            slurm: its commands.
            gate: its socket.
            cluster: its name.
            kill_wait_s: how long Slurm waits to kill a job that it cancels.

        Raises:
            SchedulerMalformed: if it is no cluster's name.

        """
        self._slurm, self._gate = slurm, gate
        self._prefix = slurm_prefix(cluster)
        self._kill_wait_s = kill_wait_s
        self._memory = Memory()
        self._admitted: dict[str, AdmittedJob] = {}
        self._heard_gate = False

    def look(self, now: datetime) -> None:
        """Look once.

        Raises:
            SlurmUnavailable, SchedulerMalformed: if Slurm does not say what runs.

        """
        running = self._slurm.jobs()
        try:
            with GateClient(self._gate, timeout_s=10.0) as gate:
                jobs = gate.ask("jobs", prefix=self._prefix)["jobs"]
                found = [_admitted(job, self._kill_wait_s) for job in jobs]
                self._admitted = {job.name: job for job in found}
                self._heard_gate = True
                due = decide_due(running, self._admitted, self._memory, now)
                for name in due.settle:
                    gate.ask("end", job_id=name)
                    _logger.info("%s is settled: Slurm no longer runs it", name)
        except GateUnreachable as error:
            _logger.error("%s", error.message)  # noqa: TRY400 - it says enough
            if not self._heard_gate:
                return  # what was admitted is not known, so nothing is due for certain
            alone = {
                name: _left_alone(job, now) for name, job in self._admitted.items()
            }
            known = [job for job in running if job.name in alone]
            due = decide_due(known, alone, self._memory, now)
        self._memory = due.memory
        for job, words in due.tell:
            _logger.warning("%s is told to stop: %s", job.name, words)
            _try(self._slurm.tell, job)
        for job, words in due.cancel:
            _logger.warning("%s is cancelled: %s", job.name, words)
            _try(self._slurm.cancel, job)


def _try(act: Callable[[RunningJob], None], job: RunningJob) -> None:
    try:
        act(job)
    except AssentError as error:  # it may have ended meanwhile; the next look tells
        _logger.error("%s", error.message)  # noqa: TRY400 - it says enough


def _admitted(said: Mapping[str, Any], kill_wait_s: int) -> AdmittedJob:
    """Return what the gate says; Slurm's time to kill is part of the job's grace."""
    admission, stop, ordered = said["admission"], said["stop"], said["stop_ordered"]
    ends = [admission["ends_by"], admission["lease_expires"]]
    return AdmittedJob(
        name=admission["job_id"],
        alone_until=min(parse_instant(end) for end in ends if end is not None),
        stop_since=None if ordered is None else parse_instant(ordered),
        grace_s=0 if stop is None else max(int(stop["grace_s"]) - kill_wait_s, 0),
        words="" if stop is None else str(stop["words"]),
    )


def _left_alone(job: AdmittedJob, now: datetime) -> AdmittedJob:
    """Return the job as it stands while no gate answers: on until its lease ends."""
    since = job.alone_until - timedelta(seconds=_ALONE_GRACE_S)
    if job.stop_since is not None or now < since:
        return job
    return AdmittedJob(
        name=job.name,
        alone_until=job.alone_until,
        stop_since=since,
        grace_s=_ALONE_GRACE_S,
        words="The gate does not answer, and the job's lease or its time is over.",
    )
