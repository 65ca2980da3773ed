"""The commands of `assent gate`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.gate.kubernetes_app import kubernetes
from assent.apps.cli.gate.slurm_app import slurm

gate = typer.Typer(
    help="Start no job without a permit: the gate beside a scheduler.",
    no_args_is_help=True,
)
gate.add_typer(slurm, name="slurm")
gate.add_typer(kubernetes, name="kubernetes")
Folder = Annotated[Path, typer.Argument(help="The gate's folder.")]
Socket = Annotated[
    Path | None, typer.Option(help="The gate's socket; by default in its folder.")
]
JobId = Annotated[str, typer.Argument(help="The job, as the scheduler calls it.")]
Account = Annotated[str, typer.Option(help="Whose job it is, as in owners.yaml.")]
Permit = Annotated[str, typer.Option(help="The permit; none if the job needs none.")]
Chips = Annotated[
    list[str] | None, typer.Option(help="Accelerators, as KIND=COUNT; repeatable.")
]
TimeLimit = Annotated[str, typer.Option(help="The time limit: 90, 30m, 12h or 2d.")]
Request = Annotated[
    str, typer.Option(help="The inspector's request that the job is an evaluation by.")
]
FlopMax = Annotated[
    str, typer.Option(help="Stop the job at so many FLOP; it has to be metered.")
]


@gate.command("init")
def gate_init(
    folder: Folder,
    site: Annotated[str, typer.Option(help="The site, as permits call it.")],
    party: Annotated[str, typer.Option(help="The state on whose ground it stands.")],
    root: Annotated[Path, typer.Option(help="The agency's root of trust.")],
    rulebook: Annotated[
        str, typer.Option(help="world, practice, or a folder of instruments.")
    ] = "world",
) -> None:
    """Make a gate: settings, a register of owners to fill in, and empty books."""
    from assent.apps.cli.gate import keeping as command

    command.init(folder, site, party, root, rulebook)


@gate.command("fetch")
def gate_fetch(
    folder: Folder,
    public: Annotated[Path, typer.Argument(help="The agency's public folder.")],
    trust: Annotated[
        Path | None,
        typer.Option(help="The folder of the states' metadata: pause orders need it."),
    ] = None,
) -> None:
    """Copy the agency's newest permits, leases and status list; take its tally."""
    from assent.apps.cli.gate import keeping as command

    command.fetch(folder, public, trust)


@gate.command("request")
def gate_request(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="An inspector's signed request.")],
) -> None:
    """Put a request for an evaluation job among the gate's papers."""
    from assent.apps.cli.gate import keeping as command

    command.take_request(folder, file)


@gate.command("tally")
def gate_tally(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="The agency's tally for this gate.")],
) -> None:
    """Take what the agency tells: what owners here used elsewhere without permits."""
    from assent.apps.cli.gate import keeping as command

    command.take_a_tally(folder, file)


@gate.command("key")
def gate_key(folder: Folder) -> None:
    """Print the gate's public key, for `assent pause gate`."""
    from assent.apps.cli.gate import keeping as command

    command.show_key(folder)


@gate.command("serve")
def gate_serve(
    folder: Folder,
    socket: Socket = None,
    feed: Annotated[
        str | None, typer.Option(help="The agency's feed of pause orders, to follow.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The gate's name at the agency, to acknowledge.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="Let orders be posted to HOST:PORT too.")
    ] = None,
) -> None:
    """Answer schedulers and jobs on a Unix socket, until interrupted."""
    from assent.apps.cli.gate import keeping as command

    command.serve_gate(folder, socket, feed, name, listen)


@gate.command("status")
def gate_status(
    folder: Folder,
    socket: Socket = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the jobs that run, and what every run has used here."""
    from assent.apps.cli.gate import asking as command

    command.status(folder, socket, as_json=as_json)


@gate.command("check")
def gate_check(  # noqa: PLR0913, PLR0917 - one argument for each option
    folder: Folder,
    job_id: JobId,
    account: Account,
    time_limit: TimeLimit,
    permit: Permit = "",
    chips: Chips = None,
    flop_max: FlopMax = "",
    request: Request = "",
    socket: Socket = None,
) -> None:
    """Say whether a job could start now, and what it would be charged."""
    from assent.apps.cli.gate import asking as command

    asked = command.Asked(
        job_id, account, time_limit, permit, chips or [], flop_max, request
    )
    command.check(folder, socket, asked)


@gate.command("admit")
def gate_admit(  # noqa: PLR0913, PLR0917 - one argument for each option
    folder: Folder,
    job_id: JobId,
    account: Account,
    time_limit: TimeLimit,
    permit: Permit = "",
    chips: Chips = None,
    flop_max: FlopMax = "",
    request: Request = "",
    socket: Socket = None,
) -> None:
    """Admit a job and reserve what it is charged: what a scheduler's prolog calls."""
    from assent.apps.cli.gate import asking as command

    asked = command.Asked(
        job_id, account, time_limit, permit, chips or [], flop_max, request
    )
    command.admit(folder, socket, asked)


@gate.command("end")
def gate_end(folder: Folder, job_id: JobId, socket: Socket = None) -> None:
    """Settle a job that ended: what a scheduler's epilog calls."""
    from assent.apps.cli.gate import asking as command

    command.end(folder, socket, job_id)


@gate.command("correct")
def gate_correct(
    folder: Folder,
    entry: Annotated[str, typer.Argument(help="settle/JOB, or observe/SOURCE.")],
    flop: Annotated[str, typer.Option(help="What it should say.")],
    reason: Annotated[str, typer.Option(help="Why; it goes to the agency.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
) -> None:
    """Charge a job another number of FLOP, by an entry that erases nothing."""
    from assent.apps.cli.gate import reporting as command

    command.correct(folder, entry, flop, reason, by)


@gate.command("report")
def gate_report(
    folder: Folder,
    name: Annotated[str, typer.Option(help="The gate's name at the agency.")],
    send: Annotated[
        str | None,
        typer.Option(help="The agency's feed: send what it does not have yet."),
    ] = None,
) -> None:
    """Close the day: sign the books, and write what to send to the agency."""
    from assent.apps.cli.gate import reporting as command

    command.report_day(folder, name, send)


@gate.command(
    "run", context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
def gate_run(  # noqa: PLR0913, PLR0917 - one argument for each option
    context: typer.Context,
    folder: Folder,
    account: Account,
    time_limit: TimeLimit,
    permit: Permit = "",
    chips: Chips = None,
    flop_max: FlopMax = "",
    request: Request = "",
    job_id: Annotated[str, typer.Option(help="A name; by default a new one.")] = "",
    socket: Socket = None,
) -> None:
    """Run a command under the gate: `assent gate run FOLDER … -- torchrun train.py`."""
    from assent.apps.cli.gate import running as command

    asked = command.Asked(
        job_id, account, time_limit, permit, chips or [], flop_max, request
    )
    raise typer.Exit(command.run(folder, socket, asked, context.args))
