"""The commands of `assent agency` that keep it whole, their options and help.

argv -> `keeping`, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

keeping = typer.Typer()

AgencyFolder = Annotated[Path, typer.Argument(help="The agency's folder.")]


@keeping.command("status")
def agency_status(folder: AgencyFolder) -> None:
    """Show the treaty in force, the log, and how much there is to do."""
    from assent.apps.cli.agency import keeping as command

    command.status(folder)


@keeping.command("check")
def agency_check(folder: AgencyFolder) -> None:
    """Hold all cases against their chains, their cards and the public log."""
    from assent.apps.cli.agency import keeping as command

    command.check(folder)


@keeping.command("rebuild")
def agency_rebuild(folder: AgencyFolder) -> None:
    """Make the cards of all cases again from their events."""
    from assent.apps.cli.agency import keeping as command

    command.rebuild(folder)


@keeping.command("backup")
def agency_backup(
    folder: AgencyFolder,
    target: Annotated[Path, typer.Argument(help="A new folder; it holds secrets.")],
) -> None:
    """Copy cases, log, documents, trust and keys, while others work."""
    from assent.apps.cli.agency import keeping as command

    command.back_up(folder, target)


@keeping.command("restore")
def agency_restore(
    backup: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    folder: Annotated[Path, typer.Argument(help="A new folder for the agency.")],
    log: Annotated[
        str | None,
        typer.Option(
            help="The newest public files of the log, or a mirror's: a folder or URL."
        ),
    ] = None,
    without_log: Annotated[
        bool,
        typer.Option(
            "--without-log",
            help="Nobody has the log's public files: what the copy lacks stays unseen.",
        ),
    ] = False,
) -> None:
    """Make the agency again, if its cases have all that the public log confirms."""
    from assent.apps.cli.agency import keeping as command

    command.restore(backup, folder, log, without_log=without_log)
