"""The command of `assent measure`, its options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from typing import Annotated, Literal

import typer

from assent.apps.cli.permit.app import Agency, Out, PermitId

measure = typer.Typer(
    help="Put a change of a permit to the vote; then go on with `assent vote`.",
    no_args_is_help=True,
)

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
MatterName = Literal[
    "variation", "suspension", "emergency-suspension", "reinstatement", "revocation"
]


@measure.callback()
def _measure() -> None:
    """Put a change of a permit to the vote; then go on with `assent vote`."""


@measure.command("propose")
def measure_propose(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    permit_id: PermitId,
    matter: Annotated[MatterName, typer.Option(help="What is to be done.")],
    reason: Annotated[str, typer.Option(help="Why, in words for the public.")],
    actor: Annotated[str, typer.Option("--as", help="Who proposes it.")],
    out: Out,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="MEMBER=REASON: stands aside. Repeatable."),
    ] = None,
    flop: Annotated[str | None, typer.Option(help="The new cap: 4e25.")] = None,
    weights: Annotated[str | None, typer.Option(help="The new cap: 405e9.")] = None,
    chip: Annotated[
        list[str] | None,
        typer.Option(help="KIND=COUNT: replaces all chips. Repeatable."),
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Replaces all sites. Repeatable.")
    ] = None,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", formats=_TIMES, help="From when, in UTC."),
    ] = None,
    ends: Annotated[
        datetime | None,
        typer.Option("--to", formats=_TIMES, help="Until when, in UTC."),
    ] = None,
) -> None:
    """Put a variation, a suspension, its end or a revocation to the vote.

    What a variation does not name stays as it is. Members vote on the measure's case.
    """
    from assent.apps.cli.permit import proposing as command
    from assent.apps.cli.permit.capping import CapsChange

    changes = CapsChange(
        flop=flop,
        weights=weights,
        chips=tuple(chip or ()),
        sites=tuple(site or ()),
        not_before=begins,
        not_after=ends,
    )
    motion = command.Moved(
        matter=matter, reason=reason, exclude=tuple(exclude or ()), changes=changes
    )
    command.propose(agency, permit_id, motion, actor, out)
