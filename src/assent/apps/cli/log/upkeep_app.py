"""The commands of `assent log` that keep it whole, their options and help.

argv -> `upkeep`, imported late
"""
# and a command's imports wait until it is called

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.log.arguments import LogFolder, Place, PolicyFile

upkeep = typer.Typer()


@upkeep.command("rebuild")
def log_rebuild(folder: LogFolder) -> None:
    """Make every public file again from the database."""
    from assent.apps.cli.log import upkeep as command

    command.rebuild(folder)


@upkeep.command("fsck")
def log_fsck(
    folder: LogFolder,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended.")
    ] = False,
) -> None:
    """Check the database, what was signed, and every public file."""
    from assent.apps.cli.log import upkeep as command

    command.fsck(folder, repair=repair)


@upkeep.command("backup")
def log_backup(
    folder: LogFolder,
    file: Annotated[Path, typer.Argument(help="The copy; nothing is there yet.")],
) -> None:
    """Copy the database whole, while others append."""
    from assent.apps.cli.log import upkeep as command

    command.back_up(folder, file)


@upkeep.command("catch-up")
def log_catch_up(folder: LogFolder, source: Place) -> None:
    """Add what is public, or in a mirror, and a restored database lacks."""
    from assent.apps.cli.log import upkeep as command

    command.catch_up(folder, source)


@upkeep.command("audit")
def log_audit(source: Place, policy: PolicyFile) -> None:
    """Fetch all of a log, and check every entry and tile of it."""
    from assent.apps.cli.log import upkeep as command

    command.audit(source, policy)
