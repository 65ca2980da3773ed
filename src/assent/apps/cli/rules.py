"""`assent rules`: list, show, compare and validate instruments.

rulebook + date -> tables
"""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assent.adapters.packaged import rulebook_in
from assent.apps.cli.output.summary import show_number
from assent.rulebook import Rule, diff, standing_on
from assent.wiring import runs as wiring


def show_all(rulebook_name: str, on: date | None) -> None:
    """Print one row for each instrument."""
    rulebook = wiring.load_rulebook_named(rulebook_name)
    on = on or wiring.today()
    table = Table("id", "title", "jurisdiction", "kind", f"standing on {on}", "mark")
    for instrument in rulebook.instruments:
        standings = dict.fromkeys(
            standing_on(instrument, rule, on).text for rule in instrument.rules
        )
        table.add_row(
            Text(instrument.id),
            Text(instrument.title),
            Text(instrument.jurisdiction),
            instrument.kind.value,
            "; ".join(standings),
            instrument.mark.value,
        )
    console = Console()
    console.print(table)
    console.print(f"{rulebook.title}\n{rulebook.hash}", highlight=False, markup=False)
    console.print(
        "mark: read = in the primary text; secondary = in a document about it; memory ="
        " not looked up; illustrative = the text gives no number",
        style="dim",
        highlight=False,
    )


def show(rulebook_name: str, instrument_id: str, on: date | None) -> None:
    """Print one instrument whole."""
    rulebook = wiring.load_rulebook_named(rulebook_name)
    on = on or wiring.today()
    instrument = rulebook.instrument(instrument_id)
    console = Console()
    console.rule(Text(instrument.title))
    for label, value in [
        ("jurisdiction", instrument.jurisdiction),
        ("kind", f"{instrument.kind.value}, {instrument.status.value}"),
        ("cited", f"{instrument.citation.text} <{instrument.citation.url}>"),
        ("mark", instrument.mark.value),
        ("counting profile", instrument.counting),
        ("note", instrument.note),
    ]:
        if value:
            console.print(Text(f"{label:>17}: {value}"))
    if instrument.rule_values:
        table = Table("number", f"on {on}", "unit", "since", "pinpoint", "mark")
        for found in (number.on(on) for number in instrument.rule_values):
            table.add_row(
                Text(found.title),
                show_number(found.value),
                found.unit.value,
                str(found.since),
                Text(found.pinpoint),
                found.mark.value,
            )
        console.print(table)
    for rule in instrument.rules:
        standing = standing_on(instrument, rule, on).text
        console.print(Text(f"\n{rule.pinpoint}: {rule.title} ({standing})", "bold"))
        console.print(Padding(_rule(rule), (0, 0, 0, 4)))


def show_diff(rulebook_name: str, before: date, after: date) -> None:
    """Print what changed between two dates."""
    rulebook = wiring.load_rulebook_named(rulebook_name)
    console = Console()
    changes = diff(rulebook, before, after)
    for change in changes:
        console.print(Text(f"{change.instrument_id}: {change.text}"))
    if not changes:
        console.print(f"Nothing changed from {before} to {after}.", highlight=False)


def check(folder: Path) -> None:
    """Load a folder of instruments, which refuses what is unsound."""
    rulebook = rulebook_in(folder)
    rules = sum(1 for _ in rulebook.rules)
    Console().print(
        f"{len(rulebook.instruments)} instruments, {rules} rules: sound."
        f"\n{rulebook.hash}",
        highlight=False,
        markup=False,
    )


def _rule(rule: Rule) -> Text:
    text = Text(f"when {' '.join(rule.when.split())}\n")
    for exemption in rule.exemptions:
        text.append(
            f"unless {exemption.title}: {exemption.when} "
            f"({exemption.pinpoint}, {exemption.mark.value})\n"
        )
    for asked in rule.obligations:
        text.append(
            f"• {asked.who}: {asked.what} By: {asked.deadline.text}"
            f" ({asked.pinpoint}, {asked.mark.value})\n"
        )
    text.rstrip()
    return text
