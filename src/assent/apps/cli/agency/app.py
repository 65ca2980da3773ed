"""The commands of `assent agency` that make one and do its work; help and options.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.agency.keeping_app import AgencyFolder, keeping

agency = typer.Typer(
    help="Found an agency, do its daily work, and keep it whole.", no_args_is_help=True
)
agency.add_typer(keeping)

Targets = Annotated[
    Path, typer.Option(help="The targets that the states signed.", dir_okay=False)
]
TreatyBytes = Annotated[
    Path, typer.Option(help="What `assent treaty bytes` wrote.", dir_okay=False)
]


@agency.command("prepare")
def agency_prepare(  # noqa: PLR0913, PLR0917 - one argument for each option
    folder: Annotated[Path, typer.Argument(help="A new folder for the agency.")],
    name: Annotated[
        str, typer.Option("--agency", help="What the treaty calls it: agency.example")
    ],
    origin: Annotated[
        str, typer.Option(help="What its log is called: agency.example/log")
    ],
    witnesses: Annotated[
        Path | None,
        typer.Option(help="Lines of a policy: witness, group and quorum."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="The review policy: founding, practice, or a file.")
    ] = "founding",
    rulebook: Annotated[
        str, typer.Option(help="world, practice, or a folder of instruments.")
    ] = "world",
) -> None:
    """Make the machines' keys and the log; print what the treaty must say of them."""
    from assent.apps.cli.agency import founding as command

    command.prepare(folder, name, origin, witnesses, policy, rulebook)


@agency.command("found")
def agency_found(
    folder: Annotated[Path, typer.Argument(help="The folder that was prepared.")],
    root: Annotated[Path, typer.Option(help="The first root, signed.", dir_okay=False)],
    targets: Targets,
    treaty: TreatyBytes,
) -> None:
    """Found the agency on what the states signed."""
    from assent.apps.cli.agency import founding as command

    command.found(folder, root, targets, treaty)


@agency.command("amend")
def agency_amend(
    folder: AgencyFolder,
    targets: Targets,
    treaty: TreatyBytes,
    root: Annotated[
        Path | None, typer.Option(help="The next root, signed.", dir_okay=False)
    ] = None,
) -> None:
    """Put a new version of the treaty in force, and a next root if there is one."""
    from assent.apps.cli.agency import founding as command

    command.amend(folder, root, targets, treaty)


@agency.command("new-keys")
def agency_new_keys(folder: AgencyFolder) -> None:
    """Make new keys for the machines; they count once a treaty and a root name them."""
    from assent.apps.cli.agency import founding as command

    command.new_keys(folder)


@agency.command("rehearse")
def agency_rehearse(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    states: Annotated[int, typer.Option(min=1, max=9, help="How many states.")] = 5,
    needed: Annotated[
        int | None,
        typer.Option(min=1, help="How many of them decide (more than half)."),
    ] = None,
) -> None:
    """Make a whole agency for practice, with everybody's keys in plain sight."""
    from assent.apps.cli.agency import founding as command

    command.rehearse_in(folder, states, states // 2 + 1 if needed is None else needed)


@agency.command("queue")
def agency_queue(
    folder: AgencyFolder,
    kind: Annotated[
        str | None,
        typer.Option(
            help="application, consultation, interest, measure, notice, pause or"
            " permit."
        ),
    ] = None,
    waiting_for: Annotated[
        str | None,
        typer.Option(help="applicant, officer, members, agency or nobody."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what waits for nobody.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List cases by their deadlines, what is overdue first; in a pipe, tabbed."""
    from assent.apps.cli.agency import cases as command

    command.queue(folder, kind, waiting_for, everything=everything, as_json=as_json)


@agency.command("show")
def agency_show(
    folder: AgencyFolder,
    case: Annotated[str, typer.Argument(help="Such as application-2026-0001.")],
) -> None:
    """Show what happened in a case, event by event, and how a vote stands."""
    from assent.apps.cli.agency import cases as command

    command.show(folder, case)


@agency.command("work")
def agency_work(
    folder: AgencyFolder,
    watch: Annotated[
        float | None,
        typer.Option(min=1, help="Go on, with so many seconds between rounds."),
    ] = None,
) -> None:
    """Close votes, end permits, announce decisions, write what is public."""
    from assent.apps.cli.agency import working as command

    if watch is None:
        command.work_in(folder)
    else:
        command.watch(folder, watch)
