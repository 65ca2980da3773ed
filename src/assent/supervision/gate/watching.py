"""Why a job may not start, or has to stop, whatever it was admitted for.

job + site + papers + pause orders + now -> Hold, Stop
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from assent.authorisation.permit import Permit
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
from assent.supervision.gate.papers import ENDINGS, PaperDesk
from assent.supervision.gate.site import Site
from assent.supervision.ledger import Job
from assent.supervision.metering import Allowance
from assent.supervision.pause import PauseOrder, RunFacts
from assent.vocabulary import AssentError

Holds = Callable[[RunFacts, datetime], Sequence[Hold]]


def holds_of(orders: Iterable[PauseOrder]) -> tuple[Hold, ...]:
    """Return pause orders that are in force, as a job hears of them."""
    return tuple(
        Hold(
            order=str(order.number),
            words=f"Order {order.number} pauses {order.scope.words}: {order.reason}",
            grace_s=order.grace_s,
        )
        for order in orders
    )


def holds_on(
    job: JobRequest, site: Site, papers: Papers | None, holds: Holds, now: datetime
) -> tuple[Hold, ...]:
    """Return the pause orders in force that cover a job which asks to start."""
    permit = None if papers is None else papers.permit.permit
    charge = charge_of(job, site.accelerators).flop
    facts = _facts(site, site.owners.owner_of(job.account), permit, charge)
    return tuple(holds(facts, now))


def _facts(site: Site, owner: Owner, permit: Permit | None, charge: int) -> RunFacts:
    keys = {key.text for key in owner.keys}
    if permit is not None:
        keys.add(permit.developer.key.text)
    return RunFacts(
        run_id=None if permit is None else permit.run_id,
        permit_id=None if permit is None else permit.permit_id,
        developers=frozenset(keys),
        site=site.name,
        party=site.party,
        flop=charge if permit is None else permit.caps.flop,
        is_exempt=permit is None,
    )


def stop_of(
    job: Job, site: Site, desk: PaperDesk, holds: Holds, now: datetime
) -> Stop | None:
    """Return why a job that was admitted has to stop now; None if it may go on.

    A job that was told to stop has to, whatever happened since.
    """
    if job.stop is not None:
        return job.stop
    admission = job.admission
    permit: Permit | None = None
    lease_expires = admission.lease_expires
    if admission.permit_id is not None:
        try:
            papers = desk.papers(admission.permit_id, now)
        except ENDINGS as error:
            return Stop(
                kind=StopKind.PERMIT_ENDED, words=error.message, grace_s=site.grace_s
            )
        except AssentError:
            permit = desk.known(admission.permit_id)
        else:
            permit = papers.permit.permit
            lease_expires = papers.lease.expires
    owner = site.owners.owners[admission.owner]
    facts = _facts(site, owner, permit, admission.flop_reserved)
    if permit is None and admission.permit_id is not None:
        facts = replace(facts, run_id=None, flop=None, is_exempt=False)
    return decide_stop(
        admission,
        vouched=job.vouched,
        lease_expires=lease_expires,
        holds=tuple(holds(facts, now)),
        grace_s=site.grace_s,
        silence_s=site.silence_s,
        now=now,
    )


def allowance_of(
    job: Job, stop: Stop | None, desk: PaperDesk, now: datetime
) -> Allowance:
    """Return what a job's meter may still let happen.

    The meter counts the run's total, and the books the job's own FLOP: until its first
    reading came, the permit's cap and the job's own maximum are all that is known.
    """
    admission, head, vouched = job.admission, job.meter, job.vouched
    before = 0 if head is None or vouched is None else head.flop_total - vouched.flop
    most = before + admission.flop_reserved
    expires, point = admission.lease_expires, None
    if admission.permit_id is not None:
        try:
            papers = desk.papers(admission.permit_id, now)
        except AssentError:
            pass  # what was known at its admission is all there is
        else:
            permit, expires = papers.permit.permit, papers.lease.expires
            if head is None:
                most = permit.caps.flop
            # A lease that ends exactly at a point is all there is before it.
            point = next(
                (
                    one
                    for one in permit.oversight_points
                    if one.at_flop == papers.lease.flop
                ),
                None,
            )
    return Allowance(
        flop_max=most,
        oversight_flop=None if point is None else point.at_flop,
        evaluations=() if point is None else point.evaluations,
        expires=expires,
        order=None if stop is None else stop.words,
    )
