"""`assent treaty` check and diff: what a treaty says, and what another changes.

treaty file + date -> tables; two treaty files -> sentences
"""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assent.adapters.files import read_text
from assent.authorisation.treaty import Treaty, parse_treaty
from assent.authorisation.treaty.changes import changes_between
from assent.authorisation.treaty.summary import TreatySummary, summarise
from assent.wiring import runs as wiring


def check(file: Path, on: date | None) -> None:
    """Print what a treaty says on a date.

    Raises:
        DocumentInvalid, DocumentTooLarge, TreatyInvalid: if it is no treaty.

    """
    show_summary(Console(), summarise(_read(file), on or wiring.today()))


def show_summary(console: Console, summary: TreatySummary) -> None:
    """Print a summary: whoever signs a treaty sees it first."""
    console.print(Text(f"{summary.title}, version {summary.version}", "bold"))
    console.print(Text(f"agency {summary.agency}\n{summary.digest}"))
    parties = _table("party", "name", f"on {summary.on}", "reservations")
    for party in summary.parties:
        parties.add_row(
            Text(party.code),
            Text(party.title),
            party.standing.value,
            Text("\n".join(party.reservations)),
        )
    organs = _table("organ", "enough to approve", "enough to block")
    for organ in summary.organs:
        organs.add_row(Text(organ.title), Text(organ.approve), Text(organ.block or "–"))
    matters = _table("matter", "decided by", "terms", "without a vote")
    for matter in summary.matters:
        matters.add_row(
            matter.matter.value,
            Text(matter.decided_by),
            Text("\n".join(matter.terms)),
            Text("\n".join(matter.without_vote)),
        )
    for table in (parties, organs, matters):
        console.print(table)
    for matter_forbidden in summary.forbidden:
        console.print(
            Text(f"Nobody may decide on {matter_forbidden}: it is forbidden.")
        )
    for recognition in summary.recognitions:
        console.print(Text(f"Permits of another agency count: {recognition}."))
    for warning in summary.warnings:
        console.print(Text(f"WARNING: {warning}", "yellow"))


def show_changes(old: Path, new: Path) -> None:
    """Print every difference between two treaties."""
    before, after = _read(old), _read(new)
    console = Console()
    for text in (
        f"from  version {before.version}, {before.digest}",
        f"to    version {after.version}, {after.digest}",
        *(changes_between(before, after) or ("Nothing changes.",)),
    ):
        console.print(Text(text), soft_wrap=True)


def _table(*headers: str) -> Table:
    table = Table()
    for header in headers:
        table.add_column(header, overflow="fold")  # whoever signs sees every letter
    return table


def _read(file: Path) -> Treaty:
    return parse_treaty(read_text(file))
