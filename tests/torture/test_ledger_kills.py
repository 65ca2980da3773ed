"""`assent ledger take` is killed at random instants, while gates report on.

No entry is counted twice and none is lost, every day book's head is in the log once,
and what the agency's ledger says is what the gates' ledgers say.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.day_books import ReportingGate
from tests.unit.supervision.ledger.test_entries import admission

from assent.supervision.ledger import meter, reserve, settle
from assent.supervision.pause import GateRecord
from assent.translog.entry import parse_entry
from assent.wiring.agency import now
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.ledger import OpenLedger, open_agency_ledger
from assent.wiring.pause import open_reach

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
KILLS = 200 if IS_LONG else 20
READINGS = 40  # of a day
TAKEN = re.compile(rb"day book (\d+) of (\S+): taken \(")
_ALIVE_S_MAX = 0.12  # two dozen day books take that long
_PATIENCE_S = 120.0


def write_day(gate: ReportingGate, number: int, sent: Path) -> None:
    """Let a gate have a day of a job and its readings, and send it."""
    time_now, job = now(), f"job-{number}"
    one = replace(admission(job, 1_000), admitted=time_now)
    gate.write(
        reserve(one),
        *(
            meter(one.book, job, f"{job}/{n}", n + 1, time_now, "sha256:a")
            for n in range(READINGS)
        ),
        settle(one, 900, time_now),
    )
    data = gate.close(time_now)
    unfinished = sent.parent / "unfinished"
    unfinished.write_bytes(data)
    unfinished.rename(sent / f"{gate.name}-{number:06}")


@contextmanager
def taking(folder: Path, sent: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a process that takes, and kill it in the end."""
    command = [sys.executable, "-u", "-m", "tests.torture.ledger_process"]
    process = subprocess.Popen(  # noqa: S603 - our own module
        [*command, str(folder), str(sent)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def killed(process: "subprocess.Popen[bytes]", after_s: float) -> bytes:
    """Kill it a while after its first day book; return what it said until then."""
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first, process.wait()
    time.sleep(after_s)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    rest: bytes = process.communicate()[0]
    return first + rest


def heads_logged(opened: OpenLedger) -> Counter[str]:
    """Return how often the log holds each day book."""
    with opened.agency.log.store.reading() as log:
        entries = [parse_entry(data) for data in log.entries(0, log.size())]
    return Counter(one.subject for one in entries if one.kind == "day-book")


@pytest.mark.fuzz
def test_a_ledger_whose_taking_is_killed_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    folder, sent = tmp_path / "agency", tmp_path / "sent"
    sent.mkdir()
    rehearse(folder, 3, 3, now())
    gates = [ReportingGate(), ReportingGate("gate-2", "site-lima-1", "PER")]
    with open_reach(folder) as reach:
        for gate in gates:
            reach.put_gates(GateRecord(gate.name, gate.signer.key))
    number = at_work = 0
    for _ in range(KILLS):
        for _ in range(3):
            number += 1
            for gate in gates:
                write_day(gate, number, sent)
        with taking(folder, sent) as process:
            said = killed(process, chance.uniform(0.0, _ALIVE_S_MAX))
        at_work += b"all\n" not in said
        for day, name in TAKEN.findall(said):
            if chance.randrange(5):  # some of what is taken is sent on
                path = sent / f"{name.decode()}-{int(day):06}"
                path.unlink(missing_ok=True)
    with taking(folder, sent) as process:
        assert process.stdout is not None
        last = time.monotonic() + _PATIENCE_S
        while process.stdout.readline() != b"all\n":
            assert time.monotonic() < last, seed
    with open_agency_ledger(folder) as opened:
        assert opened.audit() == len(gates) * number, seed
        logged = heads_logged(opened)
        names = {f"{gate.name}/{day + 1}" for gate in gates for day in range(number)}
        assert logged == Counter(names), seed
        with opened.ledger.reading() as books:
            books.count_again()
            count = books.head()[0]
            for gate in gates:
                with gate.ledger.reading() as ours:
                    assert set(books.books()) >= {
                        f"{gate.name}/{book}" for book in ours.books()
                    }
                    for book in ours.books():
                        theirs = books.accounts(f"{gate.name}/{book}")
                        assert theirs == ours.accounts(book), seed
        # Each day has a job's two entries, its readings, and the agency's own.
        assert count == len(names) * (READINGS + 3), seed
    assert at_work > KILLS // 4, seed
    print(f"{seed=} {KILLS=} {at_work=} {len(names)=} {count=}")  # noqa: T201 - to see
