"""The commands of `assent`, their options and help. What they do is imported late.

argv -> a command's module -> exit code
"""

import errno
import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from assent.apps.cli.agency.app import agency
from assent.apps.cli.agency.ledger_app import ledger
from assent.apps.cli.apply.app import apply
from assent.apps.cli.apply.consult_app import consult
from assent.apps.cli.gate.app import gate
from assent.apps.cli.log.app import log
from assent.apps.cli.log.witness_app import witness
from assent.apps.cli.permit.app import permit
from assent.apps.cli.permit.lease_app import lease
from assent.apps.cli.permit.measure_app import measure
from assent.apps.cli.review.app import review
from assent.apps.cli.states.key.app import key
from assent.apps.cli.states.oversight.app import oversight
from assent.apps.cli.states.pause.app import pause
from assent.apps.cli.states.treaty.app import treaty
from assent.apps.cli.states.trust.app import trust
from assent.apps.cli.states.vote.app import vote
from assent.vocabulary.errors import AssentError

app = typer.Typer(
    name="assent",
    help="Authorizing AI training before it starts: assess, apply, decide, verify.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
declare = typer.Typer(help="Write declarations of training runs.", no_args_is_help=True)
rules = typer.Typer(help="Look into the rulebook.", no_args_is_help=True)
compute = typer.Typer(help="Count compute.", no_args_is_help=True)
app.add_typer(declare, name="declare")
app.add_typer(rules, name="rules")
app.add_typer(compute, name="compute")
app.add_typer(log, name="log")
app.add_typer(witness, name="witness")
for _name, _commands in {
    "treaty": treaty,
    "trust": trust,
    "key": key,
    "agency": agency,
    "apply": apply,
    "consult": consult,
    "review": review,
    "vote": vote,
    "measure": measure,
    "permit": permit,
    "lease": lease,
    "gate": gate,
    "ledger": ledger,
    "oversight": oversight,
    "pause": pause,
}.items():
    app.add_typer(_commands, name=_name)

OnDate = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="The date whose law applies (today)."
    ),
]
RulebookName = Annotated[
    str,
    typer.Option("--rulebook", help="world, practice, or a folder of instruments."),
]
ProfileName = Literal["eu_gpai", "operations", "strict", "epoch"]


@app.command()
def assess(  # noqa: PLR0913, PLR0917 - one argument for each option
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Declarations (YAML, JSON), or one model's config.json."),
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="Training tokens, for a config.json: 15e12.")
    ] = None,
    sequence_length: Annotated[
        int | None, typer.Option(help="Tokens in a row, for a config.json.", min=1)
    ] = None,
    on: OnDate = None,
    profile: Annotated[
        ProfileName, typer.Option(help="Whose rules of counting give the headline.")
    ] = "eu_gpai",
    rulebook: RulebookName = "world",
    why: Annotated[
        bool, typer.Option("--why", help="Explain proposals too, clause by clause.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the assessment as JSON.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write one self-contained page here.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="Assess each row of this CSV table instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where --batch writes its results.")
    ] = None,
) -> None:
    """Say how much compute a run takes, which rules bind it, and why."""
    from assent.apps.cli import assess as command

    command.run(
        command.Options(
            files=tuple(files or ()),
            tokens=tokens,
            sequence_length=sequence_length,
            on=on.date() if on else None,
            profile=profile,
            rulebook=rulebook,
            why=why,
            as_json=as_json,
            html=html,
            batch=batch,
            out=out,
        )
    )


@declare.command("new")
def declare_new(
    title: Annotated[str, typer.Argument(help="What the run is called.")] = "My run",
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of printing.")
    ] = None,
) -> None:
    """Print a commented declaration to fill in."""
    from assent.apps.cli import declare as command

    command.new(title, out)


@declare.command("schema")
def declare_schema() -> None:
    """Print the JSON Schema of declarations."""
    from assent.apps.cli import declare as command

    command.schema()


@declare.command("check")
def declare_check(
    files: Annotated[list[Path], typer.Argument(help="Declarations to read.")],
) -> None:
    """Read declarations and say what is wrong with them, if anything."""
    from assent.apps.cli import declare as command

    command.check(files)


@declare.command("import-mlperf")
def declare_import_mlperf(
    archive: Annotated[
        Path, typer.Argument(help="A .tar.gz of MLPerf training submissions.")
    ],
    folder: Annotated[Path, typer.Argument(help="Write one declaration a run here.")],
) -> None:
    """Turn the event logs of MLPerf training runs into declarations."""
    from assent.apps.cli import declare as command

    command.import_mlperf(archive, folder)


@rules.command("list")
def rules_list(on: OnDate = None, rulebook: RulebookName = "world") -> None:
    """List the instruments and where they stand on a date."""
    from assent.apps.cli import rules as command

    command.show_all(rulebook, on.date() if on else None)


@rules.command("show")
def rules_show(
    instrument: Annotated[str, typer.Argument(help="An id, as `rules list` shows.")],
    on: OnDate = None,
    rulebook: RulebookName = "world",
) -> None:
    """Show one instrument: its rules, numbers, obligations and citations."""
    from assent.apps.cli import rules as command

    command.show(rulebook, instrument, on.date() if on else None)


@rules.command("diff")
def rules_diff(
    before: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    after: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    rulebook: RulebookName = "world",
) -> None:
    """Show what changed in the law between two dates."""
    from assent.apps.cli import rules as command

    command.show_diff(rulebook, before.date(), after.date())


@rules.command("validate")
def rules_validate(
    folder: Annotated[Path, typer.Argument(help="A folder of instruments in YAML.")],
) -> None:
    """Check instruments against everything a rulebook must keep."""
    from assent.apps.cli import rules as command

    command.check(folder)


@compute.command("count")
def compute_count(
    config: Annotated[Path, typer.Argument(help="A model's config.json.")],
    sequence_length: Annotated[
        int, typer.Option(help="Tokens in the one sequence counted.", min=1)
    ] = 4096,
    forward_only: Annotated[
        bool, typer.Option(help="Count the forward pass alone.")
    ] = False,
) -> None:
    """Count operations on PyTorch's meta device, and compare the closed form."""
    from assent.apps.cli import compute as command

    command.count(config, sequence_length, forward_only=forward_only)


@compute.command("hardware")
def compute_hardware(
    name: Annotated[
        str | None, typer.Argument(help="An accelerator; all of them if left out.")
    ] = None,
    on: OnDate = None,
    rulebook: RulebookName = "world",
) -> None:
    """Show accelerators: dense peaks, memory, power, export class."""
    from assent.apps.cli import compute as command

    command.hardware(name, rulebook, on.date() if on else None)


def run() -> None:
    """Run the command; an error of ours ends it with its remedy and its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except AssentError as error:
        from assent.apps.cli.exit_codes import exit_code
        from assent.apps.cli.output.visible import visible_lines

        message, remedy = visible_lines(error.message), visible_lines(error.remedy)
        sys.stderr.write(f"error: {message}\nremedy: {remedy}\n")
        raise SystemExit(exit_code(error)) from None
    except OSError as error:
        if error.errno != errno.EPIPE:
            sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
            raise SystemExit(1) from None
        sys.stderr.close()  # the reader of our output has gone, as `head` does
        raise SystemExit(0) from None
