"""What the books of all sites together show that somebody should look at.

rows + kept day books + threshold + now -> Finding

Each site sees its own books; who spreads a run over sites and providers is seen here.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from assent.supervision.daybook.close import last_head
from assent.supervision.daybook.ports import Received, Standing
from assent.supervision.daybook.totals import BookRow, By, Total, add_up
from assent.supervision.ledger import (
    Bounds,
    Finding,
    FindingKind,
    check_drift,
    check_overruns,
    check_structuring,
)
from assent.vocabulary import format_count, format_instant

LATE_AFTER = timedelta(days=2)  # a day book is due each day


def check_rows(
    rows: Sequence[BookRow], flop_below: int | None, bounds: Bounds
) -> list[Finding]:
    """Return what is odd in the books of all gates together.

    Args:
        rows: all books.
        flop_below: from how much on a run needs a permit; None if nothing says so.
        bounds: from where on something is odd.

    """
    runs = add_up((row for row in rows if not row.is_exempt), By.RUN)
    overdrawn = {
        f"{row.book} at {row.site}": row.balances.accounts
        for row in rows
        if row.balances.available < 0
    }
    observed = {
        total.key: total.balances.accounts
        for total in add_up((row for row in rows if row.balances.observed), By.RUN)
    }
    found = [
        *_unknown(rows),
        *_beyond(runs),
        *check_overruns(overdrawn, []),
        *check_drift(observed, bounds),
        *_below_meters(rows),
    ]
    if flop_below is not None:
        found += _sliced(rows, flop_below, bounds)
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


def _unknown(rows: Iterable[BookRow]) -> Iterator[Finding]:
    for row in rows:
        if row.permit is None and not row.is_exempt:
            yield Finding(
                kind=FindingKind.UNKNOWN_PERMIT,
                about=row.book,
                words=f"{row.site} charges {format_count(row.flop)} FLOP to {row.book},"
                " which this agency did not grant.",
            )


def _beyond(runs: Iterable[Total]) -> Iterator[Finding]:
    for total in runs:
        if total.permits and total.flop > total.flop_permitted:
            yield Finding(
                kind=FindingKind.OVERRUN,
                about=total.key,
                words=f"{total.key} used or reserved {format_count(total.flop)} FLOP at"
                f" {', '.join(sorted(total.sites))}; its permits allow"
                f" {format_count(total.flop_permitted)}.",
            )


def _below_meters(rows: Iterable[BookRow]) -> Iterator[Finding]:
    for row in rows:
        metered = row.balances.metered
        if row.flop < metered:
            yield Finding(
                kind=FindingKind.BELOW_METERS,
                about=row.book,
                words=f"{row.site} charges {format_count(row.flop)} FLOP to {row.book},"
                f" and meters signed {format_count(metered)}.",
            )


def _sliced(
    rows: Iterable[BookRow], flop_below: int, bounds: Bounds
) -> Iterator[Finding]:
    """Yield groups with much below the threshold: many slices, or more in all."""
    slices: dict[str, list[int]] = {}
    sites: dict[str, set[str]] = {}
    for row in rows:
        if row.is_exempt:
            slices.setdefault(row.group, []).append(row.flop)
            sites.setdefault(row.group, set()).add(row.site)
    yield from check_structuring(slices, flop_below, bounds)
    for group, each in slices.items():
        if sum(each) >= flop_below:
            yield Finding(
                kind=FindingKind.STRUCTURING,
                about=group,
                words=f"{group} used or reserved {format_count(sum(each))} FLOP without"
                f" a permit at {', '.join(sorted(sites[group]))};"
                f" {format_count(flop_below)} need one.",
            )
