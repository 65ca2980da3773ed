"""What a gate holds a job against, within one transaction on its books.

job + papers or an inspector's request + books + now -> Admission, and what it writes
"""

from dataclasses import replace
from datetime import datetime

from assent.authorisation.permit import Permit
from assent.supervision.admission import (
    Admission,
    Balance,
    Evaluating,
    JobRequest,
    PermitMissing,
    RequestUsed,
    admit_evaluation,
    overseers_book,
)
from assent.supervision.gate.papers import PaperDesk
from assent.supervision.gate.site import Site
from assent.supervision.gate.watching import Holds, holds_under
from assent.supervision.ledger import (
    Account,
    Entry,
    Job,
    JobNotOpen,
    LedgerTransaction,
    allot,
    request_entry_id,
    use_request,
)
from assent.supervision.oversight import EvaluationRequest


def balance_of(books: LedgerTransaction, permit: Permit) -> Balance:
    """Return what training under a permit has used, with the chips of all its jobs."""
    own = permit.permit_id
    chips = books.balance([own, overseers_book(own)]).chips
    return replace(books.balance([own]), chips=chips)


def reserve_left(books: LedgerTransaction, permit: Permit) -> int:
    """Return what is kept here for a permit's overseers, and not used."""
    used = books.balance([overseers_book(permit.permit_id)]).flop
    return max(permit.flop_overseers_at_a_site - used, 0)


def reserve_entries(
    books: LedgerTransaction, permit: Permit, now: datetime
) -> list[Entry]:
    """Return the entry that opens the overseers' book, or follows a varied permit."""
    book = overseers_book(permit.permit_id)
    kept = permit.flop_overseers_at_a_site
    granted = -books.accounts(book).get(Account.GRANTED, 0)
    last = books.last_allotment(book)
    version = 0 if last is None else int(last.entry_id.rpartition("/")[2])
    if kept == granted or version >= permit.version:
        return []
    return [allot(book, permit.version, kept - granted, now)]


def decide_evaluation(  # noqa: PLR0913, PLR0917 - what a decision rests on
    job: JobRequest,
    site: Site,
    desk: PaperDesk,
    holds: Holds,
    books: LedgerTransaction,
    now: datetime,
) -> tuple[Admission, list[Entry]]:
    """Return what a job that an inspector requested may start with.

    Raises:
        PermitMissing: if it names no permit.
        RequestUsed: if another job was admitted by the request.
        AdmissionRefused, PapersMissing, RequestRefused and others: see
            `admit_evaluation` and `PaperDesk.request`.

    """
    if job.permit_id is None or job.request_id is None:
        raise PermitMissing(
            f"Job {job.job_id} names a request and no permit.",
            remedy="Name the permit of the run that is evaluated.",
        )
    permit, request = desk.request(job.permit_id, job.request_id, now)
    evaluating = _unused(books, request)
    book = overseers_book(permit.permit_id)
    chips = books.balance([permit.permit_id, book]).chips
    owner = site.owners.owner_of(job.account)
    admission = admit_evaluation(
        replace(job, site=site.name),
        owner=owner,
        permit=permit,
        evaluating=evaluating,
        balance=replace(books.balance([book]), chips=chips),
        holds=holds_under(job, site, permit, holds, now),
        accelerators=site.accelerators,
        now=now,
    )
    opened = reserve_entries(books, permit, now)
    return admission, [*opened, use_request(admission, evaluating)]


def _unused(books: LedgerTransaction, request: EvaluationRequest) -> Evaluating:
    """Return what a request allows, unless another job was admitted by it."""
    evaluating = Evaluating(
        request_id=request.request_id,
        inspector=request.inspector,
        digest=request.digest,
        flop=request.flop,
        expires=request.expires,
    )
    used = books.entry(request_entry_id(evaluating))
    if used is not None:
        raise RequestUsed(
            f"The request {request.request_id} of {request.inspector} let job"
            f" {used.job_id} start, and lets one.",
            remedy="Have the inspector sign another.",
        )
    return evaluating


def open_job(books: LedgerTransaction, job_id: str) -> Job:
    """Return a job that was admitted here.

    Raises:
        JobNotOpen: if there is none.

    """
    job = books.job(job_id)
    if job is None:
        raise JobNotOpen(
            f"No job {job_id!r:.80} was admitted here.",
            remedy="Ask the gate before the job starts.",
        )
    return job
