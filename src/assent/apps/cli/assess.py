"""`assent assess`: one or several runs in the terminal, as JSON, as a page; or a table.

files or a table + options -> Assessment, … -> what was asked for
"""

import functools
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from assent.adapters.portfolio import assess_table, count_rows
from assent.apps.cli.output.summary import show_assessment
from assent.apps.cli.output.writing import verify_gives_way, write_again
from assent.authorisation.assessment import (
    RESULT_COLUMNS,
    Assessment,
    assess,
    to_document,
)
from assent.authorisation.declaration import RunDeclaration
from assent.vocabulary import FactsMissing, InputError
from assent.wiring import runs as wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command, as given."""

    files: tuple[Path, ...]
    tokens: str | None
    sequence_length: int | None
    on: date | None
    profile: str
    rulebook: str
    why: bool
    as_json: bool
    html: Path | None
    batch: Path | None
    out: Path | None


def run(options: Options) -> None:
    """Assess, and show the result in every form that was asked for."""
    if options.batch is not None:
        _run_batch(options, options.batch)
        return
    if options.out is not None:
        raise FactsMissing(
            "--out is where --batch writes its results.",
            remedy="Give --html PAGE, or send the output of --json to a file.",
        )
    if not options.files:
        raise FactsMissing(
            "There is nothing to assess.",
            remedy="Name a declaration, a config.json with --tokens, or --batch TABLE.",
        )
    if options.html is not None:
        verify_gives_way(options.html, _verify_page)
    rulebook = wiring.load_rulebook_named(options.rulebook)
    on = options.on or wiring.today()
    assessments = [
        assess(_load(path, options), rulebook, on, profile_id=options.profile)
        for path in options.files
    ]
    if options.html is not None:
        from assent.apps.page import render_page  # noqa: PLC0415 - only when asked for

        write_again(options.html, render_page(assessments).encode(), _verify_page)
    if options.as_json:
        _print_json(assessments)
    else:
        console = Console()
        for assessment in assessments:
            show_assessment(assessment, console, why=options.why)
    if options.html is not None:
        Console(stderr=True).print(f"Wrote {options.html}", highlight=False)


def _verify_page(data: bytes) -> None:
    if not data[:200].lower().lstrip().startswith(b"<!doctype html"):
        raise InputError("This is no page.", remedy="Name another file.")


def _verify_results(data: bytes) -> None:
    if not data.startswith(",".join(RESULT_COLUMNS).encode()):
        raise InputError("These are no results.", remedy="Name another file.")


def _load(path: Path, options: Options) -> RunDeclaration:
    try:
        return wiring.load_declaration(
            path, tokens=options.tokens, sequence_length=options.sequence_length
        )
    except InputError as error:
        if str(path) not in error.message:
            error.message = f"{path}: {error.message}"
        raise


def _print_json(assessments: list[Assessment]) -> None:
    documents = [to_document(found) for found in assessments]
    shown = documents[0] if len(documents) == 1 else documents
    json.dump(shown, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _run_batch(options: Options, table: Path) -> None:
    if options.files or options.html or options.as_json or options.tokens:
        raise FactsMissing(
            "--batch assesses the rows of a table and writes a table.",
            remedy="Leave out files, --tokens, --html and --json; give --out.",
        )
    out = options.out or table.with_name(f"{table.stem or 'table'}.assessed.csv")
    if not (out.exists() and table.exists() and out.samefile(table)):  # refused below
        verify_gives_way(out, _verify_results)
    on = options.on or wiring.today()
    load = functools.partial(wiring.load_rulebook_named, options.rulebook)
    load()
    console = Console(stderr=True)
    with Progress(
        TextColumn("assessing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        task = progress.add_task("rows", total=count_rows(table))
        result = assess_table(
            table,
            out,
            load,
            on,
            progress=lambda rows: progress.update(task, completed=rows),
        )
        progress.update(task, completed=result.rows, total=result.rows)
    console.print(
        f"{result.rows:,} rows on {on}: binding law for {result.binding:,},"
        f" not readable {result.errors:,} (see their error). Wrote {out}",
        highlight=False,
    )
