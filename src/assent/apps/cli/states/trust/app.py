"""The commands of `assent trust`, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

trust = typer.Typer(
    help="Make, join, read and verify the metadata by which states sign a treaty.",
    no_args_is_help=True,
)

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
Out = Annotated[Path, typer.Option(help="Write to this new file.", dir_okay=False)]
Expires = Annotated[
    datetime, typer.Option(formats=_FORMATS, help="In force until then, in UTC.")
]
RootKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--root-key",
        help="A public key that speaks for the root: 64 hexadecimal digits, or the"
        " file of a held key. Repeatable.",
    ),
]
RootThreshold = Annotated[
    int | None, typer.Option(min=1, help="How many root keys must sign.")
]
TreatyKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--treaty-key", help="One that speaks for the treaty (the root keys)."
    ),
]
TreatyThreshold = Annotated[
    int | None, typer.Option(min=1, help="How many treaty keys must sign.")
]
Online = Annotated[
    list[str] | None,
    typer.Option(help="The agency's key, as `assent agency prepare` prints it."),
]


@trust.command("root")
def trust_root(  # noqa: PLR0913, PLR0917 - one argument for each option
    expires: Expires,
    out: Out,
    root_key: RootKeys = None,
    root_threshold: RootThreshold = None,
    treaty_key: TreatyKeys = None,
    treaty_threshold: TreatyThreshold = None,
    online: Online = None,
) -> None:
    """Make the first root, unsigned: who speaks for the root and for the treaty."""
    from assent.apps.cli.states.trust import making as command

    speakers = command.Speakers(
        root_keys=tuple(root_key or ()),
        root_threshold=root_threshold,
        treaty_keys=tuple(treaty_key or ()),
        treaty_threshold=treaty_threshold,
        online=tuple(online or ()),
    )
    command.root(speakers, expires, out)


@trust.command("next-root")
def trust_next_root(  # noqa: PLR0913, PLR0917 - one argument for each option
    former: Annotated[Path, typer.Argument(help="The newest root, signed.")],
    expires: Expires,
    out: Out,
    root_key: RootKeys = None,
    root_threshold: RootThreshold = None,
    treaty_key: TreatyKeys = None,
    treaty_threshold: TreatyThreshold = None,
    online: Online = None,
) -> None:
    """Make the root that follows; what is not given stays as it was.

    Keys are given whole: all that speak for a role from now on.
    """
    from assent.apps.cli.states.trust import making as command

    speakers = command.Speakers(
        root_keys=tuple(root_key or ()),
        root_threshold=root_threshold,
        treaty_keys=tuple(treaty_key or ()),
        treaty_threshold=treaty_threshold,
        online=tuple(online or ()),
    )
    command.next_after(former, speakers, expires, out)


@trust.command("targets")
def trust_targets(
    treaty: Annotated[
        Path, typer.Argument(help="What `assent treaty bytes` wrote.", dir_okay=False)
    ],
    version: Annotated[
        int, typer.Option(min=1, help="1 at first, then higher each time.")
    ],
    expires: Expires,
    out: Out,
) -> None:
    """Make the targets, unsigned: which treaty is in force."""
    from assent.apps.cli.states.trust import making as command

    command.targets(treaty, version, expires, out)


@trust.command("join")
def trust_join(
    file: Annotated[Path, typer.Argument(help="The metadata.", dir_okay=False)],
    copies: Annotated[list[Path], typer.Argument(help="Copies that others signed.")],
    out: Out,
) -> None:
    """Put the signatures of several copies into one file."""
    from assent.apps.cli.states.trust import making as command

    command.join(file, copies, out)


@trust.command("show")
def trust_show(
    file: Annotated[Path, typer.Argument(help="The metadata.", dir_okay=False)],
    former: Annotated[
        Path | None, typer.Option(help="The newest root you trust, to compare with.")
    ] = None,
) -> None:
    """Say in words what metadata says, and how many have signed."""
    from assent.apps.cli.states.trust import reading as command

    command.show(file, former)


@trust.command("verify")
def trust_verify(
    root: Annotated[
        Path, typer.Argument(help="A root that you trust.", dir_okay=False)
    ],
    folder: Annotated[
        Path, typer.Argument(help="The folder that an agency publishes: trust/.")
    ],
    state: Annotated[
        Path | None,
        typer.Option(help="Remember here what was seen; nothing older counts then."),
    ] = None,
) -> None:
    """Follow an agency's files from a root to the treaty in force."""
    from assent.apps.cli.states.trust import reading as command

    command.verify(root, folder, state)
