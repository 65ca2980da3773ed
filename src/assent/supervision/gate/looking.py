"""What a gate's books show that somebody should look at.

gate + books + now -> Finding, each with its figures and its reason
"""

from datetime import datetime

from assent.supervision.admission import EXEMPT
from assent.supervision.gate.gate import Gate
from assent.supervision.ledger import (
    Bounds,
    Finding,
    JobState,
    LedgerTransaction,
    check_drift,
    check_idleness,
    check_overruns,
    check_structuring,
)


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
    flop_below = 0
    for owner in gate.site.owners.owners.values():
        book = f"{EXEMPT}:{owner.owner_id}"
        if book not in accounts:
            continue
        group = min(gate.site.owners.group_of(owner.owner_id, now.date()))
        totals.setdefault(group, []).append(books.balance([book]).flop)
        flop_below = gate.site.exempt_terms(owner, now.date()).flop_below
    return [
        *check_overruns(accounts, jobs),
        *check_drift(accounts, bounds),
        *check_idleness(jobs, bounds),
        *check_structuring(totals, flop_below, bounds),
    ]
