"""The commands of `assent oversight`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assent.apps.cli.permit.app import Agency, Out, PermitId

oversight = typer.Typer(
    help="See where a run stands; report evaluations where it stops.",
    no_args_is_help=True,
)
PassphraseFile = Annotated[
    Path | None, typer.Option(help="Read the passphrase here instead of asking for it.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
CaseId = Annotated[str, typer.Argument(help="The permit, or the application.")]


@oversight.command("show")
def oversight_show(agency: Agency, permit_id: PermitId) -> None:
    """Say where a run stops next, and what is still to be reported."""
    from assent.apps.cli.states.oversight import reporting as command

    command.show_point(agency, permit_id)


@oversight.command("run")
def oversight_run(agency: Agency, case_id: CaseId) -> None:
    """Say where a run stands, since when and why, and what may happen next."""
    from assent.apps.cli.states.oversight import standing as command

    command.show_run(agency, case_id)


@oversight.command("report")
def oversight_report(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    permit_id: PermitId,
    out: Out,
    inspector: Annotated[str, typer.Option(help="Who reports, as the treaty says.")],
    key: Annotated[Path, typer.Option(help="The inspector's key.")],
    checkpoint: Annotated[Path, typer.Option(help="The checkpoint's file.")],
    evidence: Annotated[Path, typer.Option(help="The log of the evaluations.")],
    words: Annotated[str, typer.Option(help="What was found, in words.")],
    failed: Annotated[
        list[str] | None, typer.Option(help="An evaluation that was failed.")
    ] = None,
    interests: Annotated[
        str, typer.Option(help="The inspector's interests in the developer.")
    ] = "none",
    kind: Annotated[
        Literal["flop", "date", "loss"],
        typer.Option("--point", help="Which of the points that are ahead."),
    ] = "flop",
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Write and sign a report on every evaluation of a point that is ahead."""
    from assent.apps.cli.states.oversight import reporting as command

    given = command.Found(
        inspector=inspector,
        checkpoint=checkpoint,
        evidence=evidence,
        words=words,
        failed=tuple(failed or ()),
        interests=interests,
        kind=kind,
    )
    command.report(agency, permit_id, out, given, key, passphrase_file, yes=yes)


@oversight.command("file")
def oversight_file(
    agency: Agency,
    paper: Annotated[Path, typer.Argument(help="The signed report, or appeal.")],
    actor: Annotated[str, typer.Option("--as", help="Who hands it in.")],
) -> None:
    """File a report or an appeal.

    With the last report that is needed, the next stretch is unlocked.
    """
    from assent.apps.cli.states.oversight import reporting as command

    command.file(agency, paper, actor)


@oversight.command("name")
def oversight_name(
    agency: Agency,
    permit_id: PermitId,
    inspector: Annotated[str, typer.Option(help="Who inspects, as the treaty says.")],
    actor: Annotated[str, typer.Option("--as", help="Who names.")],
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take the inspector off the run.")
    ] = False,
) -> None:
    """Name an inspector on a run: in office, and declared to have no interest."""
    from assent.apps.cli.states.oversight import inspecting as command

    command.name(agency, permit_id, inspector, actor, withdraw=withdraw)


@oversight.command("pause")
def oversight_pause(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    permit_id: PermitId,
    out: Out,
    key: Annotated[Path, typer.Option(help="The inspector's key.")],
    reason: Annotated[str, typer.Option(help="Why; it will be public.")],
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Draw up and sign an inspector's order to pause one run; it ends by itself."""
    from assent.apps.cli.states.oversight import inspecting as command

    command.pause(agency, permit_id, reason, out, key, passphrase_file, yes=yes)


@oversight.command("request")
def oversight_request(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    permit_id: PermitId,
    out: Out,
    inspector: Annotated[str, typer.Option(help="Who asks, as the treaty says.")],
    key: Annotated[Path, typer.Option(help="The inspector's key.")],
    name: Annotated[str, typer.Option(help="What the request is called.")],
    site: Annotated[str, typer.Option(help="Where the job is to run.")],
    flop: Annotated[str, typer.Option(help="The most it may be charged: 1e21.")],
    evaluation: Annotated[list[str], typer.Option(help="What is evaluated.")],
    hours: Annotated[int, typer.Option(help="For how long it holds.", min=1)] = 24,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Write and sign a request for one evaluation job, from the overseers' reserve."""
    from assent.apps.cli.states.oversight import requesting as command

    wanted = command.Wanted(
        inspector=inspector,
        name=name,
        site=site,
        flop=flop,
        evaluations=tuple(evaluation),
        hours=hours,
    )
    command.request(agency, permit_id, out, wanted, key, passphrase_file, yes=yes)


@oversight.command("appeal")
def oversight_appeal(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    permit_id: PermitId,
    out: Out,
    order: Annotated[int, typer.Option(help="The order that holds the run.", min=1)],
    grounds: Annotated[str, typer.Option(help="Why the run should go on.")],
    key: Annotated[Path, typer.Option(help="The developer's key.")],
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Write and sign a developer's appeal against an order that holds its run."""
    from assent.apps.cli.states.oversight import inspecting as command

    command.appeal(
        agency, permit_id, order, grounds, out, key, passphrase_file, yes=yes
    )
