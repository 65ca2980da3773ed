"""Why a job may not start, or has to stop, whatever it was admitted for.

job + site + papers + pause orders + now -> Hold, Stop
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from assent.authorisation.permit import Lease, Permit
from assent.authorisation.terms import (
    OversightDate,
    OversightLoss,
    OversightPoint,
    Point,
    format_loss,
)
from assent.supervision.admission import (
    Admission,
    Hold,
    JobRequest,
    Owner,
    Papers,
    Stop,
    StopKind,
    charge_of,
    decide_stop,
    overseers_book,
)
from assent.supervision.gate.papers import ENDINGS, PaperDesk
from assent.supervision.gate.site import Site
from assent.supervision.ledger import (
    Job,
    LedgerTransaction,
    reached_id,
    reported_id,
)
from assent.supervision.metering import Allowance
from assent.supervision.pause import PauseOrder, RunFacts
from assent.vocabulary import AssentError, format_instant

Holds = Callable[[RunFacts, datetime], Sequence[Hold]]


def holds_of(orders: Iterable[PauseOrder]) -> tuple[Hold, ...]:
    """Return orders to stop that are in force, as a job hears of them."""
    return tuple(
        Hold(
            order=str(order.number),
            words=f"Order {order.number} {order.action.value}s {order.scope.words}:"
            f" {order.reason}",
            grace_s=order.grace_s,
            is_final=not order.is_pause,
        )
        for order in orders
    )


def holds_on(
    job: JobRequest, site: Site, papers: Papers | None, holds: Holds, now: datetime
) -> tuple[Hold, ...]:
    """Return the pause orders in force that cover a job which asks to start."""
    permit = None if papers is None else papers.permit.permit
    return holds_under(job, site, permit, holds, now)


def holds_under(
    job: JobRequest, site: Site, permit: Permit | None, holds: Holds, now: datetime
) -> tuple[Hold, ...]:
    """Return the same of a job under a permit, or under none."""
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
            if not is_evaluation(admission):  # that one ends with its request
                lease_expires = papers.lease.expires
    facts = facts_of(job, site, permit)
    return decide_stop(
        admission,
        vouched=job.vouched,
        lease_expires=lease_expires,
        holds=tuple(holds(facts, now)),
        grace_s=site.grace_s,
        silence_s=site.silence_s,
        now=now,
    )


def facts_of(job: Job, site: Site, permit: Permit | None) -> RunFacts:
    """Return what orders ask of a job that was admitted; its permit if it is known."""
    admission = job.admission
    owner = site.owners.owners[admission.owner]
    facts = _facts(site, owner, permit, admission.flop_reserved)
    if permit is None and admission.permit_id is not None:
        facts = replace(facts, run_id=None, flop=None, is_exempt=False)
    return facts


def reached_point(books: LedgerTransaction, lease: Lease) -> str | None:
    """Return in words that a run reached the loss at which its lease stops it."""
    if lease.loss is None:
        return None
    entry = books.entry(reached_id(lease.permit_id, lease.loss))
    if entry is None:
        return None
    return (
        f"job {entry.job_id} reported a loss of {format_loss(lease.loss)} or less by"
        f" {format_instant(entry.time)}, and the evaluations due there are not passed."
    )


def is_evaluation(admission: Admission) -> bool:
    """Tell whether a job was admitted by an inspector's request."""
    return admission.book == overseers_book(admission.permit_id or "")


def permit_at_hand(job: Job, desk: PaperDesk, now: datetime) -> Permit | None:
    """Return the permit of a job, as it holds now or was verified before."""
    permit_id = job.admission.permit_id or ""
    try:
        return desk.papers(permit_id, now).permit.permit
    except AssentError:
        return desk.known(permit_id)


def lease_to_loss(job: Job, desk: PaperDesk, now: datetime) -> Lease | None:
    """Return the lease of a job, if it ends at a loss of oversight."""
    if job.admission.permit_id is None or is_evaluation(job.admission):
        return None
    try:
        lease = desk.papers(job.admission.permit_id, now).lease
    except AssentError:
        return None  # what is known of its lease ends the job, if nothing else does
    return None if lease.loss is None else lease


def stop_at_point(
    job: Job, site: Site, lease: Lease, books: LedgerTransaction
) -> Stop | None:
    """Return why a loss of oversight stops a job; None if none does.

    A job under such a lease that was metered for as long as a meter may be silent, and
    reported no loss at all, stops as well: nobody could tell when it comes there.
    """
    words = reached_point(books, lease)
    heard = job.vouched
    if words is None and heard is not None and not books.entry(reported_id(job.job_id)):
        silent_s = (heard.until - job.admission.admitted).total_seconds()
        if silent_s > site.silence_s:
            words = f"its meter reported no loss in {silent_s:.0f} s."
    if words is None:
        return None
    kind = StopKind.POINT_REACHED
    return Stop(kind=kind, words=f"The run stops: {words}", grace_s=site.grace_s)


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
    expires, ahead = admission.lease_expires, tuple[Point, ...]()
    if admission.permit_id is not None:
        try:
            papers = desk.papers(admission.permit_id, now)
        except AssentError:
            pass  # what was known at its admission is all there is
        else:
            permit, expires = papers.permit.permit, papers.lease.expires
            if head is None:
                most = permit.flop_training
            # A lease that ends exactly at a point is all there is before it.
            ahead = (
                *(p for p in permit.oversight_points if p.at_flop == papers.lease.flop),
                *(p for p in permit.oversight_dates if p.at == expires),
                *(p for p in permit.oversight_losses if p.at_loss == papers.lease.loss),
            )
    by_flop = [one.at_flop for one in ahead if isinstance(one, OversightPoint)]
    by_date = [one.at for one in ahead if isinstance(one, OversightDate)]
    by_loss = [one.at_loss for one in ahead if isinstance(one, OversightLoss)]
    return Allowance(
        flop_max=most,
        oversight_flop=next(iter(by_flop), None),
        oversight_at=next(iter(by_date), None),
        oversight_loss=next(iter(by_loss), None),
        evaluations=tuple(dict.fromkeys(e for one in ahead for e in one.evaluations)),
        expires=expires,
        order=None if stop is None else stop.words,
    )
