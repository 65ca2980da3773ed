"""The commands of `assent permit`, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

permit = typer.Typer(
    help="Verify permits offline, hand them out, keep them fresh.", no_args_is_help=True
)

PermitFile = Annotated[Path, typer.Argument(help="A permit's file.")]
Agency = Annotated[Path, typer.Argument(help="The agency's folder.")]
PermitId = Annotated[str, typer.Argument(help="The permit: permit-2026-0001.")]
Root = Annotated[
    Path, typer.Option(help="The root that you trust, by a channel you believe.")
]
Out = Annotated[Path, typer.Option(help="Write it here.", dir_okay=False)]
At = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%SZ"], help="As if it were then, in UTC (now)."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
StatusFile = Annotated[
    Path | None, typer.Option(help="A newer signed status list than the file's.")
]


@permit.command("verify")
def permit_verify(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: PermitFile,
    root: Root,
    status: StatusFile = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Remember here what was seen, and accept nothing older from then on."
        ),
    ] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Verify a permit offline, step by step, and say what that does not show."""
    from assent.apps.cli.permit import verifying as command
    from assent.apps.cli.permit.recipe import Shown

    shown = Shown(file=file, root=root, status=status, state=state)
    command.verify(shown, at, as_json=as_json)


@permit.command("show")
def permit_show(file: PermitFile) -> None:
    """Show what a permit's file says, without verifying it."""
    from assent.apps.cli.permit import verifying as command

    command.show_contents(file)


@permit.command("refresh")
def permit_refresh(
    file: PermitFile,
    source: Annotated[
        str,
        typer.Option("--from", help="The agency's published files: a folder or a URL."),
    ],
    out: Out,
    root: Annotated[
        Path | None, typer.Option(help="Verify the fresh file by this root first.")
    ] = None,
) -> None:
    """Take the newest status list and trust metadata into a permit's file."""
    from assent.apps.cli.permit import refreshing as command

    command.refresh(file, source, out, root)


@permit.command("bundle")
def permit_bundle(agency: Agency, permit_id: PermitId, out: Out) -> None:
    """Write a permit's file, with everything that proves it, for its developer."""
    from assent.apps.cli.permit import handing_out as command

    command.bundle(agency, permit_id, out)


@permit.command("status")
def permit_status(agency: Agency, out: Out) -> None:
    """Write the signed status list of all permits as they stand now."""
    from assent.apps.cli.permit import handing_out as command

    command.status(agency, out)


@permit.command("exhaust")
def permit_exhaust(
    agency: Agency,
    permit_id: PermitId,
    actor: Annotated[str, typer.Option("--as", help="Who records it.")],
) -> None:
    """Record that a run has used up its permit. That cannot be taken back."""
    from assent.apps.cli.permit import handing_out as command

    command.exhaust(agency, permit_id, actor)
