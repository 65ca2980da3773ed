"""The entries that make up the books, each by what happened.

Admission, end of a job, readings -> Entry

FLOP are reserved when a job starts, and settled when it ends: what it used is spent,
and the rest is available again. A job that used more than was reserved takes the rest
from what is available, and the balance shows it, below nothing if need be.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from assent.authorisation.terms import format_loss
from assent.supervision.admission import Admission, Evaluating
from assent.supervision.ledger.entry import Account, Entry, Kind


def allot(book: str, serial: int, change_flop: int, time: datetime) -> Entry:
    """Return the entry of a lease that allots a site more than it had, or less.

    Args:
        book: the permit's.
        serial: of the lease.
        change_flop: what this lease allows beyond the one before.
        time: when.

    """
    return Entry(
        entry_id=f"allot/{book}/{serial}",
        kind=Kind.ALLOT,
        book=book,
        time=time,
        postings={Account.AVAILABLE: change_flop, Account.GRANTED: -change_flop},
    )


def reserve(admission: Admission) -> Entry:
    """Return the entry of a job that starts."""
    flop = admission.flop_reserved
    return Entry(
        entry_id=f"reserve/{admission.job_id}",
        kind=Kind.RESERVE,
        book=admission.book,
        job_id=admission.job_id,
        time=admission.admitted,
        postings={Account.RESERVED: flop, Account.AVAILABLE: -flop},
    )


def use_request(admission: Admission, evaluating: Evaluating) -> Entry:
    """Return the entry of an inspector's request by which a job starts, once."""
    return Entry(
        entry_id=request_entry_id(evaluating),
        kind=Kind.REQUEST,
        book=admission.book,
        job_id=admission.job_id,
        time=admission.admitted,
        evidence=evaluating.digest,
        postings={},
    )


def request_entry_id(evaluating: Evaluating) -> str:
    """Return what the entry is called that says an inspector's request was used."""
    return f"request/{evaluating.inspector}/{evaluating.request_id}"


def settle(
    admission: Admission, flop_spent: int, time: datetime, evidence: str | None = None
) -> Entry:
    """Return the entry of a job that ended, having used so much."""
    flop = admission.flop_reserved
    return Entry(
        entry_id=f"settle/{admission.job_id}",
        kind=Kind.SETTLE,
        book=admission.book,
        job_id=admission.job_id,
        time=time,
        evidence=evidence,
        postings={
            Account.RESERVED: -flop,
            Account.SPENT: flop_spent,
            Account.AVAILABLE: flop - flop_spent,
        },
    )


def meter(  # noqa: PLR0913, PLR0917 - whose, which, how much, when, on what
    book: str, job_id: str, source: str, flop: int, time: datetime, evidence: str
) -> Entry:
    """Return the entry of a reading of a job's meter.

    Args:
        book: in which the job is charged.
        job_id: the job.
        source: the meter and the reading's number: one that comes twice counts once.
        flop: of this reading alone.
        time: until when it counted.
        evidence: the reading's digest.

    """
    return Entry(
        entry_id=f"meter/{source}",
        kind=Kind.METER,
        book=book,
        job_id=job_id,
        time=time,
        evidence=evidence,
        postings={Account.METERED: flop, Account.CLAIMED: -flop},
    )


def observe(  # noqa: PLR0913, PLR0917 - as `meter`
    book: str, job_id: str, source: str, flop: int, time: datetime, evidence: str
) -> Entry:
    """Return the entry of what a provider's telemetry attributes to a job.

    `source` is the collector and the period.
    """
    return Entry(
        entry_id=f"observe/{source}",
        kind=Kind.OBSERVE,
        book=book,
        job_id=job_id,
        time=time,
        evidence=evidence,
        postings={Account.OBSERVED: flop, Account.CLAIMED: -flop},
    )


def reach(
    book: str, job_id: str, at_loss: Decimal, time: datetime, evidence: str
) -> Entry:
    """Return the entry of a reading whose loss reached a point of oversight.

    Args:
        book: of the permit.
        job_id: whose meter said so.
        at_loss: the point; it is reached once.
        time: until when the reading counted.
        evidence: the reading's digest.

    """
    return Entry(
        entry_id=reached_id(book, at_loss),
        kind=Kind.POINT,
        book=book,
        job_id=job_id,
        time=time,
        evidence=evidence,
        postings={},
    )


def reached_id(book: str, at_loss: Decimal) -> str:
    """Return what the entry is called that says a loss of oversight was reached."""
    return f"point/{book}/{format_loss(at_loss)}"


def report_loss(book: str, job_id: str, time: datetime, evidence: str) -> Entry:
    """Return the entry of the first reading of a job that tells a loss."""
    return Entry(
        entry_id=reported_id(job_id),
        kind=Kind.POINT,
        book=book,
        job_id=job_id,
        time=time,
        evidence=evidence,
        postings={},
    )


def reported_id(job_id: str) -> str:
    """Return what the entry is called that says a job reports its loss."""
    return f"loss/{job_id}"


def correct(  # noqa: PLR0913, PLR0917 - what, after what, to what, why, who, when
    wrong: Entry,
    before: Sequence[Entry],
    right: Mapping[Account, int],
    reason: str,
    by: str,
    time: datetime,
) -> Entry:
    """Return the entry that makes another say something else, which stays written.

    Args:
        wrong: the entry.
        before: the corrections of it that there are, which stay written as well.
        right: the postings that it should have had; none to undo it.
        reason: why.
        by: who says so.
        time: when.

    Raises:
        EntryInvalid: if these do not add up, or nobody says why.

    """
    says = Counter(wrong.postings)
    for one in before:
        says.update(one.postings)
    moved = {account: right.get(account, 0) - says[account] for account in Account}
    return Entry(
        entry_id=f"correct/{len(before) + 1}/{wrong.entry_id}",
        kind=Kind.CORRECT,
        book=wrong.book,
        job_id=wrong.job_id,
        time=time,
        refers_to=wrong.entry_id,
        reason=reason,
        by=by,
        postings={account: flop for account, flop in moved.items() if flop},
    )
