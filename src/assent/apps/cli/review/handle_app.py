"""The commands of `assent review` that handle a case: take up, ask, note, disclose.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from assent.apps.cli.apply.arguments import Actor, Agency, Case

handled = typer.Typer()

Request = Annotated[str, typer.Argument(help="A name for the request: rfi-1.")]


@handled.command("start")
def review_start(agency: Agency, case: Case, actor: Actor) -> None:
    """Take an application up."""
    from assent.apps.cli.review import handling as command

    command.start(agency, case, actor)


@handled.command("fetch")
def review_fetch(
    agency: Agency,
    case: Case,
    out: Annotated[Path, typer.Option(help="Write the files to this new folder.")],
) -> None:
    """Write a case's application, documents and disclosures to files, to be read."""
    from assent.apps.cli.review import fetching as command

    command.fetch(agency, case, out)


@handled.command("request")
def review_request(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    request: Request,
    question: Annotated[str, typer.Argument(help="What is asked.")],
    actor: Actor,
    days: Annotated[int, typer.Option(help="Working days for the answer.")] = 10,
) -> None:
    """Ask the applicant; the agency's clock stands still."""
    from assent.apps.cli.review import handling as command

    command.request(agency, case, request, question, days, actor)


@handled.command("withdraw-request")
def review_withdraw_request(
    agency: Agency,
    case: Case,
    request: Request,
    reason: Annotated[str, typer.Option(help="Why it is no longer asked.")],
    actor: Actor,
) -> None:
    """Ask no longer."""
    from assent.apps.cli.review import handling as command

    command.withdraw_request(agency, case, request, reason, actor)


@handled.command("note")
def review_note(
    agency: Agency,
    case: Case,
    text: Annotated[str, typer.Argument(help="The remark.")],
    actor: Actor,
    for_applicant: Annotated[
        bool, typer.Option("--for-applicant", help="The applicant may see it.")
    ] = False,
) -> None:
    """Put down a remark."""
    from assent.apps.cli.review import handling as command

    command.note(agency, case, text, actor, is_visible_to_applicant=for_applicant)


@handled.command("disclosed")
def review_disclosed(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    inspector: Annotated[str, typer.Argument(help="Who was given it.")],
    file: Annotated[Path, typer.Argument(help="The encrypted file of disclosures.")],
    field: Annotated[
        list[str], typer.Option(help="A field that it opens: /model/config.")
    ],
    actor: Actor,
) -> None:
    """Record that sealed fields were disclosed to an inspector."""
    from assent.apps.cli.review import handling as command

    command.disclosed(agency, case, inspector, file, field, actor)


@handled.command("interest")
def review_interest(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    member: Annotated[
        str, typer.Argument(help="The member or inspector, as in the treaty.")
    ],
    developer: Annotated[str, typer.Argument(help="The developer, as it applies.")],
    kind: Annotated[
        Literal[
            "ownership",
            "employment",
            "family",
            "nationality_of_developer",
            "decided_before",
            "other",
            "none",
        ],
        typer.Option(help="What kind of interest it is; none is one to declare."),
    ],
    text: Annotated[str, typer.Option(help="What it is, in a line.")],
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="From which day on.")
    ],
    actor: Actor,
) -> None:
    """Declare a member's interest: it excludes from votes opened from then on."""
    from assent.apps.cli.review import interests as command

    stake = command.Stake(
        member=member, developer=developer, kind=kind, text=text, since=since.date()
    )
    command.interest(agency, stake, actor)
