"""What runs, developers, owners, sites and parties were permitted, and used.

agency's ledger + newest day books + permits -> BookRow -> Total

A book is of one permit, of what it keeps for overseers, or of one owner without a
permit, at one gate.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import add, attrgetter
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

    def plus(self, more: "Balances") -> "Balances":
        """Return both together."""
        return Balances(*map(add, self, more))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """One book of one gate: whose it is, and its balances."""

    gate: str
    site: str
    party: str
    book: str
    permit: PermitFacts | None
    group: str
    balances: Balances

    @property
    def is_exempt(self) -> bool:
        """Whether it is of an owner's jobs without a permit."""
        return self.book.startswith(f"{EXEMPT}:")

    @property
    def run(self) -> str:
        """The run; without a permit, each owner at each gate is one."""
        if self.permit is not None:
            return self.permit.run_id
        if self.is_exempt:
            return f"{self.book} at {self.gate}"
        return self.book.removeprefix(f"{OVERSEERS}:")

    @property
    def developer(self) -> str:
        """Who trains, as far as the agency knows."""
        if self.permit is not None:
            return self.permit.developer
        return self.group if self.is_exempt else UNKNOWN

    @property
    def flop(self) -> int:
        """What may have been used, if every job that runs does its most."""
        return self.balances.spent + self.balances.reserved


_KEYS: Mapping[By, Callable[[BookRow], str]] = {
    By.RUN: attrgetter("run"),
    By.DEVELOPER: attrgetter("developer"),
    By.OWNER: attrgetter("group"),
    By.SITE: attrgetter("site"),
    By.PARTY: attrgetter("party"),
}


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


def read_rows(
    ledger: Ledger,
    heads: Mapping[str, DayHead],
    groups: OwnerGroups,
    permit_of: Callable[[str], PermitFacts | None],
) -> Iterator[BookRow]:
    """Yield every book of every gate.

    Args:
        ledger: the agency's.
        heads: the newest day book of each gate: where it stands.
        groups: whose owners belong together.
        permit_of: what the agency knows of a permit; None if it granted none such.

    """
    with ledger.reading() as books:
        names, columns = books.balances(*_SHOWN)
    known: dict[str, PermitFacts | None] = {}
    for name, *balances in zip(names, *columns, strict=True):
        gate, _, book = name.partition("/")
        head = heads[gate]
        facts = None
        if book.startswith(f"{EXEMPT}:"):
            group = groups.of_owner(gate, book.removeprefix(f"{EXEMPT}:"))
        else:
            permit_id = book.removeprefix(f"{OVERSEERS}:")
            if permit_id not in known:
                known[permit_id] = permit_of(permit_id)
            facts = known[permit_id]
            group = UNKNOWN
            if facts is not None:
                group = groups.of_key(facts.key) or facts.developer
        yield BookRow(
            gate=gate,
            site=head.site,
            party=head.party,
            book=book,
            permit=facts,
            group=group,
            balances=Balances(*balances),
        )


def add_up(rows: Iterable[BookRow], by: By) -> list[Total]:
    """Return totals by key, in order."""
    totals: dict[str, Total] = {}
    key_of = _KEYS[by]
    for row in rows:
        key = key_of(row)
        if (total := totals.get(key)) is None:
            total = totals[key] = Total(key)
        total.sites.add(row.site)
        if row.permit is not None:
            total.permits[row.permit.permit_id] = row.permit.flop
        total.balances = total.balances.plus(row.balances)
    return [totals[key] for key in sorted(totals)]
