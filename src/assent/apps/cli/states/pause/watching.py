"""`assent pause status`: how far an order has reached, once or as it goes on.

agency's folder + number -> a table; with --watch it changes while gates acknowledge
"""

import sys
import time
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from assent.apps.cli.output.visible import visible
from assent.supervision.pause import (
    OrderAction,
    PauseOrder,
    Reach,
    issued_orders,
    read_reach,
)
from assent.vocabulary import NotFound, format_instant
from assent.wiring.agency import open_agency
from assent.wiring.pause import open_reach

MISSING_SHOWN_MAX = 20
REFRESH_S = 1.0
_MARKS_PPM = (500_000, 900_000, 990_000, 999_000, 1_000_000)


def status(folder: Path, number: int | None, *, watch: bool) -> None:
    """Show the reach of an order, until interrupted if it is watched.

    Raises:
        NotFound: if no such order was issued.

    """
    order = _order(folder, number)
    console = Console()
    with open_reach(folder) as store:
        if not watch:
            console.print(_shown(read_reach(store, order)))
            return
        try:
            with Live(console=console, auto_refresh=False) as live:
                while True:
                    live.update(_shown(read_reach(store, order)), refresh=True)
                    time.sleep(REFRESH_S)
        except KeyboardInterrupt:
            sys.stderr.write("Stopped watching; the order holds all the same.\n")


def _order(folder: Path, number: int | None) -> PauseOrder:
    with open_agency(folder) as agency:
        orders = issued_orders(agency.office)
    if not orders or (number is not None and number > len(orders)):
        raise NotFound(
            f"No order {'' if number is None else f'{number} '}was issued.",
            remedy="See `assent pause show`.",
        )
    return orders[-1 if number is None else number - 1]


def _show_jobs(table: Table, reach: Reach) -> None:
    """Add how many of the jobs have stopped that an order is to stop."""
    jobs = reach.stopped + reach.running
    table.add_row("stopped", f"{reach.stopped:,} of {jobs:,} jobs, by the gates' word")
    share = reach.stopped / jobs if jobs else reach.share
    table.add_row("", ProgressBar(total=1.0, completed=share, width=40))


def _shown(reach: Reach) -> Group:
    order = reach.order
    table = Table.grid(padding=(0, 2))
    table.add_row("order", Text(f"{order.number}, {order.action} {_words(reach)}"))
    table.add_row("drawn up", format_instant(order.issued))
    table.add_row(
        "acknowledged",
        f"{len(reach.acks):,} of {len(reach.gates):,} known gates ({reach.share:.1%})",
    )
    table.add_row("", ProgressBar(total=1.0, completed=reach.share, width=40))
    if order.action is not OrderAction.RESUME:
        _show_jobs(table, reach)
    for ppm in _MARKS_PPM:
        after_s = reach.time_to(order.issued, ppm)
        table.add_row(
            f"{ppm / 10_000:g} %",
            "not yet" if after_s is None else f"{after_s:,.1f} s after it was drawn up",
        )
    missing = reach.missing
    if missing:
        more = len(missing) - MISSING_SHOWN_MAX
        names = ", ".join(visible(name) for name in missing[:MISSING_SHOWN_MAX])
        tail = f" … and {more:,} more" if more > 0 else ""
        table.add_row("missing", Text(names + tail))
    if reach.false_oaths:
        names = ", ".join(visible(name) for name in sorted(reach.false_oaths))
        table.add_row("false", Text(f"{names} swore to what gates did not sign"))
    note = "An acknowledgement is the gate's word; power and telemetry must confirm it."
    return Group(table, Text(note, style="dim"))


def _words(reach: Reach) -> str:
    return visible(reach.order.scope.words)
