"""The commands of `assent witness`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

witness = typer.Typer(
    help="Cosign the tree heads of logs that rewrite nothing.", no_args_is_help=True
)

WitnessFolder = Annotated[Path, typer.Argument(help="The witness's folder.")]


@witness.command("init")
def witness_init(
    folder: WitnessFolder,
    name: Annotated[
        str, typer.Option(help="What it is called: ministry.example/witness.")
    ],
    algorithm: Annotated[
        list[str] | None, typer.Option(help="ml-dsa-44 or ed25519. Repeatable.")
    ] = None,
) -> None:
    """Make a witness; its verifier keys come out."""
    from assent.apps.cli.log import serving as command

    command.init_witness(folder, name, algorithm or ["ml-dsa-44"])


@witness.command("trust")
def witness_trust(
    folder: WitnessFolder,
    keys: Annotated[list[str], typer.Argument(help="Verifier keys of logs.")],
) -> None:
    """Follow logs by their verifier keys, from now on."""
    from assent.apps.cli.log import serving as command

    command.trust(folder, keys)


@witness.command("untrust")
def witness_untrust(
    folder: WitnessFolder,
    origin: Annotated[str, typer.Argument(help="The log's origin.")],
) -> None:
    """Follow a log no longer; what was cosigned is not forgotten."""
    from assent.apps.cli.log import serving as command

    command.untrust(folder, origin)


@witness.command("show")
def witness_show(
    folder: WitnessFolder,
    export: Annotated[
        Path | None,
        typer.Option(help="Write what was kept against logs into this folder."),
    ] = None,
) -> None:
    """Show the logs that are followed, and what was kept against them."""
    from assent.apps.cli.log import serving as command

    command.show_witness(folder, export)


@witness.command("run")
def witness_run(
    folder: WitnessFolder,
    listen: Annotated[str, typer.Option(help="HOST:PORT.")] = "127.0.0.1:8781",
) -> None:
    """Cosign tree heads over HTTP until interrupted (C2SP tlog-witness)."""
    from assent.apps.cli.log import serving as command

    command.run_witness(folder, listen)
