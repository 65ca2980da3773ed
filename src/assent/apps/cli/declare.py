"""`assent declare`: scaffold, schema, check, import.

options -> text, or files
"""

import sys
from pathlib import Path

import yaml
from rich.console import Console
from rich.text import Text

from assent.adapters.mlperf import find_repeats, read_archive, run_id, to_form
from assent.apps.cli.output.writing import write_new
from assent.authorisation.declaration import scaffold, schema_text
from assent.vocabulary import InputError
from assent.wiring import runs as wiring


def new(title: str, out: Path | None) -> None:
    """Print or write a commented declaration; an existing file is left alone."""
    text = scaffold(title)
    if out is None:
        sys.stdout.write(text)
        return
    write_new(out, text.encode())


def schema() -> None:
    """Print the JSON Schema of declarations."""
    sys.stdout.write(schema_text())


def check(files: list[Path]) -> None:
    """Read each declaration; show what is wrong with any, then fail if one is."""
    console = Console()
    refused: InputError | None = None
    for path in files:
        try:
            declaration = wiring.load_declaration(path)
        except InputError as error:
            refused = error
            console.print(f"{path}: {error.message}", markup=False, highlight=False)
            continue
        weights = declaration.architecture.weights_total
        console.print(
            f"{path}: {declaration.title}, {weights:,} weights,"
            f" {len(declaration.lineage.events)} events",
            markup=False,
            highlight=False,
        )
    if refused is not None:
        raise refused


def import_mlperf(archive: Path, folder: Path) -> None:
    """Write a declaration for each run in an archive of MLPerf submissions.

    A run that is reported twice is written once; a log that is refused is named.
    """
    console = Console()
    found = list(read_archive(archive))
    runs = [entry.run for entry in found if entry.run is not None]
    repeats = {repeat.name: repeat for repeat in find_repeats(runs)}
    for run in runs:
        if run.name in repeats:
            found_again = repeats[run.name]
            console.print(
                f"{run.name} repeats {found_again.repeats}"
                f" ({found_again.marks_shared} of {found_again.marks} evaluations"
                " agree): left out"
            )
            continue
        text = yaml.safe_dump(to_form(run), sort_keys=False, allow_unicode=True)
        write_new(folder / f"{run_id(run.name)}.yaml", text.encode())
    for entry in found:
        if entry.refusal is not None:
            console.print(Text(f"{entry.name}: {entry.refusal.message}", "red"))
    console.print(
        f"{len(runs) - len(repeats)} declarations in {folder}, {len(repeats)} repeats,"
        f" {len(found) - len(runs)} refused.",
        highlight=False,
    )
