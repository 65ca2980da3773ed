"""One transaction on a site's books.

rows of one connection -> what `ports.LedgerTransaction` promises

Balances are kept beside the entries, in the same transaction, as decimal texts: no
column of a database holds 10^26. `count_again` makes them anew from the entries.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

from assent.adapters.ledger.jobs import SqlJobs
from assent.adapters.ledger.rows import count_of, damaged, entry_of
from assent.supervision.admission import Balance
from assent.supervision.ledger import (
    START,
    Account,
    Entry,
    EntryConflicts,
    Kind,
    next_head,
)

BOOKS_A_PAGE = 20_000  # whose balances a statement returns: some megabytes of text
_AT_ONCE = 500  # names in one query
_ENTRIES_A_PAGE = 10_000
_NAMES = tuple(account.value for account in Account)
_COLUMNS = ", ".join(_NAMES)
_PUT_BALANCE = (
    f"INSERT INTO ledger_balance (book, {_COLUMNS}) VALUES"  # noqa: S608 - our own names
    f" ({', '.join('?' * (1 + len(_NAMES)))}) ON CONFLICT (book) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in _NAMES)}"
)


class SqlLedgerTransaction(SqlJobs):
    """A transaction that is under way."""

    @abstractmethod
    def _page(self, columns: Sequence[str], after: str) -> tuple[list[str], list[str]]:
        """Return the next BOOKS_A_PAGE books, and of each column their texts.

        Each column is one text: balances with a space between them, 0 for none.
        """

    def record(self, entries: Iterable[Entry]) -> int:
        """Write entries, and return how many were new.

        Raises:
            EntryConflicts: if one of that name is there and says something else.

        """
        self._check_writing()
        count, head = before = self.head()
        moved: Counter[tuple[str, Account]] = Counter()
        for some in _parts(entries, _AT_ONCE):
            rows: list[tuple[int, str, str | None, bytes]] = []
            for entry, encoded in self._new(some):
                count, head = count + 1, next_head(head, encoded)
                allots = entry.book if entry.kind is Kind.ALLOT else None
                rows.append((count, entry.entry_id, allots, encoded))
                for account, flop in entry.postings.items():
                    moved[entry.book, account] += flop
            self._each("INSERT INTO ledger_entry VALUES (?, ?, ?, ?)", rows)
        if (count, head) != before:
            self._move(moved)
            self._each("DELETE FROM ledger_head WHERE number = ?", [(before[0],)])
            self._each("INSERT INTO ledger_head VALUES (?, ?)", [(count, head)])
        return count - before[0]

    def balance(self, books: Sequence[str]) -> Balance:
        """Return what was spent and is reserved in these books together."""
        spent = reserved = 0
        chips: Counter[str] = Counter()
        for some in _parts(books, _AT_ONCE):
            for flop_spent, flop_reserved in self._among(
                "SELECT spent, reserved FROM ledger_balance WHERE book", some
            ):
                spent += count_of(flop_spent)
                reserved += count_of(flop_reserved)
            for kind, count in self._among(
                "SELECT kind, count FROM ledger_chips WHERE book", some
            ):
                chips[kind] += count
        return Balance(
            flop_spent=spent,
            flop_reserved=reserved,
            chips=MappingProxyType(dict(chips)),
        )

    def accounts(self, book: str) -> Mapping[Account, int]:
        """Return the balances of a book's accounts; an unknown book has none."""
        return self._accounts([book]).get(book, {})

    def books(self) -> list[str]:
        """Return all books, in order."""
        query = "SELECT book FROM ledger_balance ORDER BY book"
        return [book for (book,) in self._all(query)]

    def balances(self, *accounts: Account) -> tuple[list[str], list[list[int]]]:
        """Return every book, in order, and for each account the balances in them."""
        columns = [account.value for account in accounts]
        books: list[str] = []
        found: list[list[int]] = [[] for _ in columns]
        while True:
            page, texts = self._page(columns, books[-1] if books else "")
            if not page:
                return books, found
            books += page
            try:
                for balances, text in zip(found, texts, strict=True):
                    balances.extend(map(int, text.split(" ")))
            except ValueError:
                raise damaged("a balance is no number") from None
            if any(len(balances) != len(books) for balances in found):
                raise damaged("a balance is no number")

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry."""
        rows = self._all(
            "SELECT content FROM ledger_entry WHERE entry_id = ?", [entry_id]
        )
        return next((entry_of(content) for (content,) in rows), None)

    def last_allotment(self, book: str) -> Entry | None:
        """Return the last entry of a book that says what a lease allots."""
        rows = self._all(
            "SELECT content FROM ledger_entry WHERE allots = ?"
            " ORDER BY number DESC LIMIT 1",
            [book],
        )
        return next((entry_of(content) for (content,) in rows), None)

    def entries(self, *, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Return entries in the order in which they were written, from one on."""
        return [entry_of(content) for _, content in self._contents(after, limit)]

    def head(self) -> tuple[int, str]:
        """Return how many entries there are, and the digest of all of them."""
        rows = self._all("SELECT number, head FROM ledger_head")
        return next(((number, head) for number, head in rows), (0, START))

    def count_again(self) -> None:
        """Hold the balances and the head against all entries.

        Raises:
            BooksDamaged: if they are not what the entries make.

        """
        count, head = 0, START
        moved: Counter[tuple[str, Account]] = Counter()
        while page := self._contents(count, _ENTRIES_A_PAGE):
            for number, content in page:
                entry = entry_of(content)
                count, head = count + 1, next_head(head, content)
                if number != count:
                    raise damaged(f"entry {count} is missing")
                for account, flop in entry.postings.items():
                    moved[entry.book, account] += flop
        if (count, head) != self.head():
            raise damaged("its head is not of these entries")
        kept = {
            (book, account): flop
            for some in _parts(self.books(), _AT_ONCE)
            for book, accounts in self._accounts(some).items()
            for account, flop in accounts.items()
        }
        if kept != dict(moved):
            raise damaged("its balances are not of these entries")

    def _contents(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        return self._all(
            "SELECT number, content FROM ledger_entry WHERE number > ?"
            " ORDER BY number LIMIT ?",
            [after, limit],
        )

    def _new(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Yield what is not written yet, each once, with its bytes."""
        written: dict[str, bytes] = dict(
            self._among(
                "SELECT entry_id, content FROM ledger_entry WHERE entry_id",
                [entry.entry_id for entry in entries],
            )
        )
        for entry in entries:
            encoded = entry.encoded
            had = written.setdefault(entry.entry_id, encoded)
            if had is encoded:
                yield entry, encoded
            elif had != encoded:
                raise EntryConflicts(
                    f"{entry.entry_id!r:.120} is written already, and says something"
                    " else.",
                    remedy="What was written stays; correct it by an entry that says"
                    " why.",
                )

    def _accounts(self, books: Sequence[str]) -> dict[str, dict[Account, int]]:
        return {
            book: {
                account: count_of(text)
                for account, text in zip(Account, texts, strict=True)
                if text is not None
            }
            for book, *texts in self._among(
                f"SELECT book, {_COLUMNS} FROM ledger_balance WHERE book",  # noqa: S608 - our own names
                books,
            )
        }

    def _move(self, moved: Mapping[tuple[str, Account], int]) -> None:
        by_book: dict[str, dict[Account, int]] = {}
        for (book, account), flop in moved.items():
            by_book.setdefault(book, {})[account] = flop
        for some in _parts(by_book, _AT_ONCE):
            kept = self._accounts(some)
            rows = []
            for book in some:
                balances = kept.get(book, {})
                for account, flop in by_book[book].items():
                    balances[account] = balances.get(account, 0) + flop
                texts = (
                    str(balances[account]) if account in balances else None
                    for account in Account
                )
                rows.append((book, *texts))
            self._each(_PUT_BALANCE, rows)


def _parts(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
