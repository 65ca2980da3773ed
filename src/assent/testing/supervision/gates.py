"""A made-up site with a gate: papers and books in memory, owners, a clock.

a test's wishes -> Gate, whose agency is `permits.SimulatedAgency`
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from assent.authorisation.docket import Event
from assent.authorisation.permit import (
    Permit,
    PermitCase,
    PermitState,
    Status,
    advance,
    renew_lease,
)
from assent.supervision.admission import Hold, Holding, JobRequest, Owner, OwnerRegister
from assent.supervision.gate import Gate, PaperDesk, Site
from assent.supervision.ledger import Ledger
from assent.supervision.pause import RunFacts
from assent.testing.law import accelerators, practice_rulebook_from
from assent.testing.permits import SimulatedAgency, make_permit
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_ledger import MemoryLedger
from assent.testing.trust import NOW, SimulatedTrust

SITE = "site-nairobi-1"
LEASE_SERVICE = "service-lease"


@dataclass
class MemoryPapers:
    """Papers in memory."""

    permits: dict[str, bytes] = field(default_factory=dict)
    signed_leases: dict[str, list[bytes]] = field(default_factory=dict)
    status_list: bytes | None = None
    requests: dict[str, bytes] = field(default_factory=dict)

    def permit(self, permit_id: str) -> bytes | None:
        """Return a permit's file."""
        return self.permits.get(permit_id)

    def leases(self, permit_id: str) -> Sequence[bytes]:
        """Return all signed leases of a permit at hand."""
        return self.signed_leases.get(permit_id, [])

    def status(self) -> bytes | None:
        """Return the newest signed status list."""
        return self.status_list

    def request(self, request_id: str) -> bytes | None:
        """Return an inspector's signed request."""
        return self.requests.get(request_id)


def make_owners() -> OwnerRegister:
    """Return a register: Example Labs, a company under its control, a stranger."""
    labs = SeededSigner("labs").key
    return OwnerRegister(
        owners={
            "labs": Owner(
                owner_id="labs",
                name="Example Labs",
                accounts=frozenset({"labs"}),
                keys=frozenset({labs}),
            ),
            "sister": Owner(
                owner_id="sister",
                name="Sister Labs",
                accounts=frozenset({"sister"}),
                holdings=(
                    Holding(
                        holder="labs", share=Fraction(2, 3), since=date(2025, 1, 1)
                    ),
                ),
            ),
            "stranger": Owner(
                owner_id="stranger", name="Stranger", accounts=frozenset({"stranger"})
            ),
        },
        control_share=Fraction(1, 2),
        citation="the site's contract",
    )


@dataclass
class SimulatedSite:
    """A site that a test plays all parts of.

    Attributes:
        agency: which granted it.
        permit: the permit whose papers the gate holds.
        ledger: the books.
        papers: what the gate holds.
        now: what the clock shows.
        holds: pause orders in force; a test adds to them.
        grace_s: how long a job has to write a checkpoint.
        silence_s: for how long a meter may be silent.
        exempt_below_flop: the threshold; None for the practice rulebook's.

    """

    agency: SimulatedAgency = field(default_factory=SimulatedAgency)
    permit: Permit = field(default_factory=make_permit)
    ledger: Ledger = field(default_factory=MemoryLedger)
    papers: MemoryPapers = field(default_factory=MemoryPapers)
    now: datetime = NOW
    holds: list[Hold] = field(default_factory=list)
    grace_s: int = 60
    silence_s: int = 30
    exempt_below_flop: int | None = None
    case: PermitCase = field(init=False)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        """Hand the permit and a first lease to the gate."""
        self.case = PermitCase(
            case_id=self.permit.permit_id,
            state=PermitState.IN_FORCE,
            permit=self.permit,
            pending=None,
            entry_index=6,
        )
        self._hand_over(self.agency.trust)
        self.gate = self.open()
        self.renew()

    def open(self) -> Gate:
        """Return the gate as a new process would open it."""
        return Gate(
            site=Site(
                name=SITE,
                party="KEN",
                accelerators=accelerators(),
                owners=make_owners(),
                rulebook=practice_rulebook_from(self.exempt_below_flop),
                grace_s=self.grace_s,
                silence_s=self.silence_s,
            ),
            desk=PaperDesk(store=self.papers, root=self.agency.trust.root, site=SITE),
            ledger=self.ledger,
            holds=self._holds,
        )

    def _holds(self, _facts: RunFacts, _now: datetime) -> list[Hold]:
        return self.holds

    def renew(self, flop: int | None = None) -> None:
        """Have the agency renew the lease, now, and hand it to the gate."""
        lease, signed = renew_lease(
            self.case, SITE, self.now, SeededSigner(LEASE_SERVICE), flop
        )
        renewed = Event(
            kind="lease_renewed",
            time=self.now,
            actor="agency.example",
            body=lease.event_body,
        )
        self.case = advance(self.case, self.case.case_id, renewed)
        leases = self.papers.signed_leases.setdefault(self.permit.permit_id, [])
        leases.append(signed.encoded)

    def publish(self, status: Status) -> None:
        """Have the agency publish a status list that says this of the permit.

        Its machines sign on: the permit's file leads to the treaty again.
        """
        trust = self.agency.trust
        trust.now = self.now
        trust.refresh()
        self._hand_over(trust)
        self.papers.status_list = self.agency.status_list(
            {self.permit.status_index: status}, issued=self.now
        )

    def _hand_over(self, trust: SimulatedTrust) -> None:
        signed = self.agency.sign(self.permit)
        bundle = self.agency.bundle(signed, trust=trust)
        self.papers.permits[self.permit.permit_id] = bundle.encoded

    def wait(self, **duration: float) -> None:
        """Let time go by, as for `timedelta`."""
        self.now += timedelta(**duration)

    def job(self, job_id: str = "c1/1", **changes: object) -> JobRequest:
        """Return a job of eight chips for an hour under the permit, with changes."""
        given: dict[str, object] = {
            "job_id": job_id,
            "site": SITE,
            "account": "labs",
            "permit_id": self.permit.permit_id,
            "chips": {"H100 SXM": 8},
            "time_limit_s": 3_600,
        }
        return JobRequest(**{**given, **changes})  # type: ignore[arg-type] # as the test says
