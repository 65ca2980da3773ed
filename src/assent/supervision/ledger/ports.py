"""What the ledger needs of the world: books that survive a power cut."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from assent.supervision.admission import Balance
from assent.supervision.ledger.entry import Account, Entry
from assent.supervision.ledger.job import Job, JobState


class LedgerTransaction(Protocol):
    """One transaction on the books; what it wrote is there whole or not at all."""

    def record(self, entries: Iterable[Entry]) -> int:
        """Write entries, and return how many were new.

        Raises:
            EntryConflicts: if one of that name is there and says something else.

        """

    def balance(self, books: Sequence[str]) -> Balance:
        """Return what was spent and is reserved in these books together."""

    def accounts(self, book: str) -> Mapping[Account, int]:
        """Return the balances of a book's accounts; an unknown book has none."""

    def books(self) -> list[str]:
        """Return all books, in order."""

    def balances(self, *accounts: Account) -> tuple[list[str], list[list[int]]]:
        """Return every book, in order, and for each account the balances in them."""

    def job(self, job_id: str) -> Job | None:
        """Return a job."""

    def put_job(self, job: Job) -> None:
        """Write a job, in place of what was known of it."""

    def jobs(self, *states: JobState) -> list[Job]:
        """Return the jobs in these states, in the order of their names."""

    def odd_jobs(self, limit: int = 1_000) -> list[Job]:
        """Return jobs that ended oddly (`is_odd`), by name, so many at most.

        It takes no longer with millions of others.
        """

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry."""

    def last_allotment(self, book: str) -> Entry | None:
        """Return the last entry of a book that says what a lease allots."""

    def entries(self, *, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Return entries in the order in which they were written, from one on."""

    def head(self) -> tuple[int, str]:
        """Return how many entries there are, and the digest of all of them."""

    def count_again(self) -> None:
        """Hold the balances and the head against all entries.

        Raises:
            BooksDamaged: if they are not what the entries make.

        """


class Ledger(Protocol):
    """A site's books. Both raise StoreUnavailable if the database refuses."""

    def writing(self) -> AbstractContextManager[LedgerTransaction]:
        """Begin a transaction that excludes all other writers, and commits."""

    def reading(self) -> AbstractContextManager[LedgerTransaction]:
        """Begin a transaction that sees one state and writes nothing."""

    def close(self) -> None:
        """Let go of the database."""
