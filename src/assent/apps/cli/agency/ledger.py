"""`assent ledger take`, `show`, `check`, `verify`.

day books -> what became of each;  the agency's ledger -> totals and findings
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from assent.adapters.files import read_bytes
from assent.adapters.translog.folder import read_policy
from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.output.visible import visible
from assent.supervision.daybook import (
    DAY_BYTES_MAX,
    By,
    Total,
    parse_day,
    verify_logged,
    verify_signed,
    verify_whole,
)
from assent.translog.entry import parse_entry
from assent.translog.formats.proof import PROOF_BYTES_MAX
from assent.translog.verify import verify_proof
from assent.vocabulary import AssentError, format_count
from assent.vocabulary.envelope import parse_public_key
from assent.wiring.agency import now
from assent.wiring.ledger import OpenLedger, open_agency_ledger

_COLUMNS = ("permitted", "allotted", "reserved", "spent", "metered", "observed")


def take(folder: Path, files: Sequence[Path]) -> None:
    """Take day books, and publish their heads.

    Raises:
        AssentError: of the last file that was not believed, after all others are taken.

    """
    refused: AssentError | None = None
    with open_agency_ledger(folder) as opened:
        for file in files:
            try:
                for taken in opened.desk.take(read_bytes(file, DAY_BYTES_MAX), now()):
                    at = "" if taken.index is None else f" (entry {taken.index})"
                    show(
                        f"{taken.head.words}: {taken.outcome}{at}. {taken.why}".strip()
                    )
            except AssentError as error:
                if refused is not None:
                    tell(f"error: {refused.message}")
                refused = error
        opened.agency.office.records.publish(int(now().timestamp()))
    if refused is not None:
        raise refused


def show_totals(folder: Path, by: str, *, as_json: bool) -> None:
    """Show totals, and what is odd."""
    with open_agency_ledger(folder) as opened:
        time = now()
        books = opened.books(time)
        totals = books.totals(By(by))
        findings = opened.findings(books, time)
    if as_json:
        said = {
            "by": by,
            "totals": [_plain(total) for total in totals],
            "findings": [
                {"kind": one.kind.value, "about": one.about, "words": one.words}
                for one in findings
            ],
        }
        sys.stdout.write(f"{json.dumps(said, indent=1)}\n")
        return
    console = Console()
    table = Table(by, *_COLUMNS, "sites")
    for total in totals:
        figures = (_signed(_figures(total)[name]) for name in _COLUMNS)
        sites = ", ".join(sorted(total.sites))
        table.add_row(Text(visible(total.key)), *figures, Text(visible(sites)))
    console.print(table)
    for found in findings:
        words = f"Look at this: {visible(found.words)}"
        console.print(words, soft_wrap=True, markup=False)


def check(folder: Path) -> None:
    """Hold day books against the log, and make the balances again of them.

    Raises:
        DayBookNotAsLogged: if one is not as it was logged.
        AssentError: of another kind, if one is damaged, or contradicts the ledger.

    """
    with open_agency_ledger(folder) as opened:
        count = opened.audit()
        for _ in track(
            opened.desk.take_again(),
            total=count,
            description="day books",
            console=Console(stderr=True),
        ):
            pass
        _count_again(opened)
    show(f"{count:,} day books are as they were logged, and the balances are theirs.")


def _count_again(opened: OpenLedger) -> None:
    with opened.ledger.reading() as books:
        books.count_again()


def verify(file: Path, key: str, proof: Path, policy: Path) -> None:
    """Verify a day book offline.

    Raises:
        DayBookMalformed, DayBookRefused, SignatureInvalid: if it is not believed.
        AssentError: of another kind, if the proof is none.

    """
    day = parse_day(read_bytes(file, DAY_BYTES_MAX))
    head = day.head
    verify_signed(head, day.envelope, {head.gate: parse_public_key(key)})
    entries = verify_whole(day, now())
    shown = verify_proof(read_bytes(proof, PROOF_BYTES_MAX), read_policy(policy))
    verify_logged(head, [parse_entry(shown.entry)])
    show(
        f"The {head.words} is whole, with {len(entries):,} entries; its key signed it,"
        f" and entry {shown.index} of {shown.head.origin} holds its head.",
        "This does not show that what it says is true.",
    )


def _figures(total: Total) -> dict[str, int]:
    balances = total.balances
    return {
        "permitted": total.flop_permitted,
        "allotted": total.flop_allotted,
        "reserved": balances.reserved,
        "spent": balances.spent,
        "metered": balances.metered,
        "observed": balances.observed,
    }


def _plain(total: Total) -> dict[str, Any]:
    figures = {name: str(flop) for name, flop in _figures(total).items()}
    permits = sorted(total.permits)
    return {
        "key": total.key,
        **figures,
        "permits": permits,
        "sites": sorted(total.sites),
    }


def _signed(flop: int) -> str:
    return f"-{format_count(-flop)}" if flop < 0 else format_count(flop)
