"""One transaction on a site's books.

rows of one connection -> what `ports.LedgerTransaction` promises

Balances are kept beside the entries, in the same transaction, as decimal texts: no
column of a database holds 10^26. `count_again` makes them anew from the entries.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from assent.adapters.ledger.rows import entry_of, job_bytes, job_of
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
    next_head,
)
from assent.vocabulary import NotAllowed

_BOOKS_IN_ONE_QUERY = 500
_COLUMNS = ", ".join(account.value for account in Account)
_ALL_BOOKS = "SELECT book FROM ledger_balance ORDER BY book"
_PUT_BALANCE = (
    f"INSERT OR REPLACE INTO ledger_balance (book, {_COLUMNS}) VALUES"  # noqa: S608 - our own names
    f" ({', '.join('?' * (1 + len(Account)))})"
)


class SqliteLedgerTransaction:
    """A transaction that is under way on a connection."""

    def __init__(self, connection: sqlite3.Connection, *, writes: bool) -> None:
        """Speak within the transaction that the connection is in."""
        self._connection = connection
        self._writes = writes

    def record(self, entries: Iterable[Entry]) -> int:
        """Write entries, and return how many were new.

        Raises:
            EntryConflicts: if one of that name is there and says something else.

        """
        self._check_writing()
        count, head = before = self.head()
        moved: Counter[tuple[str, str]] = Counter()
        for entry in entries:
            encoded = entry.encoded
            done = self._connection.execute(
                "INSERT OR IGNORE INTO ledger_entry VALUES (?, ?, ?, ?)",
                (
                    count + 1,
                    entry.entry_id,
                    entry.book if entry.kind is Kind.ALLOT else None,
                    encoded,
                ),
            )
            if not done.rowcount:
                self._verify_same(entry, encoded)
                continue
            count, head = count + 1, next_head(head, encoded)
            for account, flop in entry.postings.items():
                moved[entry.book, account.value] += flop
        if (count, head) != before:
            self._move(moved)
            self._connection.execute("DELETE FROM ledger_head")
            self._connection.execute(
                "INSERT INTO ledger_head VALUES (?, ?)", (count, head)
            )
        return count - before[0]

    def balance(self, books: Sequence[str]) -> Balance:
        """Return what was spent and is reserved in these books together."""
        spent = reserved = 0
        chips: Counter[str] = Counter()
        for first in range(0, len(books), _BOOKS_IN_ONE_QUERY):
            some = books[first : first + _BOOKS_IN_ONE_QUERY]
            marks = ", ".join("?" * len(some))
            for flop_spent, flop_reserved in self._connection.execute(
                f"SELECT spent, reserved FROM ledger_balance WHERE book IN ({marks})",  # noqa: S608 - only marks
                some,
            ):
                spent += _count(flop_spent)
                reserved += _count(flop_reserved)
            for kind, count in self._connection.execute(
                f"SELECT kind, count FROM ledger_chips WHERE book IN ({marks})",  # noqa: S608 - only marks
                some,
            ):
                chips[kind] += count
        return Balance(
            flop_spent=spent,
            flop_reserved=reserved,
            chips=MappingProxyType(dict(chips)),
        )

    def accounts(self, book: str) -> Mapping[Account, int]:
        """Return the balances of a book's accounts; an unknown book has none."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM ledger_balance WHERE book = ?",  # noqa: S608 - our own names
            (book,),
        )
        return {
            account: _count(text)
            for row in rows
            for account, text in zip(Account, row, strict=True)
            if text is not None
        }

    def books(self) -> list[str]:
        """Return all books, in order."""
        return [book for (book,) in self._connection.execute(_ALL_BOOKS)]

    def balances(self, *accounts: Account) -> tuple[list[str], list[list[int]]]:
        """Return every book, in order, and for each account the balances in them."""
        columns = ["book", *(account.value for account in accounts)]
        books, *texts = (
            [value for (value,) in self._connection.execute(statement)]
            for statement in (
                f"SELECT {column} FROM ledger_balance ORDER BY book"  # noqa: S608 - our own names
                for column in columns
            )
        )
        try:
            return books, [[int(t) if t else 0 for t in column] for column in texts]
        except ValueError:
            raise _damaged("a balance is no number") from None

    def job(self, job_id: str) -> Job | None:
        """Return a job."""
        rows = self._connection.execute(
            "SELECT content FROM ledger_job WHERE job_id = ?", (job_id,)
        )
        return next((job_of(content) for (content,) in rows), None)

    def put_job(self, job: Job) -> None:
        """Write a job, in place of what was known of it."""
        self._check_writing()
        had = self.job(job.job_id)
        has_chips = job.state is not JobState.ENDED
        had_chips = had is not None and had.state is not JobState.ENDED
        change = has_chips - had_chips
        if change:
            self._connection.executemany(
                "INSERT INTO ledger_chips VALUES (?, ?, ?) ON CONFLICT (book, kind)"
                " DO UPDATE SET count = count + excluded.count",
                [
                    (job.admission.book, kind, change * count)
                    for kind, count in job.admission.chips.items()
                ],
            )
        self._connection.execute(
            "INSERT OR REPLACE INTO ledger_job VALUES (?, ?, ?)",
            (job.job_id, job.state.value, job_bytes(job)),
        )

    def jobs(self, *states: JobState) -> list[Job]:
        """Return the jobs in these states, in the order of their names."""
        marks = ", ".join("?" * len(states))
        rows = self._connection.execute(
            f"SELECT content FROM ledger_job WHERE state IN ({marks}) ORDER BY job_id",  # noqa: S608 - only marks
            [state.value for state in states],
        )
        return [job_of(content) for (content,) in rows]

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry."""
        rows = self._connection.execute(
            "SELECT content FROM ledger_entry WHERE entry_id = ?", (entry_id,)
        )
        return next((entry_of(content) for (content,) in rows), None)

    def last_allotment(self, book: str) -> Entry | None:
        """Return the last entry of a book that says what a lease allots."""
        rows = self._connection.execute(
            "SELECT content FROM ledger_entry WHERE allots = ?"
            " ORDER BY number DESC LIMIT 1",
            (book,),
        )
        return next((entry_of(content) for (content,) in rows), None)

    def entries(self, *, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Return entries in the order in which they were written, from one on."""
        rows = self._connection.execute(
            "SELECT content FROM ledger_entry WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        )
        return [entry_of(content) for (content,) in rows]

    def head(self) -> tuple[int, str]:
        """Return how many entries there are, and the digest of all of them."""
        rows = self._connection.execute("SELECT number, head FROM ledger_head")
        return next(((number, head) for number, head in rows), (0, START))

    def count_again(self) -> None:
        """Hold the balances and the head against all entries.

        Raises:
            BooksDamaged: if they are not what the entries make.

        """
        count, head = 0, START
        moved: Counter[tuple[str, str]] = Counter()
        for number, content in self._connection.execute(
            "SELECT number, content FROM ledger_entry ORDER BY number"
        ):
            entry = entry_of(content)
            count, head = count + 1, next_head(head, content)
            if number != count:
                raise _damaged(f"entry {count} is missing")
            for account, flop in entry.postings.items():
                moved[entry.book, account.value] += flop
        if (count, head) != self.head():
            raise _damaged("its head is not of these entries")
        books = [book for (book,) in self._connection.execute(_ALL_BOOKS)]
        kept = {
            (book, account.value): flop
            for book in books
            for account, flop in self.accounts(book).items()
        }
        if kept != dict(moved):
            raise _damaged("its balances are not of these entries")

    def _verify_same(self, entry: Entry, encoded: bytes) -> None:
        rows = self._connection.execute(
            "SELECT content FROM ledger_entry WHERE entry_id = ?", (entry.entry_id,)
        )
        if rows.fetchall() != [(encoded,)]:
            raise EntryConflicts(
                f"{entry.entry_id!r:.120} is written already, and says something else.",
                remedy="What was written stays; correct it by an entry that says why.",
            )

    def _move(self, moved: Mapping[tuple[str, str], int]) -> None:
        by_book: dict[str, dict[Account, int]] = {}
        for (book, account), flop in moved.items():
            by_book.setdefault(book, {})[Account(account)] = flop
        for book, changes in by_book.items():
            balances = dict(self.accounts(book))
            for account, flop in changes.items():
                balances[account] = balances.get(account, 0) + flop
            texts = [
                str(balances[account]) if account in balances else None
                for account in Account
            ]
            self._connection.execute(_PUT_BALANCE, (book, *texts))

    def _check_writing(self) -> None:
        if not self._writes:
            raise NotAllowed(
                "This transaction only reads.", remedy="Begin one with `writing`."
            )


def _count(text: str | None) -> int:
    try:
        return int(text) if text else 0
    except ValueError:
        raise _damaged("a balance is no number") from None


def _damaged(why: str) -> BooksDamaged:
    return BooksDamaged(
        f"The books are not as they were written: {why}.",
        remedy="Admit no jobs; restore the books from a backup, and compare its head"
        " with the one that was logged.",
    )
