"""Close a day at a gate: sign where its ledger stands, with what was written since.

ledger + the day books so far + signer + now -> the next day book, kept

A day that was closed stays as it was: the next one follows on what was signed, and a
ledger that no longer does is damaged, or was changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assent.supervision.admission import EXEMPT, OwnerRegister
from assent.supervision.daybook.book import (
    DayOwner,
    day_owner,
    digest_of,
    encode_owners,
    parse_head,
    write_day,
)
from assent.supervision.daybook.head import DayHead
from assent.supervision.daybook.ports import DayBooks, Standing
from assent.supervision.ledger import (
    START,
    BooksDamaged,
    Ledger,
    LedgerTransaction,
    next_head,
)
from assent.vocabulary.envelope import Signer, parse_envelope

ENTRIES_MAX = 200_000  # of one day book; what is more goes into the next
_PAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which gate closes its books, where it stands, and whose accounts it knows."""

    gate: str
    site: str
    party: str
    owners: OwnerRegister


def close_days(
    ledger: Ledger, days: DayBooks, place: Place, signer: Signer, now: datetime
) -> list[DayHead]:
    """Close the day; return the heads of the day books that were written.

    One is written at least, with no entries if nothing happened: so a gate that is
    silent differs from one that has nothing to tell.

    Raises:
        BooksDamaged: if the ledger is not the one whose head was signed last.
        StoreUnavailable: if it cannot be read, or the book not be kept.

    """
    made: list[DayHead] = []
    with ledger.reading() as books:
        owners = encode_owners(_owners(books.books(), place.owners, now.date()))
        count, _ = books.head()
        before = last_head(days)
        while not made or before is None or before.entries < count:
            head, entries = _next(books, before, place, digest_of(owners), now)
            days.put(
                head.number,
                write_day(head, owners, entries, signer),
                now,
                Standing.TAKEN,
            )
            made.append(head)
            before = head
    return made


def last_head(days: DayBooks) -> DayHead | None:
    """Return the head of the last day book that was taken; None before the first."""
    last = days.last()
    return None if last is None else parse_head(parse_envelope(days.top(last)[0]))


def _owners(
    books: Iterable[str], register: OwnerRegister, on: date
) -> Iterator[DayOwner]:
    """Yield the owners that used compute without a permit, and who is one with them.

    Those whom agencies know by a key are told too: so an agency can say what they used
    elsewhere before they use anything here.
    """
    told = {owner.owner_id for owner in register.owners.values() if owner.keys}
    for book in books:
        if book.startswith(f"{EXEMPT}:"):
            told.update(day_owner(register, book.removeprefix(f"{EXEMPT}:"), on).group)
    for owner_id in sorted(told):
        yield day_owner(register, owner_id, on)


def _next(
    books: LedgerTransaction,
    before: DayHead | None,
    place: Place,
    owners: str,
    now: datetime,
) -> tuple[DayHead, Sequence[bytes]]:
    count, chained = (0, START) if before is None else (before.entries, before.head)
    first, entries = (count, chained), list[bytes]()
    while len(entries) < ENTRIES_MAX and (
        page := books.entries(after=count, limit=_PAGE)
    ):
        for entry in page:
            encoded = entry.encoded
            chained = next_head(chained, encoded)
            entries.append(encoded)
        count += len(page)
    total, newest = books.head()
    if count > total or (count == total and chained != newest):
        raise _changed(before)
    head = DayHead(
        gate=place.gate,
        site=place.site,
        party=place.party,
        number=1 if before is None else before.number + 1,
        closed=now if before is None else max(now, before.closed),
        previous=START if before is None else before.digest,
        entries_before=first[0],
        head_before=first[1],
        entries=count,
        head=chained,
        owners=owners,
    )
    return head, entries


def _changed(before: DayHead | None) -> BooksDamaged:
    signed = "nothing" if before is None else before.words
    return BooksDamaged(
        f"The ledger does not go on from {signed}, as its head was signed.",
        remedy="Admit no jobs; restore the books from a backup, and send what was"
        " signed already.",
    )
