"""The commands of `assent pause`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

pause = typer.Typer(
    help="Draw up, sign, issue and follow orders to pause, and to resume.",
    no_args_is_help=True,
)

relay_app = typer.Typer(
    help="Pass orders on to gates, and swear to their acknowledgements together.",
    no_args_is_help=True,
)
pause.add_typer(relay_app, name="relay")

Agency = Annotated[Path, typer.Option("--agency", help="The agency's folder.")]
Reason = Annotated[str, typer.Option(help="Why; it will be public.")]
Out = Annotated[Path, typer.Option(help="Write it here.", dir_okay=False)]
Excluded = Annotated[
    list[str] | None,
    typer.Option("--without", help="A member who stands aside; may be repeated."),
]
OrderFile = Annotated[Path, typer.Argument(help="An order's file.")]
Number = Annotated[int, typer.Option(help="The order's number.", min=1)]


@pause.command("draft")
def pause_draft(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    scope: Annotated[
        str,
        typer.Option(
            help="run=NAME, developer=KEY, site=NAME, party=CODE, class=1e25 (FLOP), or"
            " everything."
        ),
    ],
    reason: Reason,
    out: Out,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="By the procedure that ends by itself.")
    ] = False,
    grace_s: Annotated[
        int, typer.Option("--grace", help="Seconds to save a checkpoint.", min=0)
    ] = 600,
    kill_after_s: Annotated[
        int,
        typer.Option("--kill-after", help="Seconds from the signal to force.", min=0),
    ] = 60,
    excluded: Excluded = None,
) -> None:
    """Draw up the agency's next order, to pause, for members to sign."""
    from assent.apps.cli.states.pause import ordering as command

    command.draft(
        agency,
        scope,
        reason,
        out,
        command.Terms(
            is_emergency=emergency,
            grace_s=grace_s,
            kill_after_s=kill_after_s,
            excluded=tuple(excluded or ()),
        ),
    )


@pause.command("resume")
def pause_resume(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    number: Annotated[int, typer.Option("--ends", help="The pause order.", min=1)],
    reason: Reason,
    out: Out,
    on_appeal: Annotated[
        bool, typer.Option("--on-appeal", help="By those who hear appeals.")
    ] = False,
    excluded: Excluded = None,
) -> None:
    """Draw up the agency's next order, to end one pause order, for members to sign."""
    from assent.apps.cli.states.pause import ordering as command

    aside = tuple(excluded or ())
    command.resume(agency, number, reason, out, aside, on_appeal=on_appeal)


@pause.command("terminate")
def pause_terminate(
    agency: Agency,
    run: Annotated[str, typer.Option(help="The run, as its permit names it.")],
    reason: Reason,
    out: Out,
    excluded: Excluded = None,
) -> None:
    """Draw up the agency's next order, to end one run for good, for members to sign."""
    from assent.apps.cli.states.pause import ordering as command

    command.terminate(agency, run, reason, out, tuple(excluded or ()))


@pause.command("sign")
def pause_sign(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: OrderFile,
    key: Annotated[Path, typer.Option(help="The member's signing key.")],
    out: Out,
    root: Annotated[
        Path | None,
        typer.Option(help="The root that you trust, by a channel you believe."),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(help="The folder of metadata and treaty the agency publishes."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without asking; for rehearsals.")
    ] = False,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Read the passphrase here instead of asking for it."),
    ] = None,
) -> None:
    """Say in words what stops or goes on, ask, and add a signature.

    The signature is vote and order in one. With --root and --trust it is verified that
    it will count; do not sign without.
    """
    from assent.apps.cli.states.pause import signing as command

    command.sign(file, key, out, root, trust, passphrase_file, yes=yes)


@pause.command("issue")
def pause_issue(
    agency: Agency,
    files: Annotated[
        list[Path], typer.Argument(help="The signed order; copies are put together.")
    ],
) -> None:
    """Issue an order that enough members signed: it is in the feed from then on.

    The public log is told by `assent agency work`; a resume order counts from then on.
    """
    from assent.apps.cli.states.pause import ordering as command

    command.issue(agency, files)


@pause.command("show")
def pause_show(
    agency: Agency,
    number: Annotated[
        int | None, typer.Option(help="One order, in words.", min=1)
    ] = None,
) -> None:
    """List the orders that were issued, and which of them hold."""
    from assent.apps.cli.states.pause import showing as command

    command.show_orders(agency, number)


@pause.command("status")
def pause_status(
    agency: Agency,
    number: Annotated[
        int | None, typer.Option(help="The order; the newest by default.", min=1)
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until interrupted.")
    ] = False,
) -> None:
    """Show how far an order has reached: who acknowledged, when, who is missing."""
    from assent.apps.cli.states.pause import watching as command

    command.status(agency, number, watch=watch)


@pause.command("gate")
def pause_gate(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Agency,
    name: Annotated[str, typer.Argument(help="What the gate calls itself.")],
    key: Annotated[
        str | None, typer.Option(help="Its Ed25519 key, 64 hexadecimal digits.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where new orders are posted to, besides.")
    ] = None,
    relay: Annotated[
        str | None, typer.Option(help="The relay that may swear to what it says.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Forget it.")] = False,
) -> None:
    """Register a gate, whose acknowledgements count from then on; or forget it."""
    from assent.apps.cli.states.pause import ordering as command

    command.register_gate(agency, name, key, url, relay, drop=drop)


@pause.command("serve")
def pause_serve(
    agency: Agency,
    listen: Annotated[
        str, typer.Option(help="HOST:PORT; by default this machine alone.")
    ] = "127.0.0.1:8790",
) -> None:
    """Serve the feed of orders to gates, and take their acknowledgements."""
    from assent.apps.cli.states.pause import serving as command

    command.serve_feed(agency, listen)


RelayFolder = Annotated[Path, typer.Argument(help="The relay's folder.")]


@relay_app.command("register")
def relay_register(
    agency: Agency,
    name: Annotated[str, typer.Argument(help="What the relay calls itself.")],
    key: Annotated[str, typer.Option(help="Its key: `assent pause relay key`.")],
) -> None:
    """Register a relay with the agency; `pause gate --relay` puts gates behind it."""
    from assent.apps.cli.states.pause import relaying as command

    command.register(agency, name, key)


@relay_app.command("key")
def relay_key(folder: RelayFolder) -> None:
    """Print a relay's public key, which is made with its folder if there is none."""
    from assent.apps.cli.states.pause import relaying as command

    command.show_key(folder)


@relay_app.command("gate")
def relay_gate(
    folder: RelayFolder,
    name: Annotated[str, typer.Argument(help="What the gate calls itself.")],
    key: Annotated[str, typer.Option(help="Its Ed25519 key, 64 hexadecimal digits.")],
) -> None:
    """Put a gate behind a relay, which takes its acknowledgements from then on."""
    from assent.apps.cli.states.pause import relaying as command

    command.put_gate(folder, name, key)


@relay_app.command("serve")
def relay_serve(
    folder: RelayFolder,
    feed: Annotated[str, typer.Option(help="URL of the agency's feed.")],
    name: Annotated[str, typer.Option(help="What the relay calls itself.")],
    listen: Annotated[
        str, typer.Option(help="HOST:PORT; by default this machine alone.")
    ] = "127.0.0.1:8791",
) -> None:
    """Serve the agency's feed to the gates behind a relay, and swear for them."""
    from assent.apps.cli.states.pause import relaying as command

    command.serve_relay(folder, feed, name, listen)
