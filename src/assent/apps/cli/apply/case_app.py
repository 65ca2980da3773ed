"""The commands of `assent apply` on a case at an agency, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.apply.arguments import Actor, Agency, Case, Documents, File

cases = typer.Typer()

Reason = Annotated[str, typer.Option(help="Why.")]


@cases.command("submit")
def apply_submit(
    agency: Agency, file: File, actor: Actor, document: Documents = None
) -> None:
    """Put an application before the agency; its case comes out."""
    from assent.apps.cli.apply import filing as command

    command.submit(agency, file, document or [], actor)


@cases.command("show")
def apply_show(agency: Agency, case: Case) -> None:
    """Show where a case stands, as its applicant may see it."""
    from assent.apps.cli.apply import showing as command

    command.show(agency, case)


@cases.command("diff")
def apply_diff(
    agency: Agency,
    case: Case,
    before: Annotated[int | None, typer.Argument(help="A version, from 1.")] = None,
    after: Annotated[int | None, typer.Argument(help="A later one.")] = None,
) -> None:
    """Show what changed between two versions; by default the last two."""
    from assent.apps.cli.apply import showing as command

    command.show_diff(agency, case, before, after)


@cases.command("amend")
def apply_amend(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    file: File,
    reason: Reason,
    actor: Actor,
    document: Documents = None,
) -> None:
    """Hand in a new version; a vote that is open ends."""
    from assent.apps.cli.apply import filing as command

    command.amend(agency, case, file, reason, document or [], actor)


@cases.command("answer")
def apply_answer(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    request: Annotated[str, typer.Argument(help="The request, as `show` names it.")],
    text: Annotated[str, typer.Argument(help="The answer.")],
    actor: Actor,
    document: Documents = None,
) -> None:
    """Answer a request for information."""
    from assent.apps.cli.apply import filing as command

    command.answer(agency, case, request, text, document or [], actor)


@cases.command("withdraw")
def apply_withdraw(agency: Agency, case: Case, reason: Reason, actor: Actor) -> None:
    """Take an application back."""
    from assent.apps.cli.apply import filing as command

    command.withdraw(agency, case, reason, actor)


@cases.command("clone")
def apply_clone(
    agency: Agency,
    case: Case,
    out: Annotated[Path, typer.Option(help="Write the copy here.")],
) -> None:
    """Write a case's newest document to a file, to apply anew."""
    from assent.apps.cli.apply import filing as command

    command.clone(agency, case, out)


@cases.command("appeal")
def apply_appeal(
    agency: Agency,
    case: Case,
    grounds: Annotated[str, typer.Option(help="Why the refusal is wrong.")],
    actor: Actor,
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="A document of the case; may be given again."),
    ] = None,
) -> None:
    """Appeal against a refusal."""
    from assent.apps.cli.apply import filing as command

    command.appeal(agency, case, grounds, evidence or [], actor)
