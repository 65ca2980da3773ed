"""What runs, developers, owners, sites and parties were permitted, and used.

agency's ledger + newest day books + permits -> Books -> Total

A book is of one permit, of what it keeps for overseers, or of one owner without a
permit, at one gate. There are a million of them, so they are held in columns, and no
object is made for each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from assent.supervision.admission import EXEMPT, OVERSEERS
from assent.supervision.daybook.groups import OwnerGroups
from assent.supervision.daybook.head import DayHead
from assent.supervision.ledger import Account, Ledger

UNKNOWN = "unknown"  # whose permit this agency did not grant


class Balances(NamedTuple):
    """What the accounts of a book, or of many, hold: FLOP."""

    granted: int  # below nothing: what leases allotted
    available: int
    reserved: int
    spent: int
    metered: int
    observed: int

    @property
    def accounts(self) -> Mapping[Account, int]:
        """The same, by account."""
        return dict(zip(_SHOWN, self, strict=True))


_SHOWN = tuple(map(Account, Balances._fields))


class By(StrEnum):
    """What totals are of."""

    RUN = "run"
    DEVELOPER = "developer"
    OWNER = "owner"
    SITE = "site"
    PARTY = "party"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitFacts:
    """What the agency's own cases say of a permit."""

    permit_id: str
    run_id: str
    developer: str
    key: str
    flop: int


@dataclass(frozen=True, kw_only=True)
class Books:
    """All books of all gates, the same place in each column being one book.

    Attributes:
        gates: at which each is.
        books: of what it is: a permit, or `exempt:` and an owner.
        columns: what its accounts hold, a column each.
        heads: the newest day book of each gate: where it stands.
        groups: whose owners belong together.
        permits: what the agency knows of a permit; None if it granted none such.

    """

    gates: Sequence[str]
    books: Sequence[str]
    columns: Sequence[Sequence[int]]
    heads: Mapping[str, DayHead]
    groups: OwnerGroups
    permits: Mapping[str, PermitFacts | None]
    _totals: dict[By, "list[Total]"] = field(init=False, default_factory=dict)

    def balances(self, index: int) -> "Balances":
        """Return what the accounts of one book hold."""
        return Balances(*(column[index] for column in self.columns))

    def column(self, account: Account) -> Sequence[int]:
        """Return what one account holds, of each book."""
        return self.columns[_SHOWN.index(account)]

    def flop(self, index: int) -> int:
        """Return what one book spent, and has reserved."""
        return self.column(Account.SPENT)[index] + self.column(Account.RESERVED)[index]

    def site(self, index: int) -> str:
        """Return the site of one book."""
        return self.heads[self.gates[index]].site

    @cached_property
    def exempt(self) -> Sequence[int]:
        """The places of books of owners without a permit."""
        return [i for i, book in enumerate(self.books) if book not in self.permits]

    def owner(self, index: int) -> str:
        """Return the owner of one book without a permit, as its gate says."""
        return self.books[index].removeprefix(f"{EXEMPT}:")

    def keys(self, by: By) -> list[str]:
        """Return what each book belongs to."""
        if by in {By.SITE, By.PARTY}:
            at = {gate: getattr(head, by.value) for gate, head in self.heads.items()}
            return [at[gate] for gate in self.gates]
        known = {
            book: self._key(book, facts, by) for book, facts in self.permits.items()
        }
        keys = [known.get(book, "") for book in self.books]
        for i in self.exempt:
            gate = self.gates[i]
            if by is By.RUN:
                keys[i] = f"{self.books[i]} at {gate}"
            else:
                keys[i] = self.groups.of_owner(gate, self.owner(i))
        return keys

    def _key(self, book: str, facts: PermitFacts | None, by: By) -> str:
        if by is By.RUN:
            run = book.removeprefix(f"{OVERSEERS}:")
            return run if facts is None else facts.run_id
        if facts is None:
            return UNKNOWN
        if by is By.DEVELOPER:
            return facts.developer
        return self.groups.of_key(facts.key) or facts.developer

    def totals(self, by: By) -> "list[Total]":
        """Return totals by key, in order."""
        if by not in self._totals:
            self._totals[by] = self._add_up(by)
        return self._totals[by]

    def _add_up(self, by: By) -> "list[Total]":
        keys = self.keys(by)
        sums = [sum_by(keys, column) for column in self.columns]
        every = map(Balances, *(column.values() for column in sums))
        totals = {
            key: Total(key, balances=balances)
            for key, balances in zip(sums[0], every, strict=True)
        }
        for gate, span in self._spans:
            site = self.heads[gate].site
            for key in set(keys[span]):
                totals[key].sites.add(site)
        for key, facts in self._permitted(by):
            totals[key].permits[facts.permit_id] = facts.flop
        return [totals[key] for key in sorted(totals)]

    def _permitted(self, by: By) -> Iterator[tuple[str, PermitFacts]]:
        """Yield the permits of each key."""
        if by not in {By.SITE, By.PARTY}:
            for book, facts in self.permits.items():
                if facts is not None:
                    yield self._key(book, facts, by), facts
            return
        for gate, span in self._spans:
            for book in set(self.books[span]):
                if (facts := self.permits.get(book)) is not None:
                    yield getattr(self.heads[gate], by.value), facts

    @cached_property
    def _spans(self) -> list[tuple[str, slice]]:
        """Each gate, and the places of its books, which are one after another."""
        spans, start = [], 0
        for gate, places in groupby(self.gates):
            end = start + sum(1 for _ in places)
            spans.append((gate, slice(start, end)))
            start = end
        return spans


@dataclass(slots=True)
class Total:
    """What was permitted and used, of one key.

    Attributes:
        key: a run, a developer, an owner's group, a site or a party.
        permits: what the permits in it allow, at all sites together.
        balances: the sums of its books; what leases allotted is below nothing.
        sites: where.

    """

    key: str
    permits: dict[str, int] = field(default_factory=dict)
    balances: Balances = field(default_factory=lambda: Balances(0, 0, 0, 0, 0, 0))
    sites: set[str] = field(default_factory=set)

    @property
    def flop_permitted(self) -> int:
        """What its permits allow."""
        return sum(self.permits.values())

    @property
    def flop_allotted(self) -> int:
        """What leases allotted to these gates."""
        return -self.balances.granted

    @property
    def flop(self) -> int:
        """What may have been used, if every job that runs does its most."""
        return self.balances.spent + self.balances.reserved


def read_books(
    ledger: Ledger,
    heads: Mapping[str, DayHead],
    groups: OwnerGroups,
    permit_of: Callable[[str], PermitFacts | None],
) -> Books:
    """Return every book of every gate.

    Args:
        ledger: the agency's.
        heads: the newest day book of each gate: where it stands.
        groups: whose owners belong together.
        permit_of: what the agency knows of a permit; None if it granted none such.

    """
    with ledger.reading() as reading:
        names, columns = reading.balances(*_SHOWN)
    one_of: dict[str, str] = {}  # each name once in memory
    gates, books = [], []
    for name in names:
        gate, _, book = name.partition("/")
        gates.append(one_of.setdefault(gate, gate))
        books.append(one_of.setdefault(book, book))
    return Books(
        gates=gates,
        books=books,
        columns=columns,
        heads=heads,
        groups=groups,
        permits={
            book: permit_of(book.removeprefix(f"{OVERSEERS}:"))
            for book in set(books)
            if not book.startswith(f"{EXEMPT}:")
        },
    )


def sum_by(keys: Sequence[str], column: Sequence[int]) -> Mapping[str, int]:
    """Return the sum of a column for each key."""
    sums = dict.fromkeys(keys, 0)
    for key, flop in zip(keys, column, strict=True):
        sums[key] += flop
    return sums
