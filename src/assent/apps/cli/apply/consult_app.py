"""The commands of `assent consult`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.apply.arguments import Actor, Agency, Consulted

consult = typer.Typer(
    help="Ask an agency before you apply; its answers bind nobody.",
    no_args_is_help=True,
)

Text = Annotated[str, typer.Argument(help="What is said.")]


@consult.command("open")
def consult_open(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    developer: Annotated[str, typer.Option(help="Who asks.")],
    title: Annotated[str, typer.Option(help="What it is about, in a line.")],
    question: Annotated[str, typer.Option(help="What you want to know.")],
    actor: Actor,
    plan: Annotated[
        Path | None, typer.Option(help="What is planned, as YAML, whole or sealed.")
    ] = None,
) -> None:
    """Begin a consultation; its case comes out."""
    from assent.apps.cli.apply import consulting as command

    command.open_(agency, developer, title, question, plan, actor)


@consult.command("ask")
def consult_ask(agency: Agency, case: Consulted, text: Text, actor: Actor) -> None:
    """Ask more."""
    from assent.apps.cli.apply import consulting as command

    command.ask(agency, case, text, actor)


@consult.command("answer")
def consult_answer(agency: Agency, case: Consulted, text: Text, actor: Actor) -> None:
    """Answer as an officer."""
    from assent.apps.cli.apply import consulting as command

    command.answer(agency, case, text, actor)


@consult.command("close")
def consult_close(
    agency: Agency,
    case: Consulted,
    reason: Annotated[str, typer.Option(help="Why it ends.")],
    actor: Actor,
) -> None:
    """End a consultation; an application can name it from then on."""
    from assent.apps.cli.apply import consulting as command

    command.close(agency, case, reason, actor)


@consult.command("show")
def consult_show(agency: Agency, case: Consulted) -> None:
    """Show what was planned, asked and answered."""
    from assent.apps.cli.apply import consulting as command

    command.show(agency, case)
