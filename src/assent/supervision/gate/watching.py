"""Why a job may not start, or has to stop, whatever it was admitted for.

job + site + papers + pause orders + now -> Hold, Stop
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.permit import (
    PermitExpired,
    PermitRevoked,
    PermitSuspended,
)
from assent.supervision.admission import (
    Hold,
    JobRequest,
    Owner,
    Papers,
    Stop,
    StopKind,
    charge_of,
    decide_stop,
)
from assent.supervision.gate.papers import PaperDesk
from assent.supervision.gate.site import Site
from assent.supervision.ledger import Job
from assent.vocabulary import AssentError

# What the newest status list says for certain; anything else leaves the lease to lapse.
_ENDINGS = (PermitRevoked, PermitSuspended, PermitExpired)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFacts:
    """What pause orders are held against: the job, its run and its place."""

    site: str
    party: str
    owner: Owner
    permit_id: str | None
    run_id: str | None
    flop: int


Holds = Callable[[HeldFacts, datetime], Sequence[Hold]]


def holds_on(
    job: JobRequest, site: Site, papers: Papers | None, holds: Holds, now: datetime
) -> tuple[Hold, ...]:
    """Return the pause orders in force that cover a job which asks to start."""
    permit = None if papers is None else papers.permit.permit
    facts = HeldFacts(
        site=site.name,
        party=site.party,
        owner=site.owners.owner_of(job.account),
        permit_id=job.permit_id,
        run_id=None if permit is None else permit.run_id,
        flop=charge_of(job, site.accelerators).flop
        if permit is None
        else permit.caps.flop,
    )
    return tuple(holds(facts, now))


def stop_of(
    job: Job, site: Site, desk: PaperDesk, holds: Holds, now: datetime
) -> Stop | None:
    """Return why a job that was admitted has to stop now; None if it may go on.

    A job that was told to stop has to, whatever happened since.
    """
    if job.stop is not None:
        return job.stop
    admission = job.admission
    run_id, flop = None, admission.flop_reserved
    lease_expires = admission.lease_expires
    if admission.permit_id is not None:
        try:
            papers = desk.papers(admission.permit_id, now)
        except _ENDINGS as error:
            return Stop(
                kind=StopKind.PERMIT_ENDED, words=error.message, grace_s=site.grace_s
            )
        except AssentError:
            pass  # the lease by which it was admitted is all it has
        else:
            run_id = papers.permit.permit.run_id
            flop = papers.permit.permit.caps.flop
            lease_expires = papers.lease.expires
    facts = HeldFacts(
        site=site.name,
        party=site.party,
        owner=site.owners.owners[admission.owner],
        permit_id=admission.permit_id,
        run_id=run_id,
        flop=flop,
    )
    return decide_stop(
        admission,
        vouched=job.vouched,
        lease_expires=lease_expires,
        holds=tuple(holds(facts, now)),
        grace_s=site.grace_s,
        now=now,
    )
