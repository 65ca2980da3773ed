"""The commands of `assent ledger`, their options and help.

argv -> `ledger`, imported late
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assent.apps.cli.agency.keeping_app import AgencyFolder

ledger = typer.Typer(
    help="What all gates report: taken once, held against the public log, added up.",
    no_args_is_help=True,
)
Grouping = Literal["run", "developer", "owner", "site", "party"]


@ledger.command("take")
def ledger_take(
    folder: AgencyFolder,
    files: Annotated[
        list[Path], typer.Argument(help="Day books that gates wrote, in any order.")
    ],
) -> None:
    """Take day books: verify each, count it once, put its head into the public log.

    What a gate signed and contradicts itself is kept as evidence, and never counted.
    """
    from assent.apps.cli.agency import ledger as command

    command.take(folder, files)


@ledger.command("show")
def ledger_show(
    folder: AgencyFolder,
    by: Annotated[Grouping, typer.Option(help="What is added up.")] = "run",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was permitted, reserved and spent, by meters and by telemetry."""
    from assent.apps.cli.agency import ledger as command

    command.show_totals(folder, by, as_json=as_json)


@ledger.command("check")
def ledger_check(folder: AgencyFolder) -> None:
    """Hold all day books against the public log, and the balances against them."""
    from assent.apps.cli.agency import ledger as command

    command.check(folder)


@ledger.command("verify")
def ledger_verify(
    file: Annotated[Path, typer.Argument(help="A day book.", dir_okay=False)],
    key: Annotated[str, typer.Option(help="The gate's key, 64 hexadecimal digits.")],
    proof: Annotated[
        Path, typer.Option(help="The proof of its entry in the log.", dir_okay=False)
    ],
    policy: Annotated[
        Path, typer.Option(help="Whom to believe: logs, witnesses, quorum.")
    ],
) -> None:
    """Verify offline that a day book is whole, the gate's, and as it was logged."""
    from assent.apps.cli.agency import ledger as command

    command.verify(file, key, proof, policy)
