"""Some of the gates of the pause benchmark, in a process of their own.

URL + agency's folder + a folder + range of numbers -> gates that follow and are asked

Each gate has a connection, a register, books and a key of its own, and verifies what it
gets by itself. Threads beside them ask each gate, again and again, to admit a job. The
process says `ready` when all wait; told to end, it says what each gate admitted by its
books, and how often it refused.
"""

import asyncio
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from assent.adapters.agency import open_agency_folder
from assent.adapters.files import read_bytes
from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.adapters.trust import TrustFolder
from assent.apps.gate import Acknowledging, OrderFollower
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import METADATA_BYTES_MAX, verify_trust
from assent.supervision.admission import JobHeld, JobRequest
from assent.supervision.gate import Gate, PaperDesk, Site, holds_of
from assent.supervision.ledger import JobState
from assent.testing.law import accelerators, practice_rulebook_from
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import SITE, MemoryPapers, make_owners

ASK_S = 2.0  # between two jobs that ask at one gate
ASKERS = 4  # threads of a process
_EXEMPT_FLOP = 10**27  # so that no job needs a permit: only the order refuses
_CONNECTED_S = 3.0


def gate_name(number: int) -> str:
    """Return what a gate of the benchmark calls itself; its key is made from it."""
    return f"gate-{number}"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a gate's own clock


@dataclass
class AskedGate:
    """A gate, its follower, and how often it refused because of an order."""

    name: str
    gate: Gate
    follower: OrderFollower
    held: int = 0

    def ask(self, number: int) -> None:
        """Ask the gate to admit one more job."""
        job = JobRequest(
            job_id=f"{self.name}/{number}",
            site=SITE,
            account="labs",
            permit_id=None,
            chips={"H100 SXM": 1},
            time_limit_s=3_600,
        )
        try:
            self.gate.admit(job, _now())
        except JobHeld:
            self.held += 1

    @property
    def admitted(self) -> int:
        """How many jobs its books hold."""
        with self.gate.ledger.reading() as books:
            return len(books.jobs(*JobState))


def make_gate(
    folder: Path, url: str, treaty: Treaty, site: Site, name: str
) -> AskedGate:
    """Make a gate with a register and books in a folder."""
    register = GateRegister(folder / f"{name}.orders", create=True)
    gate = Gate(
        site=site,
        desk=PaperDesk(store=MemoryPapers(), root=b"", site=SITE),
        ledger=open_ledger(folder / f"{name}.books", create=True),
        holds=lambda facts, now: holds_of(register.holds(facts, now)),
    )
    follower = OrderFollower(
        url=url,
        register=register,
        gate=gate,
        treaty=lambda: treaty,
        clock=_now,
        acknowledging=Acknowledging(name=name, signer=SeededSigner(name)),
    )
    return AskedGate(name, gate, follower)


def make_site() -> Site:
    """Return the site that all gates stand at."""
    return Site(
        name=SITE,
        party="KEN",
        accelerators=accelerators(),
        owners=make_owners(),
        rulebook=practice_rulebook_from(_EXEMPT_FLOP),
        grace_s=60,
        silence_s=30,
    )


def ask_all(gates: list[AskedGate], until: threading.Event) -> None:
    """Ask each gate in turn, so that each is asked every `ASK_S` seconds."""
    for number in count():
        began = time.monotonic()
        for place, gate in enumerate(gates):
            wait_s = began + ASK_S * place / len(gates) - time.monotonic()
            if until.wait(max(0.0, wait_s)):
                return
            gate.ask(number)


async def _all(url: str, agency: Path, folder: Path, names: list[str]) -> None:
    place = open_agency_folder(agency)
    root = read_bytes(place.root, METADATA_BYTES_MAX)
    treaty = verify_trust(root, TrustFolder(place.trust).read(), _now()).treaty
    site = make_site()
    gates = [make_gate(folder, url, treaty, site, name) for name in names]
    following = [asyncio.create_task(gate.follower.follow()) for gate in gates]
    until = threading.Event()
    with ThreadPoolExecutor(ASKERS) as askers:
        asking = [
            askers.submit(ask_all, gates[first::ASKERS], until)
            for first in range(ASKERS)
        ]
        await asyncio.sleep(_CONNECTED_S)  # each has connected, and was asked
        _say("ready")
        await asyncio.to_thread(sys.stdin.readline)  # until the bench has seen enough
        until.set()
    for done in asking:
        done.result()
    for task in following:
        task.cancel()
    _say(json.dumps({gate.name: (gate.admitted, gate.held) for gate in gates}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    first, last = map(int, sys.argv[4:6])
    own = [gate_name(number) for number in range(first, last)]
    asyncio.run(_all(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), own))
