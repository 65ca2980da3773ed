"""The commands of `assent review`, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.apply.arguments import Actor, Agency, Case
from assent.apps.cli.review.handle_app import handled

review = typer.Typer(
    help="Review applications: ask, judge, weigh, propose or refuse.",
    no_args_is_help=True,
)
review.registered_commands += handled.registered_commands  # taken up first

Reason = Annotated[str, typer.Option(help="Why.")]


@review.command("practice")
def review_practice(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    actor: Actor,
    practice: Annotated[
        str | None, typer.Argument(help="A practice of the questionnaire.")
    ] = None,
    status: Annotated[
        str | None,
        typer.Option(help="in_place, partly, planned, absent, not_applicable."),
    ] = None,
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="A document of the case; may be given again."),
    ] = None,
    note: Annotated[str, typer.Option(help="A remark, in a line.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="Many answers at once (YAML): answers: […].")
    ] = None,
) -> None:
    """Record how far the developer follows a practice, or many."""
    from assent.apps.cli.review import judging as command

    if file is not None and (practice, status) != (None, None):
        raise typer.BadParameter("Give one practice, or --file.")
    if file is not None:
        command.practices_in(agency, case, file, actor)
    else:
        command.practice(agency, case, practice, status, evidence or [], note, actor)


@review.command("finding")
def review_finding(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    about: Annotated[str, typer.Argument(help="A property of the run: security.")],
    level: Annotated[
        str,
        typer.Option(help="none, low, moderate, high, unknown, unacceptable."),
    ],
    value: Annotated[str, typer.Option(help="What was found, in a line.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Record a finding on a property of the run."""
    from assent.apps.cli.review import judging as command

    command.finding(agency, case, about, level, value, reason, actor)


@review.command("claim")
def review_claim(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    claim: Annotated[str, typer.Argument(help="A claim of the safety case.")],
    reason: Reason,
    actor: Actor,
    accept: Annotated[bool, typer.Option("--accept", help="It holds.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="It does not.")] = False,
) -> None:
    """Judge a claim of the safety case."""
    from assent.apps.cli.review import judging as command

    if accept == reject:
        raise typer.BadParameter("Give either --accept or --reject.")

    command.claim(agency, case, claim, reason, actor, accepted=accept)


@review.command("recuse")
def review_recuse(
    agency: Agency,
    case: Case,
    member: Annotated[str, typer.Argument(help="A member or an officer.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Record that somebody stands aside."""
    from assent.apps.cli.review import judging as command

    command.recuse(agency, case, member, reason, actor)


@review.command("weigh")
def review_weigh(agency: Agency, case: Case) -> None:
    """Say what the review comes to today, and show similar past decisions."""
    from assent.apps.cli.review import concluding as command

    command.weigh(agency, case)


@review.command("precedents")
def review_precedents(agency: Agency, case: Case) -> None:
    """Show past decisions that resemble a case; they bind nobody."""
    from assent.apps.cli.review import concluding as command

    command.precedents(agency, case)


@review.command("propose")
def review_propose(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    case: Case,
    out: Annotated[Path, typer.Option(help="Write the proposal for the members here.")],
    actor: Actor,
    flop: Annotated[str | None, typer.Option(help="At most so many FLOP.")] = None,
    weights: Annotated[str | None, typer.Option(help="At most so many.")] = None,
    chip: Annotated[
        list[str] | None,
        typer.Option(help="At most KIND=COUNT; other kinds not at all."),
    ] = None,
    site: Annotated[list[str] | None, typer.Option(help="Only at these.")] = None,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Not before that day."),
    ] = None,
    ends: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Nothing from that day on."),
    ] = None,
) -> None:
    """Put the permit to the vote, as applied for or with narrower caps."""
    from assent.apps.cli.permit.capping import CapsChange
    from assent.apps.cli.review import concluding as command

    narrower = CapsChange(
        flop=flop,
        weights=weights,
        chips=tuple(chip or ()),
        sites=tuple(site or ()),
        not_before=begins,
        not_after=ends,
    )
    command.propose(agency, case, narrower, out, actor)


@review.command("refuse")
def review_refuse(agency: Agency, case: Case, actor: Actor) -> None:
    """Refuse what the rules of the policy refuse, with every reason."""
    from assent.apps.cli.review import concluding as command

    command.refuse(agency, case, actor)
