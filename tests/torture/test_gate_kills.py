"""A gate is killed at random instants, while schedulers ask it in parallel.

No FLOP is lost, none is counted twice, and what was admitted never goes beyond the
permit: a scheduler that heard no answer asks again, and gets the same one.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.torture.books import never_beyond
from tests.torture.gate_process import FLOP_MAX, PERMIT

from assent.adapters.ledger import open_ledger
from assent.apps.gate import GateClient, GateRefused
from assent.supervision.gate import GateUnreachable
from assent.supervision.ledger import Account, JobState

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
KILLS = 200 if IS_LONG else 12
SCHEDULERS = 3
HELD = 18  # jobs that each scheduler keeps running: together more than the permit has
_PATIENCE_S = 60.0


@dataclass
class Heard:
    """What schedulers were told: the reservation of each job, and its charge."""

    admitted: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    troubles: list[BaseException] = field(default_factory=list)


@contextmanager
def gates(folder: Path) -> Iterator[tuple[Path, Callable[[float], None]]]:
    """Give the socket, and what kills the gate after a while and starts it again."""
    path = Path(tempfile.mkdtemp(prefix="gate-")) / "s"
    open_ledger(folder / "books.db", create=True).close()
    began = time.time()

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.torture.gate_process"]
        return subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(folder), str(path), str(began)],
            cwd=Path(__file__).parents[2],
        )

    running = [start()]

    def kill_after(seconds: float) -> None:
        wait_until_it_answers(path)
        time.sleep(seconds)
        running[0].send_signal(signal.SIGKILL)
        running[0].wait()
        running[0] = start()

    try:
        yield path, kill_after
    finally:
        running[0].kill()
        running[0].wait()


def wait_until_it_answers(path: Path) -> None:
    last = time.monotonic() + _PATIENCE_S
    while time.monotonic() < last:
        try:
            with GateClient(path, timeout_s=5.0) as client:
                client.ask("check", job=asked("nobody"))
        except GateRefused:
            return
        except GateUnreachable:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError


def asked(job_id: str) -> dict[str, object]:
    """Return a job on one chip that declares the fortieth part of what there is."""
    return {
        "job_id": job_id,
        "account": "labs",
        "permit_id": PERMIT.permit_id,
        "chips": {"H100 SXM": 1},
        "time_limit_s": 100_000,
        "flop_max": str(FLOP_MAX // 40),
    }


def insist(path: Path, verb: str, **question: object) -> dict[str, object]:
    """Ask until there is an answer, as a scheduler does."""
    last = time.monotonic() + _PATIENCE_S
    while time.monotonic() < last:
        try:
            with GateClient(path, timeout_s=5.0) as client:
                return client.ask(verb, **question)
        except GateUnreachable:
            time.sleep(0.005)
    raise TimeoutError


def schedule(path: Path, name: str, heard: Heard, until: threading.Event) -> None:
    """Start jobs, ending the oldest when there is no room, and write down what is said.

    Three schedulers want 54 jobs to run, and the lease has room for forty.
    """
    number, running = 0, list[str]()
    try:
        while not until.is_set():
            number += 1
            job_id = f"{name}/{number}"
            try:
                said = insist(path, "admit", job=asked(job_id))
            except GateRefused as refusal:
                assert refusal.error == "AllowanceExceeded", refusal
                heard.refused += 1
                time.sleep(0.005)
            else:
                admission = said["admission"]
                assert isinstance(admission, dict)
                heard.admitted[job_id] = int(admission["flop_reserved"])
                running.append(job_id)
                if len(running) <= HELD:
                    continue
            for oldest in running[:1]:
                job = insist(path, "end", job_id=oldest)["job"]
                assert isinstance(job, dict)
                heard.ended[oldest] = int(job["flop_spent"])
            del running[:1]
    except BaseException as error:  # noqa: BLE001 - the test's thread shows it
        heard.troubles.append(error)


@pytest.mark.fuzz
def test_a_gate_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance, heard, until = random.Random(seed), Heard(), threading.Event()  # noqa: S311 - to be repeated
    with gates(tmp_path) as (path, kill_after):
        threads = [
            threading.Thread(target=schedule, args=(path, f"c{n}", heard, until))
            for n in range(SCHEDULERS)
        ]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            kill_after(chance.uniform(0.0, 0.15))
        until.set()
        for thread in threads:
            thread.join()
    assert heard.troubles == [], seed
    with open_ledger(tmp_path / "books.db") as ledger, ledger.reading() as books:
        books.count_again()
        accounts = books.accounts(PERMIT.permit_id)
        jobs = {job.job_id: job for job in books.jobs(*JobState)}
        entries = books.head()[0]
        fullest = never_beyond(books, FLOP_MAX)
    assert heard.ended, seed
    for job_id, flop in heard.admitted.items():
        assert jobs[job_id].admission.flop_reserved == flop, seed
    for job_id, flop in heard.ended.items():
        assert jobs[job_id].flop_spent == flop, seed
    # Every job is in the books once, those too of which nobody heard the answer.
    ended = [job for job in jobs.values() if job.state is JobState.ENDED]
    open_jobs = [job for job in jobs.values() if job.state is not JobState.ENDED]
    assert entries == 1 + len(jobs) + len(ended), seed
    assert accounts.get(Account.SPENT, 0) == sum(job.flop_spent or 0 for job in ended)
    reserved = sum(job.admission.flop_reserved for job in open_jobs)
    assert accounts.get(Account.RESERVED, 0) == reserved, seed
    # Admissions stay within the lease: one of two sites has half of the cap.
    granted = -accounts[Account.GRANTED]
    assert granted == FLOP_MAX, seed
    assert heard.refused > KILLS, seed
    # It was filled until no job had room, and never beyond.
    assert FLOP_MAX - FLOP_MAX // 40 < fullest <= FLOP_MAX, seed
    print(f"{seed=} {KILLS=} {len(jobs)=} {len(ended)=} {heard.refused=}")  # noqa: T201 - to see
