"""A site's books in memory, with the same transactions.

entries, jobs -> what `ports.Ledger` promises, until the process ends
"""

import copy
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assent.supervision.admission import Balance
from assent.supervision.ledger import (
    START,
    Account,
    BooksDamaged,
    Entry,
    EntryConflicts,
    Job,
    JobState,
    Kind,
    is_odd,
    next_head,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import NotAllowed


@dataclass
class MemoryLedgerTransaction:
    """The state of all books, which a transaction reads and changes."""

    kept: dict[str, Entry] = field(default_factory=dict)
    kept_jobs: dict[str, Job] = field(default_factory=dict)
    kept_head: str = START
    writes: bool = False

    def record(self, entries: Iterable[Entry]) -> int:
        """Write entries, and return how many were new."""
        self._check_writing()
        new = 0
        for entry in entries:
            had = self.kept.get(entry.entry_id)
            if had is None:
                self.kept[entry.entry_id] = entry
                self.kept_head = next_head(self.kept_head, entry.encoded)
                new += 1
            elif had.encoded != entry.encoded:
                raise EntryConflicts(
                    f"{entry.entry_id!r:.120} is written already.",
                    remedy="Correct it by an entry that says why.",
                )
        return new

    def balance(self, books: Sequence[str]) -> Balance:
        """Return what was spent and is reserved in these books together."""
        chips: Counter[str] = Counter()
        for job in self.kept_jobs.values():
            if job.state is not JobState.ENDED and job.admission.book in books:
                chips.update(job.admission.chips)
        found = [self.accounts(book) for book in books]
        return Balance(
            flop_spent=sum(one.get(Account.SPENT, 0) for one in found),
            flop_reserved=sum(one.get(Account.RESERVED, 0) for one in found),
            chips=dict(chips),
        )

    def accounts(self, book: str) -> Mapping[Account, int]:
        """Return the balances of a book's accounts; an unknown book has none."""
        found: Counter[Account] = Counter()
        for entry in self.kept.values():
            if entry.book == book:
                for account, flop in entry.postings.items():
                    found[account] += flop
        return dict(found)

    def books(self) -> list[str]:
        """Return all books, in order."""
        return sorted({one.book for one in self.kept.values() if one.postings})

    def balances(self, *accounts: Account) -> tuple[list[str], list[list[int]]]:
        """Return every book, in order, and for each account the balances in them."""
        books = self.books()
        return books, [
            [self.accounts(book).get(account, 0) for book in books]
            for account in accounts
        ]

    def job(self, job_id: str) -> Job | None:
        """Return a job."""
        return self.kept_jobs.get(job_id)

    def put_job(self, job: Job) -> None:
        """Write a job, in place of what was known of it."""
        self._check_writing()
        self.kept_jobs[job.job_id] = job

    def jobs(self, *states: JobState) -> list[Job]:
        """Return the jobs in these states, in the order of their names."""
        found = (job for job in self.kept_jobs.values() if job.state in states)
        return sorted(found, key=lambda job: job.job_id)

    def odd_jobs(self, limit: int = 1_000) -> list[Job]:
        """Return jobs that ended oddly, by name, so many at most."""
        return [job for job in self.jobs(JobState.ENDED) if is_odd(job)][:limit]

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry."""
        return self.kept.get(entry_id)

    def last_allotment(self, book: str) -> Entry | None:
        """Return the last entry of a book that says what a lease allots."""
        found = (one for one in self.kept.values() if one.book == book)
        allotments = [one for one in found if one.kind is Kind.ALLOT]
        return allotments[-1] if allotments else None

    def entries(self, *, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Return entries in the order in which they were written, from one on."""
        return list(self.kept.values())[after : after + limit]

    def head(self) -> tuple[int, str]:
        """Return how many entries there are, and the digest of all of them."""
        return len(self.kept), self.kept_head

    def count_again(self) -> None:
        """Hold the head against all entries; balances are made of them each time."""
        head = START
        for entry in self.kept.values():
            head = next_head(head, entry.encoded)
        if head != self.kept_head:
            raise BooksDamaged("The head is another.", remedy="Find the defect.")

    def _check_writing(self) -> None:
        if not self.writes:
            raise NotAllowed(
                "This transaction only reads.", remedy="Begin one with `writing`."
            )


class MemoryLedger:
    """A site's books in memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self._state = MemoryLedgerTransaction()
        self._lock = threading.RLock()
        self._is_writing = self._is_closed = False

    @contextmanager
    def writing(self) -> Iterator[MemoryLedgerTransaction]:
        """Return a transaction that excludes all other writers, and commits."""
        with self._lock:
            self._check_open()
            if self._is_writing:
                raise NotAllowed(
                    "These books are being written to by the same thread.",
                    remedy="End one `writing` before the next.",
                )
            self._is_writing = True
            try:
                changed = copy.copy(self._state)
                changed.kept = dict(self._state.kept)
                changed.kept_jobs = dict(self._state.kept_jobs)
                changed.writes = True
                yield changed
                changed.writes = False
                self._state = changed
            finally:
                self._is_writing = False

    @contextmanager
    def reading(self) -> Iterator[MemoryLedgerTransaction]:
        """Return a transaction that sees one state."""
        self._check_open()
        yield self._state

    def close(self) -> None:
        """Refuse everything from now on."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreUnavailable("These books were closed.", remedy="Open them.")
