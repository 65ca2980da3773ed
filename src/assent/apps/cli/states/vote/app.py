"""The commands of `assent vote`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

vote = typer.Typer(
    help="Read what is put to the vote, vote on it, count again.", no_args_is_help=True
)

ProposalFile = Annotated[Path, typer.Argument(help="A proposal's file.")]
Agency = Annotated[Path, typer.Argument(help="The agency's folder.")]
Case = Annotated[str, typer.Argument(help="application-2026-0001, measure-2026-0001 …")]
Root = Annotated[
    Path | None, typer.Option(help="The root that you trust, by a channel you believe.")
]
Trust = Annotated[
    Path | None,
    typer.Option(help="The folder of metadata and treaty that the agency publishes."),
]
Out = Annotated[Path, typer.Option(help="Write it here.", dir_okay=False)]


@vote.command("show")
def vote_show(file: ProposalFile, root: Root = None, trust: Trust = None) -> None:
    """Show in words all that a proposal decides. Give --root and --trust."""
    from assent.apps.cli.states.vote import casting as command

    command.show_proposal(file, root, trust)


@vote.command("cast")
def vote_cast(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: ProposalFile,
    member: Annotated[str, typer.Option("--as", help="The member who votes: KEN.")],
    key: Annotated[Path, typer.Option(help="The member's signing key.")],
    choice: Annotated[
        Literal["approve", "reject", "abstain", "recuse"],
        typer.Option(help="recuse: to stand aside."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it will be public.")],
    out: Out,
    root: Root = None,
    trust: Trust = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without asking; for rehearsals.")
    ] = False,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Read the passphrase here instead of asking for it."),
    ] = None,
) -> None:
    """Say in words what is decided, ask, and sign the vote.

    An approval signs the permit, or the change of one, at the same time. With --root
    and --trust it is verified that the vote will count; do not vote without.
    """
    from assent.apps.cli.states.vote import casting as command

    command.cast(
        command.Ballot(
            proposal=file, member=member, choice=choice, reason=reason, key=key, out=out
        ),
        root,
        trust,
        passphrase_file,
        yes=yes,
    )


@vote.command("record")
def vote_record(
    agency: Agency,
    case: Case,
    files: Annotated[list[Path], typer.Argument(help="Votes, as members sent them.")],
    actor: Annotated[str, typer.Option("--as", help="Who records them.")] = (
        "secretariat"
    ),
) -> None:
    """Record votes; the one that settles the matter brings the decision about."""
    from assent.apps.cli.states.vote import recording as command

    command.record(agency, case, files, actor)


@vote.command("withdraw")
def vote_withdraw(
    agency: Agency,
    case: Case,
    reason: Annotated[str, typer.Option(help="Why it is no longer proposed.")],
    actor: Annotated[str, typer.Option("--as", help="Who withdraws it.")],
) -> None:
    """Take a proposal back; the application is under review again."""
    from assent.apps.cli.states.vote import recording as command

    command.withdraw(agency, case, reason, actor)


@vote.command("status")
def vote_status(agency: Agency, case: Case) -> None:
    """Show who voted what, what is still lacking, and until when."""
    from assent.apps.cli.states.vote import recording as command

    command.status(agency, case)


@vote.command("proposal")
def vote_proposal(agency: Agency, case: Case, out: Out) -> None:
    """Write the proposal that is voted on, for members to read and vote on."""
    from assent.apps.cli.states.vote import recording as command

    command.export_proposal(agency, case, out)


@vote.command("export")
def vote_export(agency: Agency, case: Case, out: Out) -> None:
    """Write the record of the last decision, which anybody can count again."""
    from assent.apps.cli.states.vote import recording as command

    command.export_record(agency, case, out)


@vote.command("count")
def vote_count(
    record: Annotated[Path, typer.Argument(help="The record of a decision.")],
    root: Annotated[Path, typer.Option(help="The root that you trust.")],
    trust: Annotated[
        Path, typer.Option(help="The folder of metadata that the agency publishes.")
    ],
) -> None:
    """Count a decision again, believing nothing but the members' keys.

    When votes were received and when it was decided is the agency's word.
    """
    from assent.apps.cli.states.vote import counting as command

    command.count(record, root, trust)
