"""The commands of `assent apply` that need no agency, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.apply.arguments import (
    AgencyOption,
    File,
    PassphraseFile,
    Recipients,
)
from assent.apps.cli.apply.case_app import cases

apply = typer.Typer(
    help="Apply to train: draft, check, seal, submit, answer, appeal.",
    no_args_is_help=True,
)
Inspectors = Annotated[
    list[str] | None,
    typer.Option("--to", help="An inspector who can open it; may be given again."),
]
Fields = Annotated[
    list[str],
    typer.Option("--field", help="A field of the declaration: /model/config/n_layer."),
]
DisclosureFile = Annotated[Path, typer.Argument(help="A file of disclosures.")]
Day = ["%Y-%m-%d"]


@apply.command("new")
def apply_new(  # noqa: PLR0913, PLR0917 - one argument for each option
    declaration: Annotated[Path, typer.Argument(help="A declaration to apply for.")],
    key: Annotated[
        str, typer.Option(help="The developer's key: its file, or 64 hex digits.")
    ],
    begins: Annotated[
        datetime, typer.Option("--from", formats=Day, help="First day of training.")
    ],
    ends: Annotated[
        datetime, typer.Option("--to", formats=Day, help="Nothing runs from that day.")
    ],
    out: Annotated[Path, typer.Option(help="Write the application here.")],
    rulebook: Annotated[
        str, typer.Option(help="world, practice, or a folder of instruments.")
    ] = "world",
    site: Annotated[
        list[str] | None, typer.Option(help="Where; may be given again.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=Day, help="The date whose law applies (today)."),
    ] = None,
) -> None:
    """Assess a declaration and draft the application, to be completed."""
    from assent.apps.cli.apply import drafting as command

    day = on.date() if on else None
    command.new(declaration, key, rulebook, begins, ends, site or [], day, out)


@apply.command("check")
def apply_check(
    file: File,
    agency: AgencyOption = None,
    policy: Annotated[
        str | None,
        typer.Option(help="practice, founding, or a file; the agency's by default."),
    ] = None,
) -> None:
    """Say what is missing, and what the review would ask or refuse."""
    from assent.apps.cli.apply import checking as command

    command.check(file, agency, policy)


@apply.command("evidence")
def apply_evidence(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: File,
    document: Annotated[Path, typer.Argument(help="The document.")],
    evidence_id: Annotated[
        str, typer.Option("--id", help="What it is referred to by.")
    ],
    title: Annotated[str, typer.Option(help="What people call it.")],
    role: Annotated[str, typer.Option(help="What it is for: risk-assessment.")],
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Encrypt it to inspectors.")
    ] = False,
    to: Inspectors = None,
    agency: AgencyOption = None,
    recipient: Recipients = None,
    dated: Annotated[
        datetime | None,
        typer.Option(formats=Day, help="The day it is of; else the submission's."),
    ] = None,
) -> None:
    """Add a document to the application, by its digest."""
    from assent.apps.cli.apply import attaching as command

    recipients = None
    if sealed or to or agency or recipient:
        recipients = command.recipients_of(to or [], agency, recipient or [])
    day = dated.date() if dated else None
    command.attach(file, evidence_id, title, role, document, recipients, day)


@apply.command("seal")
def apply_seal(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: File,
    field: Fields,
    out: Annotated[Path, typer.Option(help="Write the sealed application here.")],
    disclosures: Annotated[
        Path,
        typer.Option(help="Write what opens it here; FILE.age is for the inspectors."),
    ],
    to: Inspectors = None,
    agency: AgencyOption = None,
    recipient: Recipients = None,
) -> None:
    """Seal fields of the declaration; do this last, before you submit it."""
    from assent.apps.cli.apply import attaching, sealing

    recipients = attaching.recipients_of(to or [], agency, recipient or [])
    sealing.seal_fields(file, field, recipients, out, disclosures)


@apply.command("prove")
def apply_prove(
    file: File,
    disclosures: DisclosureFile,
    field: Annotated[str, typer.Option(help="The field to open.")],
    out: Annotated[Path, typer.Option(help="Write its disclosure here.")],
) -> None:
    """Write the disclosure of one field alone, to show what was declared."""
    from assent.apps.cli.apply import sealing as command

    command.prove(file, disclosures, field, out)


@apply.command("open")
def apply_open(
    file: File,
    disclosures: DisclosureFile,
    identity: Annotated[
        Path | None, typer.Option(help="Your opening key, if it is encrypted to you.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open sealed fields, check them against their digests, assess the run again."""
    from assent.apps.cli.apply import sealing as command

    command.show_opened(file, disclosures, identity, passphrase_file)


apply.registered_commands += cases.registered_commands
