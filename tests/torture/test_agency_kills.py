"""An agency is killed at random instants, while gates live on what it publishes.

Leases are renewed and orders are issued by processes that may end at any instant. No
gate is handed a lease that goes back, none admits a job without one that holds, and no
order is lost.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from tests.following_gate import FollowingGate
from tests.rehearsal_agency import grant, key
from tests.small_gate import wait_for
from tests.torture.agency_process import quick_clock

from assent.adapters.gate import create_gate_folder, fetch_papers
from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.adapters.trust import TrustFolder
from assent.authorisation.permit import parse_lease
from assent.authorisation.trust import verify_trust
from assent.supervision.admission import JobRequest
from assent.supervision.gate import Gate
from assent.supervision.ledger import JobState
from assent.supervision.pause import (
    GateRecord,
    PauseOrder,
    Scope,
    ScopeKind,
    draft_pause,
    issue_order,
    issued_orders,
    read_reach,
)
from assent.testing.applications import application_form
from assent.testing.states import SeededSigner
from assent.vocabulary import AssentError, format_instant
from assent.vocabulary.envelope import parse_envelope
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.agency.work import work_once
from assent.wiring.gate import open_gate
from assent.wiring.pause import exact_now, open_reach

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
KILLS = 200 if IS_LONG else 6
ROOT = Path(__file__).parents[2]
SITE, GATES = "site-nairobi-1", 5
_RUN = "from assent.apps.cli.main import run; run()"
_ALIVE_S_MAX = 3.0
_OWNERS = """\
format: assent-owners/1
control: {{share: 1/2, citation: the site's contract}}
owners:
- {{id: labs, name: Example Laboratory, accounts: [labs], keys: ["{key}"]}}
"""


@contextmanager
def killed_in_the_end(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


# Leases.


def gate_folder(folder: Path, agency: Path) -> Path:
    """Make a gate that trusts an agency."""
    place = create_gate_folder(
        folder,
        site=SITE,
        party="KEN",
        rulebook="practice",
        root=(agency / "root.json").read_bytes(),
    )
    owner = application_form()["developer"]["key"]
    (folder / "owners.yaml").write_text(_OWNERS.format(key=owner))
    open_ledger(place.books, create=True).close()
    GateRegister(place.orders, create=True).close()
    return place.papers


def ask_once(gate: Gate, number: int, clock: Callable[[], datetime]) -> str:
    """Ask for one job and end it; return what became of it."""
    asked = JobRequest(
        job_id=f"c1/{number}",
        site=SITE,
        account="labs",
        permit_id="permit-2026-0001",
        chips={},
        time_limit_s=60,
    )
    time_now = clock()
    try:
        admission = gate.admit(asked, time_now)
    except AssentError as error:
        return type(error).__name__
    assert admission.lease_expires is not None
    assert admission.lease_expires > time_now
    gate.end(asked.job_id, clock())
    return f"lease {str(admission.lease_id).rpartition('-')[2]}"


@pytest.mark.fuzz
def test_leases_go_on_whenever_the_agency_is_killed(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance, start = random.Random(seed), now()  # noqa: S311 - to be repeated
    agency = tmp_path / "agency"
    rehearse(agency, 5, 3, start)
    grant(agency, at=start)
    work_once(agency, start)
    papers = gate_folder(tmp_path / "gate", agency)
    began_s, number = time.time(), 0
    heard: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.torture.agency_process", str(agency)]
    with open_gate(tmp_path / "gate") as opened:
        for _ in range(KILLS):
            with killed_in_the_end([*command, str(began_s), format_instant(start)]):
                ends_s = time.monotonic() + chance.uniform(0.5, _ALIVE_S_MAX)
                while time.monotonic() < ends_s:
                    fetch_papers(agency / "public", papers)
                    heard[
                        ask_once(
                            opened.gate, number, lambda: quick_clock(began_s, start)
                        )
                    ] += 1
                    number += 1
                    time.sleep(0.05)
    refusals = {kind for kind in heard if not kind.startswith("lease")}
    # A dead agency lets leases and its own signed lists lapse; nothing goes back.
    assert refusals <= {"PapersMissing", "MetadataExpired", "StatusStale"}, (
        seed,
        heard,
    )
    used = [int(kind.split()[1]) for kind in heard if kind.startswith("lease")]
    assert used == sorted(used), seed  # in the order in which they were first used
    assert len(used) > KILLS / 4, (seed, heard)
    # What is published can be read, and the agency's books are whole.
    for path in (agency / "public" / "leases").glob("*.lease"):
        parse_lease(parse_envelope(path.read_bytes()).payload)
    work_once(agency, quick_clock(began_s, start))
    with open_ledger(tmp_path / "gate" / "books.db") as books, books.reading() as read:
        read.count_again()
        assert {job.state for job in read.jobs(*JobState)} == {JobState.ENDED}
        assert len(read.jobs(*JobState)) == sum(
            count for kind, count in heard.items() if kind.startswith("lease")
        )
    refused = {kind: heard[kind] for kind in refusals}
    print(f"{seed=} {KILLS=} {len(used)=} {number=} {refused=}")  # noqa: T201 - to see


# Orders.


def issue(agency: Path, number: int) -> PauseOrder:
    """Issue an order to pause one run."""
    with open_agency(agency) as opened:
        scope = Scope(kind=ScopeKind.RUN, name=f"run-{number}")
        order = draft_pause(opened.office, scope, "A test.", now())
        envelope = order.unsigned
        for name in ("AUS", "BRA", "CAN"):
            envelope = envelope.signed_by(key(agency, name))
        issue_order(opened.office, envelope, now())
    return order


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.fuzz
def test_orders_reach_every_gate_whenever_the_feed_is_killed(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    agency = tmp_path / "agency"
    rehearse(agency, 5, 3, now())
    root = (agency / "root.json").read_bytes()
    treaty = verify_trust(root, TrustFolder(agency / "trust").read(), now()).treaty
    gates = []
    with open_reach(agency) as store:
        for number in range(GATES):
            (tmp_path / f"{number}").mkdir()
            gate = FollowingGate(tmp_path / f"{number}", f"gate-{number}")
            gate.clock, gate.read_treaty = exact_now, lambda: treaty
            gates.append(gate)
            store.put_gates(GateRecord(gate.name, SeededSigner(gate.name).key))
    port = free_port()
    command = [sys.executable, "-c", _RUN, "pause", "serve", "--agency", str(agency)]
    command += ["--listen", f"127.0.0.1:{port}"]
    orders = list[PauseOrder]()

    def kill_again_and_again() -> None:
        for turn in range(KILLS):
            with killed_in_the_end(command):
                time.sleep(chance.uniform(0.0, 2.0))  # it may not answer yet
                if turn % (KILLS // 5) == 0:
                    orders.append(issue(agency, turn))
                time.sleep(chance.uniform(0.0, 1.0))

    def is_everywhere(registers: list[GateRegister]) -> bool:
        if any(register.paused.newest < len(orders) for register in registers):
            return False
        with open_reach(agency) as store:
            return all(not read_reach(store, order).missing for order in orders)

    async def play() -> None:
        async with AsyncExitStack() as stack:
            url = f"http://127.0.0.1:{port}"
            registers = [
                await stack.enter_async_context(gate.running(url)) for gate in gates
            ]
            await asyncio.to_thread(kill_again_and_again)
            with killed_in_the_end(command):
                await asyncio.to_thread(wait_for, lambda: is_everywhere(registers), 90)

    asyncio.run(play())
    with open_agency(agency) as opened:
        assert list(issued_orders(opened.office)) == orders, seed
    with open_reach(agency) as store:
        for order in orders:  # every acknowledgement is there, and none of a stranger
            assert len(read_reach(store, order).acks) == GATES, seed
    for gate in gates:
        gate.ledger.close()
    print(f"{seed=} {KILLS=} {len(orders)=}")  # noqa: T201 - to see
