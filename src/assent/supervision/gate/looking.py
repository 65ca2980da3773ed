"""What a gate's books show that somebody should look at.

gate + books + now -> Finding, each with its figures and its reason
"""

from collections.abc import Iterator
from datetime import datetime

from assent.supervision.admission import EXEMPT
from assent.supervision.gate.gate import Gate
from assent.supervision.ledger import (
    Bounds,
    Finding,
    FindingKind,
    JobState,
    LedgerTransaction,
    check_drift,
    check_idleness,
    check_overruns,
    check_structuring,
)
from assent.supervision.tally import Tally
from assent.vocabulary import format_instant


def check_books(
    gate: Gate, books: LedgerTransaction, now: datetime, bounds: Bounds
) -> list[Finding]:
    """Return what is odd: overruns, drift, idle chips, totals just below the threshold.

    The books of owners without permits are compared within each group under the same
    control: many that end just below the threshold are one run in slices, perhaps.
    """
    accounts = {book: books.accounts(book) for book in books.books()}
    jobs = [*books.jobs(JobState.RUNNING, JobState.STOPPING), *books.odd_jobs()]
    totals: dict[str, list[int]] = {}
    flop_below, tally = 0, gate.tally()
    for owner in gate.site.owners.owners.values():
        book = f"{EXEMPT}:{owner.owner_id}"
        if book not in accounts:
            continue
        group = min(gate.site.group_of(owner, now.date(), tally))
        totals.setdefault(group, []).append(books.balance([book]).flop)
        flop_below = gate.site.exempt_terms(owner, now.date()).flop_below
    return [
        *check_overruns(accounts, jobs),
        *check_drift(accounts, bounds),
        *check_idleness(jobs, bounds),
        *check_structuring(totals, flop_below, bounds),
        *_stale(tally, now),
    ]


def _stale(tally: Tally | None, now: datetime) -> Iterator[Finding]:
    if tally is not None and now > tally.stale_after:
        yield Finding(
            kind=FindingKind.STALE,
            about=tally.gate,
            words=f"What owners used elsewhere is as of {format_instant(tally.issued)};"
            " fetch the agency's newest tally (`assent gate fetch`).",
        )
