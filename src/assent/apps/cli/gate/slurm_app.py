"""The commands of `assent gate slurm`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

slurm = typer.Typer(help="Let Slurm ask the gate.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="The gate's folder.")]
Socket = Annotated[
    Path | None, typer.Option(help="The gate's socket; by default in its folder.")
]
_CONF = Path("/etc/slurm/slurm.conf")


@slurm.command("install")
def slurm_install(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Where the hooks are to lie.")],
    slurm_conf: Annotated[Path, typer.Option(help="Slurm's own settings.")] = _CONF,
    socket: Socket = None,
) -> None:
    """Write job_submit.lua, the prolog and epilog, and the lines for slurm.conf."""
    from assent.apps.cli.gate import slurm as command

    command.install(folder, socket, out, slurm_conf)


@slurm.command("watch")
def slurm_watch(
    folder: Folder,
    cluster: Annotated[str, typer.Option(help="As ClusterName in slurm.conf.")],
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 5.0,
    socket: Socket = None,
) -> None:
    """Stop jobs that have to stop, and those that were never admitted."""
    from assent.apps.cli.gate import slurm as command

    command.watch(folder, socket, cluster, every)
