"""`assent gate run`: a command runs only as long as the gate lets it.

job + command -> admitted, started, watched, stopped if need be, settled

The command is told to stop by SIGTERM, has the site's grace to write a checkpoint, and
is killed then. If the gate cannot be reached while the command runs, the command runs
on until its newest lease ends, and no longer. When it has ended, nothing that it
started is left.
"""

import os
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from assent.adapters.gate import open_gate_folder
from assent.apps.cli.gate.asking import Asked
from assent.apps.cli.gate.process import Command
from assent.apps.cli.output.speaking import tell
from assent.apps.gate import ALONE_GRACE_S, GateClient, JobEnd
from assent.supervision.gate import GateUnreachable
from assent.vocabulary import AssentError, InputError, Refused
from assent.wiring.agency.open import now
from assent.wiring.gate import leases_at_hand

__all__ = ["Asked", "run"]
POLL_S = 0.5
_STOPPED = 75  # EX_TEMPFAIL: try again when the gate lets you


def run(folder: Path, socket: Path | None, asked: Asked, command: Sequence[str]) -> int:
    """Run a command under the gate.

    Returns:
        Its exit code, 128 and the number of a signal that ended it, or 75 if the gate
        had it stopped.

    """
    if not command:
        raise InputError(
            "No command is given.", remedy="Name it after --, as: -- python train.py"
        )
    path = socket or open_gate_folder(folder).socket
    leases = leases_at_hand(folder)
    job_id = asked.job_id or f"run/{secrets.token_hex(6)}"
    question = {**asked.question, "job_id": job_id}
    running = Command()
    with GateClient(path) as gate:
        said = gate.ask("admit", job=question)
    tell(said["words"])
    admission = said["admission"]
    environment = {
        **os.environ,
        "ASSENT_JOB_ID": job_id,
        "ASSENT_GATE_SOCKET": str(path),
        "ASSENT_FLOP_MAX": admission["flop_reserved"],
    }
    try:
        running.start(command, environment)
        return _watch(running, path, admission, leases.job_end)
    finally:
        running.end()
        _settle(path, job_id)


def _watch(
    running: Command, path: Path, admission: dict[str, Any], job_end: JobEnd
) -> int:
    """Wait for the end; tell the command to stop if it has to."""
    while (code := running.wait(POLL_S)) is None:
        stop = _stop(path, admission, job_end)
        if stop is not None:
            tell(f"The job has to stop: {stop['words']}")
            _end_within(running, float(stop["grace_s"]))
            return _STOPPED
    return code


def _stop(
    path: Path, admission: dict[str, Any], job_end: JobEnd
) -> dict[str, Any] | None:
    try:
        with GateClient(path, timeout_s=5.0) as gate:
            said = gate.ask("poll", job_id=admission["job_id"])
    except GateUnreachable as error:
        instant = now()
        last = job_end(admission, instant) - timedelta(seconds=ALONE_GRACE_S)
        if instant < last:
            return None
        return {
            "words": f"{error.message} Its permit, its lease or its time is over.",
            "grace_s": ALONE_GRACE_S,
        }
    except Refused as error:  # the gate answers, and has no such job
        return {"words": error.message, "grace_s": 0}
    if said["state"] == "ended":
        return {"words": "The gate has settled it already.", "grace_s": 0}
    stop: dict[str, Any] | None = said["stop"]
    return stop


def _end_within(running: Command, grace_s: float) -> None:
    running.tell()
    last = time.monotonic() + grace_s
    while (left := last - time.monotonic()) > 0:
        if running.wait(min(left, POLL_S)) is not None:
            return
    tell("It did not stop in time, and is killed.")


def _settle(path: Path, job_id: str) -> None:
    try:
        with GateClient(path) as gate:
            gate.ask("end", job_id=job_id)
    except AssentError as error:
        tell(
            f"{error.message} The job stays reserved for until the gate hears of its"
            f" end: `assent gate end FOLDER {job_id}`."
        )
