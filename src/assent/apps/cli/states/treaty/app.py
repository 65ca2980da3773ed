"""The commands of `assent treaty`, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

treaty = typer.Typer(help="Write, read and compare treaties.", no_args_is_help=True)

TreatyFile = Annotated[Path, typer.Argument(help="A treaty (YAML or JSON).")]
NewFile = Annotated[
    Path | None, typer.Option(help="Write here instead of printing.", dir_okay=False)
]


@treaty.command("new")
def treaty_new(
    national: Annotated[
        bool, typer.Option("--national", help="For one state alone.")
    ] = False,
    agency: Annotated[
        str, typer.Option(help="Whose decisions these are, by a domain name.")
    ] = "agency.example",
    title: Annotated[str, typer.Option(help="What it is called.")] = "Our treaty",
    year: Annotated[
        int | None, typer.Option(help="The first of its calendar (this year).")
    ] = None,
    out: NewFile = None,
) -> None:
    """Print a commented treaty to fill in. It holds no key, so it decides nothing."""
    from assent.apps.cli.states.treaty import writing as command

    command.new(agency, title, year, out, is_national=national)


@treaty.command("calendar")
def treaty_calendar(
    country: Annotated[str, typer.Argument(help="A code such as KE or KEN.")],
    year: Annotated[int, typer.Argument(help="The first year.")],
    years: Annotated[int, typer.Option(help="How many years.")] = 1,
) -> None:
    """Print a treaty's `calendar:` block with a country's public holidays.

    The dates come from the Python library holidays; check each. The text of the treaty
    decides, not the library.
    """
    from assent.apps.cli.states.treaty import writing as command

    command.calendar(country, year, years)


@treaty.command("bytes")
def treaty_bytes(
    file: TreatyFile,
    out: Annotated[Path, typer.Option(help="Write the bytes here.", dir_okay=False)],
) -> None:
    """Write the canonical bytes of a treaty, which the states sign."""
    from assent.apps.cli.states.treaty import writing as command

    command.write_canonical(file, out)


@treaty.command("check")
def treaty_check(
    file: TreatyFile,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="As it stands then (today)."),
    ] = None,
) -> None:
    """Show in words what a treaty says, or what is wrong with it."""
    from assent.apps.cli.states.treaty import reading as command

    command.check(file, on.date() if on else None)


@treaty.command("diff")
def treaty_diff(
    old: Annotated[Path, typer.Argument(help="The version in force.")],
    new: Annotated[Path, typer.Argument(help="The version proposed.")],
) -> None:
    """Show every difference between two versions: read it before you sign."""
    from assent.apps.cli.states.treaty import reading as command

    command.show_changes(old, new)
