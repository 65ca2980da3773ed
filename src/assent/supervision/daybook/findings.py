"""What the books of all sites together show that somebody should look at.

books + kept day books + threshold + now -> Finding

Each site sees its own books; who spreads a run over sites and providers is seen here.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from assent.supervision.daybook.close import last_head
from assent.supervision.daybook.ports import Received, Standing
from assent.supervision.daybook.totals import Books, By, Total, sum_by
from assent.supervision.ledger import (
    Account,
    Bounds,
    Finding,
    FindingKind,
    check_drift,
    check_overruns,
    check_structuring,
)
from assent.vocabulary import format_count, format_instant

SITES_SHOWN_MAX = 20
LATE_AFTER = timedelta(days=2)  # a day book is due each day


def check_all_books(
    books: Books, flop_below: int | None, bounds: Bounds
) -> list[Finding]:
    """Return what is odd in the books of all gates together.

    Args:
        books: all of them.
        flop_below: from how much on a run needs a permit; None if nothing says so.
        bounds: from where on something is odd.

    """
    found = [
        *_unknown(books),
        *_beyond(books.totals(By.RUN)),
        *check_overruns(_overdrawn(books), []),
        *check_drift(_observed(books), bounds),
        *_below_meters(books),
    ]
    if flop_below is not None:
        found += _sliced(books, flop_below, bounds)
    return found


def check_received(received: Received, now: datetime) -> list[Finding]:
    """Return gates that contradicted themselves, are silent, or were late."""
    found: list[Finding] = []
    for gate in received.gates():
        days = received.of(gate)
        found += (
            Finding(
                kind=FindingKind.FORK,
                about=gate,
                words=f"{gate} signed what contradicts its day books: number"
                f" {kept.number}, which came at {format_instant(kept.arrived)}.",
            )
            for kept in days.kept(Standing.REFUSED)
        )
        if waiting := days.kept(Standing.EARLY):
            found.append(
                Finding(
                    kind=FindingKind.GAP,
                    about=gate,
                    words=f"{gate} sent day book {waiting[0].number}, and those before"
                    " it are missing.",
                )
            )
        head = last_head(days)
        if head is not None and now - head.closed > LATE_AFTER:
            found.append(
                Finding(
                    kind=FindingKind.SILENCE,
                    about=gate,
                    words=f"{gate} closed its last day at"
                    f" {format_instant(head.closed)}, and has been silent since.",
                )
            )
        last = days.last()
        if last and head and last.arrived - head.closed > LATE_AFTER:
            found.append(
                Finding(
                    kind=FindingKind.LATE,
                    about=gate,
                    words=f"The {head.words} was closed at"
                    f" {format_instant(head.closed)}, and came at"
                    f" {format_instant(last.arrived)}.",
                )
            )
    return found


def _unknown(books: Books) -> Iterator[Finding]:
    unknown = {book for book, facts in books.permits.items() if facts is None}
    if not unknown:
        return
    for i, book in enumerate(books.books):
        if book in unknown:
            yield Finding(
                kind=FindingKind.UNKNOWN_PERMIT,
                about=book,
                words=f"{books.site(i)} charges {format_count(books.flop(i))} FLOP to"
                f" {book}, which this agency did not grant.",
            )


def _beyond(runs: Iterable[Total]) -> Iterator[Finding]:
    for total in runs:
        if total.permits and total.flop > total.flop_permitted:
            yield Finding(
                kind=FindingKind.OVERRUN,
                about=total.key,
                words=f"{total.key} used or reserved {format_count(total.flop)} FLOP at"
                f" {_listed(total.sites)}; its permits allow"
                f" {format_count(total.flop_permitted)}.",
            )


def _overdrawn(books: Books) -> Mapping[str, Mapping[Account, int]]:
    return {
        f"{books.books[i]} at {books.site(i)}": books.balances(i).accounts
        for i, left in enumerate(books.column(Account.AVAILABLE))
        if left < 0 and books.books[i] in books.permits
    }


def _observed(books: Books) -> Mapping[str, Mapping[Account, int]]:
    """Return what was metered and observed of each run, where telemetry saw any."""
    every = books.column(Account.OBSERVED)
    seen = [i for i, flop in enumerate(every) if flop]
    if not seen:
        return {}
    keys, metered = books.keys(By.RUN), books.column(Account.METERED)
    runs = [keys[i] for i in seen]
    sums = {
        Account.METERED: sum_by(runs, [metered[i] for i in seen]),
        Account.OBSERVED: sum_by(runs, [every[i] for i in seen]),
    }
    return {
        run: {account: by_run[run] for account, by_run in sums.items()}
        for run in sorted(set(runs))
    }


def _below_meters(books: Books) -> Iterator[Finding]:
    wanted = (Account.RESERVED, Account.SPENT, Account.METERED)
    columns = zip(*map(books.column, wanted), strict=True)
    for i, (reserved, spent, metered) in enumerate(columns):
        if reserved + spent < metered:
            book = books.books[i]
            yield Finding(
                kind=FindingKind.BELOW_METERS,
                about=book,
                words=f"{books.site(i)} charges {format_count(reserved + spent)} FLOP"
                f" to {book}, and meters signed {format_count(metered)}.",
            )


def _sliced(books: Books, flop_below: int, bounds: Bounds) -> Iterator[Finding]:
    """Yield groups with much below the threshold: many slices, or more in all."""
    slices: dict[str, list[int]] = {}
    sites: dict[str, set[str]] = {}
    for i in books.exempt:
        group = books.groups.of_owner(books.gates[i], books.owner(i))
        slices.setdefault(group, []).append(books.flop(i))
        sites.setdefault(group, set()).add(books.site(i))
    yield from check_structuring(slices, flop_below, bounds)
    for group, each in slices.items():
        if sum(each) >= flop_below:
            yield Finding(
                kind=FindingKind.STRUCTURING,
                about=group,
                words=f"{group} used or reserved {format_count(sum(each))} FLOP without"
                f" a permit at {_listed(sites[group])}; {format_count(flop_below)} need"
                " one.",
            )


def _listed(sites: set[str]) -> str:
    """Return sites in words; of a thousand, the first few."""
    names = sorted(sites)
    shown = ", ".join(names[:SITES_SHOWN_MAX])
    more = len(names) - SITES_SHOWN_MAX
    return f"{shown} and {more:,} more" if more > 0 else shown
