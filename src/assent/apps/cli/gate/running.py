"""`assent gate run`: a command runs only as long as the gate lets it.

job + command -> admitted, started, watched, stopped if need be, settled

The command is told to stop by SIGTERM, has the site's grace to write a checkpoint, and
is killed then. If the gate cannot be reached while the command runs, the command runs
on until its lease ends, and no longer.
"""

import ctypes
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assent.adapters.gate import open_gate_folder
from assent.apps.cli.gate.asking import Asked
from assent.apps.cli.output.speaking import tell
from assent.apps.gate import GateClient
from assent.supervision.gate import GateUnreachable
from assent.vocabulary import InputError, parse_instant
from assent.wiring.agency.open import now

__all__ = ["Asked", "run"]
POLL_S = 0.5
_ALONE_GRACE_S = 30  # to stop before the lease ends, without a gate to say how long
_SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)
_STOPPED = 75  # EX_TEMPFAIL: try again when the gate lets you


def run(folder: Path, socket: Path | None, asked: Asked, command: Sequence[str]) -> int:
    """Run a command under the gate; return its exit code, or 75 if it was stopped."""
    if not command:
        raise InputError(
            "No command is given.", remedy="Name it after --, as: -- python train.py"
        )
    path = socket or open_gate_folder(folder).socket
    job_id = asked.job_id or f"run/{secrets.token_hex(6)}"
    question = {**asked.question, "job_id": job_id}
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
        process = _start(command, environment)
        was_stopped = _watch(process, path, job_id, admission)
    finally:
        _settle(path, job_id)
    return _STOPPED if was_stopped else process.returncode


def _start(
    command: Sequence[str], environment: dict[str, str]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - what it is asked to run
            list(command),
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - it calls nothing but prctl
        )
    except OSError as error:
        raise InputError(
            f"{command[0]!r:.200} does not start: {error.strerror}.",
            remedy="Name a program and its arguments after --.",
        ) from None


def _end_with_parent() -> None:
    """Have the command told to stop, should whoever watches it be killed."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _watch(
    process: "subprocess.Popen[bytes]",
    path: Path,
    job_id: str,
    admission: dict[str, Any],
) -> bool:
    """Wait for the end; tell the command to stop if it has to. Was it told?"""
    alone_until = _last_instant(admission)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _tell(process, signal.SIGTERM))
    while process.poll() is None:
        stop = _stop(path, job_id, alone_until)
        if stop is not None:
            tell(f"The job has to stop: {stop['words']}")
            _end_within(process, float(stop["grace_s"]))
            return True
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            continue
    return False


def _last_instant(admission: dict[str, Any]) -> datetime:
    ends = [admission["ends_by"], admission["lease_expires"]]
    return min(parse_instant(end) for end in ends if end is not None)


def _stop(path: Path, job_id: str, alone_until: datetime) -> dict[str, Any] | None:
    try:
        with GateClient(path, timeout_s=5.0) as gate:
            stop: dict[str, Any] | None = gate.ask("poll", job_id=job_id)["stop"]
    except GateUnreachable as error:
        if now() < alone_until - timedelta(seconds=_ALONE_GRACE_S):
            return None
        return {
            "words": f"{error.message} Its lease or its time is over.",
            "grace_s": _ALONE_GRACE_S,
        }
    return stop


def _end_within(process: "subprocess.Popen[bytes]", grace_s: float) -> None:
    _tell(process, signal.SIGTERM)
    last = time.monotonic() + grace_s
    while process.poll() is None and time.monotonic() < last:
        time.sleep(min(POLL_S, 0.05))
    if process.poll() is None:
        tell("It did not stop in time, and is killed.")
        _tell(process, signal.SIGKILL)
    process.wait()
    _tell(process, signal.SIGKILL)  # whatever it left behind in its session


def _tell(process: "subprocess.Popen[bytes]", number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _settle(path: Path, job_id: str) -> None:
    try:
        with GateClient(path) as gate:
            gate.ask("end", job_id=job_id)
    except GateUnreachable as error:
        tell(
            f"{error.message} The job stays reserved for until the gate answers:"
            f" `assent gate end FOLDER {job_id}`."
        )
