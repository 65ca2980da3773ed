"""Decide whether a job may start: the recipe of docs/spec/admission.md.

JobRequest + permit + lease + what is used + now -> Admission, or AdmissionRefused

The gate calls `admit` before any accelerator is allocated. It reads nothing and writes
nothing: the caller supplies the time and what was used, and records the outcome in the
transaction in which it read.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.permit import Lease, Permit, VerifiedPermit
from assent.compute.hardware import AcceleratorTable
from assent.supervision.admission.admission import (
    Admission,
    Balance,
    ExemptTerms,
    Hold,
    job_end,
)
from assent.supervision.admission.errors import (
    AllowanceExceeded,
    ChipsBeyondPermit,
    JobBeyondPermit,
    JobHeld,
    PermitMissing,
    PermitOfAnother,
    ReserveKept,
    RunTerminated,
)
from assent.supervision.admission.job import Charge, JobRequest, charge_of
from assent.supervision.admission.owner import Owner
from assent.vocabulary import NotFound, format_count, format_instant

EXEMPT = "exempt"  # the book of a group of owners that needs no permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """A permit and a lease that the gate verified a moment ago, for this site."""

    permit: VerifiedPermit
    lease: Lease


def admit(  # noqa: PLR0913 - what a decision rests on, each by its name
    job: JobRequest,
    *,
    owner: Owner,
    papers: Papers | None,
    balance: Balance,
    exempt: ExemptTerms,
    holds: Sequence[Hold],
    accelerators: AcceleratorTable,
    now: datetime,
    reserve_left: int = 0,
) -> Admission:
    """Return what a job may start with.

    Args:
        job: as the scheduler says.
        owner: whose account it is on, by the register.
        papers: of the permit that it names, for this site, verified for `now`; None if
            it names none.
        balance: of the permit's run at this site; without a permit, of all jobs
            without permits of the owner's whole group.
        exempt: below how much a group of owners needs no permit.
        holds: pause orders in force that cover the job.
        accelerators: the table of what chips can do.
        now: the instant.
        reserve_left: what is kept here for the run's overseers, and not used.

    Raises:
        NotFound, FactsMissing: (1) if its chips' rate is unknown.
        RunTerminated, JobHeld: (2) if an order to stop covers it.
        PermitMissing: (3) if it claims no permit and its owner's group needs one.
        PermitOfAnother: (4) if the permit is not the owner's, or another.
        ChipsBeyondPermit: (5) if the run would have more chips than it may.
        JobBeyondPermit: (6) if it could outlast the permit.
        ReserveKept, AllowanceExceeded: (7) if it could use more than is left.

    """
    # (1) A job is charged its maximum, not its estimate, so that no admitted job can
    #     carry the run past its permit.
    charge = charge_of(job, accelerators)
    # (2) Nothing that is paused starts, with a permit or without.
    verify_free(job, holds)
    if papers is None:
        return _admit_exempt(job, owner, charge, balance, exempt, now)
    _verify_under(papers, job, owner, charge, balance, accelerators)
    return _admit_under(papers, job, owner, charge, balance, reserve_left, now)


def verify_free(job: JobRequest, holds: Sequence[Hold]) -> None:
    """Check that no order to stop covers a job.

    Raises:
        RunTerminated, JobHeld: if one does.

    """
    if final := [hold.words for hold in holds if hold.is_final]:
        raise RunTerminated(
            f"Job {job.job_id} is of a run that is over: {' '.join(final)}",
            remedy="It is final; another run takes a permit of its own.",
        )
    if holds:
        raise JobHeld(
            f"Job {job.job_id} is paused: {' '.join(hold.words for hold in holds)}",
            remedy="Wait for the resume order; the agency hears appeals.",
        )


def _verify_under(  # noqa: PLR0913, PLR0917 - as `admit`
    papers: Papers,
    job: JobRequest,
    owner: Owner,
    charge: Charge,
    balance: Balance,
    accelerators: AcceleratorTable,
) -> None:
    # (4) The permit is the one that the job names, and its owner's.
    _verify_whose(job, owner, papers)
    # (5) With the run's other jobs it has no more chips than it may, and no others.
    verify_chips(job, charge, balance, papers.permit.permit, accelerators)


def _admit_under(  # noqa: PLR0913, PLR0917 - as `admit`
    papers: Papers,
    job: JobRequest,
    owner: Owner,
    charge: Charge,
    balance: Balance,
    reserve_left: int,
    now: datetime,
) -> Admission:
    permit, lease = papers.permit.permit, papers.lease
    # (6) It ends before the permit does.
    ends_by = job_end(now, job.time_limit_s)
    if ends_by > permit.caps.not_after:
        raise JobBeyondPermit(
            f"Job {job.job_id} could run until {format_instant(ends_by)};"
            f" {permit.permit_id} ends {format_instant(permit.caps.not_after)}.",
            remedy="Give the job a shorter time limit.",
        )
    # (7) It cannot use more than the run has left here.
    left = min(lease.flop, permit.flop_training) - balance.flop
    _verify_reserve(job, charge, permit, left, reserve_left)
    if charge.flop > left:
        raise AllowanceExceeded(
            f"Job {job.job_id} may perform {charge.words}; the run of"
            f" {permit.permit_id} has {format_count(max(left, 0))} FLOP left at"
            f" {job.site} under {lease.lease_id}.",
            remedy="Lower the job's time limit or its maximum, file what the next"
            " oversight point asks for, or apply to vary the permit.",
        )
    return Admission(
        job_id=job.job_id,
        site=job.site,
        owner=owner.owner_id,
        book=permit.permit_id,
        permit_id=permit.permit_id,
        lease_id=lease.lease_id,
        flop_reserved=charge.flop,
        flop_per_s=charge.flop_per_s,
        chips=charge.chips,
        admitted=now,
        ends_by=ends_by,
        lease_expires=lease.expires,
    )


def _admit_exempt(  # noqa: PLR0913, PLR0917 - as `admit`
    job: JobRequest,
    owner: Owner,
    charge: Charge,
    balance: Balance,
    exempt: ExemptTerms,
    now: datetime,
) -> Admission:
    """(3) Without a permit, all that the owner's group does so stays below the law."""
    total = balance.flop + exempt.flop_elsewhere + charge.flop
    if job.permit_id is not None:
        raise PermitMissing(
            f"Job {job.job_id} names {job.permit_id}, of which the gate has no permit"
            f" and lease for {job.site} that hold.",
            remedy="Hand the permit's file and its newest lease to the gate.",
        )
    if charge.flop and total >= exempt.flop_below:
        raise PermitMissing(
            f"Job {job.job_id} names no permit. With its {charge.words},"
            f" {owner.name} and those under the same control would have used"
            f" {format_count(total)} FLOP without one{_elsewhere(exempt)};"
            f" {exempt.rule} asks for a permit"
            f" from {format_count(exempt.flop_below)} on ({exempt.on}).",
            remedy="Apply for a permit (`assent apply`), and name it in the job; or"
            " give the job a shorter time limit.",
        )
    return Admission(
        job_id=job.job_id,
        site=job.site,
        owner=owner.owner_id,
        book=f"{EXEMPT}:{owner.owner_id}",
        permit_id=None,
        lease_id=None,
        flop_reserved=charge.flop,
        flop_per_s=charge.flop_per_s,
        chips=charge.chips,
        admitted=now,
        ends_by=job_end(now, job.time_limit_s),
        lease_expires=None,
    )


def _verify_reserve(
    job: JobRequest, charge: Charge, permit: Permit, left: int, reserve_left: int
) -> None:
    """Refuse a training job that only what is kept for overseers would suffice for."""
    if left < charge.flop <= max(left, 0) + reserve_left:
        raise ReserveKept(
            f"Job {job.job_id} may perform {charge.words}; training under"
            f" {permit.permit_id} has {format_count(max(left, 0))} FLOP left at"
            f" {job.site}, and {format_count(reserve_left)} more are kept for its"
            " overseers.",
            remedy="Lower the job's time limit or its maximum. What is kept is for"
            " evaluations that an inspector requests (`assent oversight request`).",
        )


def verify_chips(
    job: JobRequest,
    charge: Charge,
    balance: Balance,
    permit: Permit,
    accelerators: AcceleratorTable,
) -> None:
    """Check that with the run's other jobs a job has no more chips than it may.

    Raises:
        ChipsBeyondPermit: if it would, or has others.

    """
    allowed: dict[str, int] = {}
    for name, count in permit.caps.chips.items():
        # A name that the table does not know allows nothing.
        with suppress(NotFound):
            kind = accelerators.find(name).accelerator_id
            allowed[kind] = allowed.get(kind, 0) + count
    for kind, count in charge.chips.items():
        running, most = balance.chips.get(kind, 0), allowed.get(kind, 0)
        if running + count > most:
            raise ChipsBeyondPermit(
                f"Job {job.job_id} asks for {count} × {kind}; {running} run, and"
                f" {permit.permit_id} allows {most} at a time.",
                remedy="Ask for fewer, or apply to vary the permit.",
            )


def _verify_whose(job: JobRequest, owner: Owner, papers: Papers) -> None:
    permit, lease = papers.permit.permit, papers.lease
    if {job.permit_id, lease.permit_id} != {permit.permit_id} or job.site != lease.site:
        raise PermitOfAnother(
            f"Job {job.job_id} at {job.site} names {job.permit_id}; the papers are of"
            f" {permit.permit_id} and a lease of {lease.permit_id} for {lease.site}.",
            remedy="Name the permit that was granted for this run and this site.",
        )
    if permit.developer.key not in owner.keys:
        raise PermitOfAnother(
            f"{permit.permit_id} is {permit.developer.name}'s, and the account"
            f" {job.account!r:.80} is {owner.name}'s, which is not registered with the"
            " developer's key.",
            remedy="Run the job on the developer's own account, or register its key"
            " with the gate.",
        )


def _elsewhere(exempt: ExemptTerms) -> str:
    if not exempt.flop_elsewhere:
        return ""
    return f", {format_count(exempt.flop_elsewhere)} of it elsewhere"
