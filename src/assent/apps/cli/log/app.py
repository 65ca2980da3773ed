"""The commands of `assent log`, their options and help.

argv -> a command's module, imported late
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assent.apps.cli.log.arguments import LogFolder, Place, PolicyFile
from assent.apps.cli.log.upkeep_app import upkeep

log = typer.Typer(
    help="Keep, read and verify a public transparency log.", no_args_is_help=True
)
log.add_typer(upkeep)

Picked = Annotated[
    list[str] | None, typer.Option(help="Show only such entries. Repeatable.")
]


@log.command("init")
def log_init(
    folder: LogFolder,
    origin: Annotated[
        str, typer.Option(help="What the log is called: agency.example/log.")
    ],
    witnesses: Annotated[
        Path | None,
        typer.Option(help="Lines of a policy: witness, group and quorum."),
    ] = None,
    documents: Annotated[
        str, typer.Option(help="Where documents are kept: a folder, or a URL.")
    ] = "documents",
) -> None:
    """Make a log: its keys, its database, its policy. DATABASE_URL is honoured."""
    from assent.apps.cli.log import own_log as command

    command.init(folder, origin, witnesses, documents)


@log.command("append")
def log_append(  # noqa: PLR0913, PLR0917 - one argument for each option
    folder: LogFolder,
    kind: Annotated[str | None, typer.Option(help="What happened: permit …")] = None,
    subject: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    party: Annotated[str | None, typer.Option(help="The party that acted.")] = None,
    developer: Annotated[str | None, typer.Option(help="Whom it concerns.")] = None,
    time: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%SZ"],
            help="When, in UTC: 2026-03-01T12:00:00Z (now).",
        ),
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option(help="ROLE=FILE: store it, log its digest. Repeatable."),
    ] = None,
    metadata: Annotated[
        list[str] | None, typer.Option(help="NAME=TEXT, public. Repeatable.")
    ] = None,
    entry: Annotated[
        Path | None, typer.Option(help="A JSON file with the entry instead.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="A file with one such entry a line instead.")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option(help="Write the entry's proof here.")
    ] = None,
    later: Annotated[bool, typer.Option("--later", help="Do not publish yet.")] = False,
) -> None:
    """Append an entry; its index comes out once it is durable. Then publish."""
    from assent.apps.cli.log import own_log as command
    from assent.apps.cli.log.new_entry import EntryOptions

    options = EntryOptions(
        kind=kind,
        subject=subject,
        party=party,
        developer=developer,
        time=time,
        documents=tuple(document or ()),
        metadata=tuple(metadata or ()),
    )
    if batch is not None:
        is_alone = not options.states_something and entry is None and proof is None
        command.append_batch(folder, batch, is_alone=is_alone, later=later)
    else:
        command.append(folder, options, entry, proof, later=later)


@log.command("publish")
def log_publish(
    folder: LogFolder,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask witnesses again, new or not.")
    ] = False,
) -> None:
    """Write the tiles, collect cosignatures, and put the tree head in place."""
    from assent.apps.cli.log import own_log as command

    command.publish(folder, refresh=refresh)


@log.command("head")
def log_head(folder: LogFolder) -> None:
    """Show the published tree head, and who vouches for it."""
    from assent.apps.cli.log import own_log as command

    command.head(folder)


@log.command("prove")
def log_prove(
    folder: LogFolder,
    index: Annotated[int, typer.Argument(help="The entry's index.", min=0)],
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of printing.")
    ] = None,
) -> None:
    """Write the proof of one entry, which anybody can verify offline."""
    from assent.apps.cli.log import own_log as command

    command.prove(folder, index, out)


@log.command("document")
def log_document(
    folder: LogFolder,
    digest: Annotated[str, typer.Argument(help="sha256:…, as entries name it.")],
    out: Annotated[Path, typer.Option(help="Write it here.")],
) -> None:
    """Write a stored document to a file, checked against its digest."""
    from assent.apps.cli.log import own_log as command

    command.document(folder, digest, out)


@log.command("verify")
def log_verify(  # noqa: PLR0913, PLR0917 - one argument for each option
    proof: Annotated[Path, typer.Argument(help="A .tlog-proof file.")],
    policy: PolicyFile,
    entry: Annotated[
        Path | None, typer.Option(help="The entry, if the proof does not carry it.")
    ] = None,
    document: Annotated[
        list[Path] | None,
        typer.Option(help="Check that the entry names this file. Repeatable."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="It must be of this kind.")] = None,
    subject: Annotated[str | None, typer.Option(help="It must be about this.")] = None,
    party: Annotated[str | None, typer.Option(help="It must be this party's.")] = None,
    developer: Annotated[
        str | None, typer.Option(help="It must concern this developer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Verify offline that an entry is in the log and was witnessed."""
    from assent.apps.cli.log import verifying as command

    expected = {
        "kind": kind,
        "subject": subject,
        "party": party,
        "developer": developer,
    }
    command.verify(proof, policy, entry, document or [], expected, as_json=as_json)


@log.command("evidence")
def log_evidence(
    file: Annotated[Path, typer.Argument(help="A .split-view file.")],
    policy: PolicyFile,
) -> None:
    """Verify offline that a log signed two histories."""
    from assent.apps.cli.log import verifying as command

    command.evidence(file, policy)


@log.command("serve")
def log_serve(
    folder: Annotated[Path, typer.Argument(help="A log's or a mirror's folder.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT.")] = "127.0.0.1:8780",
) -> None:
    """Serve a log's static files; any web server does it as well."""
    from assent.apps.cli.log import serving as command

    command.serve_log(folder, listen)


@log.command("mirror")
def log_mirror(
    source: Place,
    folder: Annotated[Path, typer.Argument(help="Where the copy is kept.")],
    policy: PolicyFile,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Verify also what is there already.")
    ] = False,
) -> None:
    """Copy a log, verifying all of it; only what is new is fetched."""
    from assent.apps.cli.log import following as command

    command.mirror(source, folder, policy, recheck=recheck)


@log.command("monitor")
def log_monitor(  # noqa: PLR0913, PLR0917 - one argument for each option
    source: Place,
    policy: PolicyFile,
    state: Annotated[
        Path, typer.Option(help="Where to keep what was seen, from call to call.")
    ] = Path("monitor.state"),
    kind: Picked = None,
    party: Picked = None,
    developer: Picked = None,
    forward: Annotated[
        str | None, typer.Option(help="POST each entry to this URL as JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    witnesses: Annotated[
        bool, typer.Option(help="Compare with what the witnesses hold.")
    ] = True,
    patience: Annotated[
        float, typer.Option(help="Hours the log has to show what witnesses hold.")
    ] = 1,
    max_age: Annotated[
        float, typer.Option(help="Hours after which cosignatures are old.")
    ] = 24,
    strict_age: Annotated[
        bool, typer.Option("--strict-age", help="Refuse old ones; else warn.")
    ] = False,
    every: Annotated[
        float | None, typer.Option(help="Look again every so many seconds.", min=0.1)
    ] = None,
) -> None:
    """Show what is new in a log; shout if it contradicts itself."""
    from assent.apps.cli.log import following as command
    from assent.translog.monitor import Selection

    watch = command.Watch(
        place=source,
        policy=policy,
        state=state,
        selection=Selection(
            kinds=frozenset(kind or ()),
            parties=frozenset(party or ()),
            developers=frozenset(developer or ()),
        ),
        forward=forward,
        as_json=as_json,
        with_witnesses=witnesses,
        patience_s=patience * 3600,
        age_max_s=max_age * 3600,
        is_strict=strict_age,
    )
    command.monitor(watch, every)
