"""A gate with made-up papers on a real socket, with real books and a clock to turn."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.unit.supervision.oversight.test_report import inspector

from assent.adapters.gate import PaperFolder, create_gate_folder
from assent.adapters.ledger import open_ledger
from assent.apps.gate import GateClient, serve
from assent.authorisation.permit import PermitCase, PermitState, renew_lease
from assent.supervision.admission import Balance, Hold, Owner, OwnerRegister
from assent.supervision.gate import Gate, GateUnreachable, PaperDesk, Site
from assent.supervision.ledger import Job, JobState
from assent.supervision.oversight import EvaluationRequest
from assent.supervision.schedulers import SlurmTerms
from assent.testing.law import accelerators, practice_rulebook
from assent.testing.permits import (
    SimulatedAgency,
    make_caps,
    make_permit,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW

SITE = "site-nairobi-1"
INSPECTOR = "inspector-1"


def inspected_agency() -> SimulatedAgency:
    """Return an agency with an inspector."""
    agency = SimulatedAgency()
    agency.form["inspectors"] = [inspector(INSPECTOR)]
    return agency


PERMIT = make_permit(
    caps=make_caps(chips={"H100 SXM": 8}),
    treaty_digest=inspected_agency().treaty_digest,
)
RATE = accelerators().find("H100 SXM").peak_training().flop_per_s
CASE = PermitCase(
    case_id=PERMIT.permit_id,
    state=PermitState.IN_FORCE,
    permit=PERMIT,
    pending=None,
    entry_index=6,
)


@dataclass
class Clock:
    """Goes on from NOW as real time does, and may be turned on."""

    _began: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        """Tell the time."""
        return NOW + timedelta(seconds=time.monotonic() - self._began)

    def turn(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._began -= seconds


class SmallGate:
    """A gate, its books and its socket; it may be stopped and started again."""

    def __init__(
        self, folder: Path, *, grace_s: int = 2, socket: Path | None = None
    ) -> None:
        """Make the folder, its papers and its books."""
        self.clock = Clock()
        self.socket = socket or folder / "gate.sock"
        self.orders: list[Hold] = []
        agency = inspected_agency()
        root = agency.trust.root
        self.place = create_gate_folder(
            folder, site=SITE, party="KEN", rulebook="practice", root=root
        )
        self._ledger = open_ledger(self.place.books, create=True)
        papers = self.place.papers / "permits" / f"{PERMIT.permit_id}.permit"
        papers.write_bytes(agency.bundle(agency.sign(PERMIT)).encoded)
        self._case = CASE
        self.renew(NOW)
        desk = PaperDesk(store=PaperFolder(self.place.papers), root=root, site=SITE)
        self.gate = Gate(
            site=_site(grace_s),
            desk=desk,
            ledger=self._ledger,
            holds=lambda _facts, _now: tuple(self.orders),
        )
        self._until = threading.Event()
        self._thread: threading.Thread | None = None

    def renew(self, now: datetime) -> datetime:
        """Have the agency renew the lease, and return when it ends."""
        lease, signed = renew_lease(
            self._case, SITE, now, SeededSigner("service-lease")
        )
        name = f"{PERMIT.permit_id}.{lease.serial}.lease"
        (self.place.papers / "leases" / name).write_bytes(signed.encoded)
        self._case = replace(
            self._case, next_serial=lease.serial + 1, allotted={SITE: lease.flop}
        )
        return lease.expires

    def request(self, **changes: Any) -> Path:  # noqa: ANN401 - any field
        """Have the inspector ask for an evaluation job; return the signed request."""
        given = {
            "request_id": "evaluation-1",
            "permit_id": PERMIT.permit_id,
            "run_id": PERMIT.run_id,
            "site": SITE,
            "inspector": INSPECTOR,
            "evaluations": ("cyber-offence",),
            "flop": 3_600 * RATE,
            "issued": self.clock().replace(microsecond=0),
            "expires": NOW + timedelta(hours=6),
        }
        made = EvaluationRequest(**{**given, **changes})
        file = self.place.papers.parent / "request"
        file.write_bytes(made.signed_by(SeededSigner(INSPECTOR)).encoded)
        return file

    def start(self) -> None:
        """Answer from now on; nothing happens if it does."""
        if self._thread is not None:
            return
        self._until.clear()
        self._thread = threading.Thread(
            target=serve,
            args=(self.gate, self.socket),
            kwargs={"clock": self.clock, "until": self._until},
        )
        self._thread.start()
        wait_for(self._answers)

    def stop(self) -> None:
        """Answer no longer."""
        self._until.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._ledger.close()

    def jobs(self, *states: JobState) -> list[Job]:
        """Return the jobs in these states, or all of them."""
        with self._ledger.reading() as books:
            return books.jobs(*(states or tuple(JobState)))

    def balance(self) -> Balance:
        """Return what the permit's run has used."""
        with self._ledger.reading() as books:
            return books.balance([PERMIT.permit_id])

    def _answers(self) -> bool:
        try:
            with GateClient(self.socket) as client:
                return bool(client.ask("status"))
        except GateUnreachable:  # the socket is there an instant before it listens
            return False


@contextmanager
def small_gate(
    folder: Path, *, grace_s: int = 2, socket: Path | None = None
) -> Iterator[SmallGate]:
    """Yield a gate that answers."""
    gate = SmallGate(folder, grace_s=grace_s, socket=socket)
    try:
        gate.start()
        yield gate
    finally:
        gate.close()


def wait_for(ready: Callable[[], bool], seconds_max: float = 30.0) -> None:
    """Return when something is so.

    Raises:
        TimeoutError: if it does not become so.

    """
    last = time.monotonic() + seconds_max
    while not ready():
        if time.monotonic() > last:
            raise TimeoutError
        time.sleep(0.05)


def _site(grace_s: int) -> Site:
    labs = Owner(
        owner_id="labs",
        name="Example Labs",
        accounts=frozenset({"labs"}),
        keys=frozenset({SeededSigner("labs").key}),
    )
    return Site(
        name=SITE,
        party="KEN",
        accelerators=accelerators(),
        owners=OwnerRegister(
            owners={"labs": labs}, control_share=Fraction(1, 2), citation="a test"
        ),
        rulebook=practice_rulebook(),
        grace_s=grace_s,
        silence_s=30,
        slurm=SlurmTerms(gres={"gpu:h100": "H100 SXM", "nic": None}),
    )
