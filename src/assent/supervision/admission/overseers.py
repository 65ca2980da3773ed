"""Decide whether an evaluation job may start, from what is reserved for overseers.

JobRequest + permit + inspector's request + what overseers used -> Admission, or refusal

The steps are those of docs/spec/admission.md. A part of every permit's compute, the
same at each site, is for overseers: training jobs never have it (`admit`), and
evaluation jobs have nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.permit import Permit
from assent.compute.hardware import AcceleratorTable
from assent.supervision.admission.admission import Admission, Balance, Hold, job_end
from assent.supervision.admission.admit import verify_chips, verify_free
from assent.supervision.admission.errors import JobBeyondPermit, ReserveExceeded
from assent.supervision.admission.job import Charge, JobRequest, charge_of
from assent.supervision.admission.owner import Owner
from assent.vocabulary import format_count, format_instant

OVERSEERS = "overseers"  # the books of what is reserved for them, by permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluating:
    """What an inspector's request allows one job, once a gate has verified it.

    Attributes:
        request_id: the request.
        inspector: who signed it.
        digest: of what is signed.
        flop: the most that the job may be charged.
        expires: when it has to be over.

    """

    request_id: str
    inspector: str
    digest: str
    flop: int
    expires: datetime


def overseers_book(permit_id: str) -> str:
    """Return the book of what is reserved for the overseers of a permit's run."""
    return f"{OVERSEERS}:{permit_id}"


def admit_evaluation(  # noqa: PLR0913 - what a decision rests on
    job: JobRequest,
    *,
    owner: Owner,
    permit: Permit,
    evaluating: Evaluating,
    balance: Balance,
    holds: Sequence[Hold],
    accelerators: AcceleratorTable,
    now: datetime,
) -> Admission:
    """Return what an evaluation job may start with.

    Args:
        job: as the scheduler says.
        owner: whose account it is.
        permit: verified for now.
        evaluating: the inspector's request, verified for now and this site.
        balance: what overseers have used here, with the chips of all the run's jobs.
        holds: orders to stop that cover the run.
        accelerators: what chips can do.
        now: the instant.

    Raises:
        NotFound, FactsMissing: (1) if its chips' rate is unknown.
        RunTerminated, JobHeld: (2) if an order to stop covers it.
        ChipsBeyondPermit: (5) if the run would have more chips than it may.
        JobBeyondPermit: (6) if it could outlast the request, or the permit.
        ReserveExceeded: (7) if it could use more than the request, or the reserve.

    """
    charge, ends_by = charge_of(job, accelerators), job_end(now, job.time_limit_s)
    verify_free(job, holds)
    verify_chips(job, charge, balance, permit, accelerators)
    _verify_end(job, ends_by, min(permit.caps.not_after, evaluating.expires))
    _verify_left(job, charge, permit, balance, evaluating)
    return Admission(
        job_id=job.job_id,
        site=job.site,
        owner=owner.owner_id,
        book=overseers_book(permit.permit_id),
        permit_id=permit.permit_id,
        lease_id=None,
        flop_reserved=charge.flop,
        flop_per_s=charge.flop_per_s,
        chips=charge.chips,
        admitted=now,
        ends_by=ends_by,
        lease_expires=evaluating.expires,
    )


def _verify_end(job: JobRequest, ends_by: datetime, last: datetime) -> None:
    if ends_by > last:
        raise JobBeyondPermit(
            f"Job {job.job_id} could run until {format_instant(ends_by)}; the request"
            f" {job.request_id}, or its permit, ends {format_instant(last)}.",
            remedy="Give the job a shorter time limit.",
        )


def _verify_left(
    job: JobRequest,
    charge: Charge,
    permit: Permit,
    balance: Balance,
    evaluating: Evaluating,
) -> None:
    left = min(permit.flop_overseers_at_a_site - balance.flop, evaluating.flop)
    if charge.flop > left:
        raise ReserveExceeded(
            f"Job {job.job_id} may perform {charge.words}; the request"
            f" {job.request_id} and what is left at {job.site} for overseers of"
            f" {job.permit_id} allow {format_count(max(left, 0))}.",
            remedy="Lower the job's time limit or its maximum.",
        )
