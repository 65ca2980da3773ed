"""Correct what a site wrote: how much a job spent, or how much its telemetry saw.

books + an entry's name + the right FLOP + why + who -> one more entry

What was written stays written; each correction counts from the one before. A site
cannot correct what others signed: leases, and the readings of meters.
"""

from datetime import datetime

from assent.supervision.ledger.entry import Account, Entry, Kind, Postings
from assent.supervision.ledger.errors import CorrectionRefused
from assent.supervision.ledger.ports import LedgerTransaction
from assent.supervision.ledger.postings import correct
from assent.vocabulary import NotFound, format_count

_NOT_OURS = {
    Kind.ALLOT: "a lease of the agency's says so; the next lease says otherwise",
    Kind.RESERVE: "a reservation ends when its job is settled",
    Kind.METER: "a meter signed it; what it counted wrongly, its developer declares",
    Kind.CORRECT: "it is a correction; correct the entry that it names once more",
    Kind.DAY: "it says that a day book was taken",
}


def correct_to(  # noqa: PLR0913, PLR0917 - where, what, to what, why, who, when
    books: LedgerTransaction,
    entry_id: str,
    flop: int,
    reason: str,
    by: str,
    now: datetime,
) -> Entry:
    """Write that a job spent, or telemetry saw, another number of FLOP.

    Args:
        books: in a transaction that writes.
        entry_id: `settle/JOB`, or `observe/SOURCE`.
        flop: what it should say.
        reason: why.
        by: who says so.
        now: when.

    Raises:
        NotFound: if there is no such entry.
        CorrectionRefused: if it is not the site's to correct, says so already, or would
            charge less than the job's meter signed.
        EntryInvalid: if nobody says why.

    """
    wrong = books.entry(entry_id)
    if wrong is None:
        raise NotFound(
            f"There is no entry {entry_id!r:.120}.",
            remedy="Name one as settle/JOB or observe/SOURCE.",
        )
    if wrong.kind in _NOT_OURS:
        raise CorrectionRefused(
            f"{entry_id} cannot be corrected: {_NOT_OURS[wrong.kind]}.",
            remedy="Correct what was settled for a job, or what telemetry saw.",
        )
    if wrong.kind is Kind.SETTLE:
        _verify_metered(books, wrong, flop)
    before: list[Entry] = []
    while one := books.entry(f"correct/{len(before) + 1}/{entry_id}"):
        before.append(one)
    entry = correct(wrong, before, _right(wrong, flop), reason, by, now)
    if not entry.postings:
        raise CorrectionRefused(
            f"{entry_id} says {format_count(flop)} FLOP already.",
            remedy="Nothing has to be corrected.",
        )
    books.record([entry])
    return entry


def _right(wrong: Entry, flop: int) -> Postings:
    if wrong.kind is Kind.OBSERVE:
        return {Account.OBSERVED: flop, Account.CLAIMED: -flop}
    reserved = wrong.postings[Account.RESERVED]
    return {
        Account.RESERVED: reserved,
        Account.SPENT: flop,
        Account.AVAILABLE: -reserved - flop,
    }


def _verify_metered(books: LedgerTransaction, wrong: Entry, flop: int) -> None:
    job = books.job(wrong.job_id or "")
    metered = 0 if job is None or job.vouched is None else job.vouched.flop
    if flop < metered:
        raise CorrectionRefused(
            f"The meter of job {wrong.job_id} signed {format_count(metered)} FLOP;"
            f" {format_count(flop)} is less.",
            remedy="Charge what the meter signed at least.",
        )
