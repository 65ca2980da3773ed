"""The commands of `assent key`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

key = typer.Typer(
    help="Make keys, show them, and sign after reading what is signed.",
    no_args_is_help=True,
)

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="Read the passphrase here instead of asking for it."),
]


@key.command("new")
def key_new(
    name: Annotated[str, typer.Argument(help="Whose key it is: KEN, expert-2.")],
    out: Annotated[Path, typer.Option(help="Write the key to this new file.")],
    kind: Annotated[
        Literal["signing", "opening"],
        typer.Option(help="To sign with, or to open what is disclosed to inspectors."),
    ] = "signing",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a key, encrypted with a passphrase; its public half comes out."""
    from assent.apps.cli.states.key import holding as command

    command.new(name, out, kind, passphrase_file)


@key.command("show")
def key_show(
    file: Annotated[Path, typer.Argument(help="A key's file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the public half of a key, and the line that names it in a treaty."""
    from assent.apps.cli.states.key import holding as command

    command.show(file, as_json=as_json)


@key.command("sign")
def key_sign(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: Annotated[
        Path, typer.Argument(help="A statement in its envelope, or trust metadata.")
    ],
    key_file: Annotated[Path, typer.Option("--key", help="Your signing key's file.")],
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of printing.")
    ] = None,
    former: Annotated[
        Path | None,
        typer.Option(help="The newest root you trust: show what changes against it."),
    ] = None,
    payload_type: Annotated[
        str | None,
        typer.Option("--type", help="The type of a statement that assent has none of."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without asking; for rehearsals.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Say in words what a file states, ask, and sign it."""
    from assent.apps.cli.states.key import signing as command

    command.sign(
        file,
        key_file,
        out,
        former=former,
        payload_type=payload_type,
        yes=yes,
        passphrase_file=passphrase_file,
    )
