"""The commands of `assent lease`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.permit.app import Agency, At, Json, Out, PermitId, Root, StatusFile

lease = typer.Typer(
    help="Renew leases, by which jobs run, and verify them.", no_args_is_help=True
)


@lease.command("renew")
def lease_renew(
    agency: Agency,
    permit_id: PermitId,
    site: Annotated[str, typer.Option(help="The site that it is for.")],
    out: Out,
    flop: Annotated[
        str,
        typer.Option(
            help="What the run may have used at the site in all, such as 2e25; by"
            " default an equal share of what is unlocked."
        ),
    ] = "",
) -> None:
    """Write the next lease of a permit for a site, while the permit is in force."""
    from assent.apps.cli.permit import handing_out as command

    command.renew(agency, permit_id, site, out, flop)


@lease.command("verify")
def lease_verify(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: Annotated[Path, typer.Argument(help="A lease's file.")],
    permit: Annotated[Path, typer.Option(help="The file of its permit.")],
    root: Root,
    site: Annotated[str, typer.Option(help="Where the jobs are to run.")],
    status: StatusFile = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Verify offline that jobs may start at a site now."""
    from assent.apps.cli.permit import verifying as command
    from assent.apps.cli.permit.recipe import Shown

    shown = Shown(file=permit, root=root, status=status)
    given = command.LeaseShown(lease=file, permit=shown, site=site)
    command.verify_a_lease(given, at, as_json=as_json)
