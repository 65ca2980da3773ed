"""Assess a table of runs on all cores, row by row, in order.

    CSV file -> CSV file, with progress; a bad row keeps its place and says why

Each process loads the rulebook once. Nothing of a table is held in memory but the
chunks under way.
"""

import csv
import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TextIO

from assent.adapters.files import reader_beside
from assent.adapters.packaged import packaged_accelerators
from assent.authorisation.assessment import (
    RESULT_COLUMNS,
    assess_row,
    check_columns,
)
from assent.rulebook import Rulebook
from assent.vocabulary import DocumentInvalid, NotFound

ROWS_PER_CHUNK = 500  # half a second of work: smooth progress, little overhead
CHUNKS_UNDER_WAY = 8  # for each process; bounds the memory a long table takes

FILES_KEPT = 256  # configs that many rows share; each is some kilobytes

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioResult:
    """What became of a table."""

    rows: int
    errors: int
    binding: int


def assess_table(
    table: Path,
    results: Path,
    rulebook: Callable[[], Rulebook],
    on: date,
    *,
    progress: Callable[[int], None],
) -> PortfolioResult:
    """Write one row of results for each row of a table, all of them or none.

    `rulebook` is called once in each process; `progress` with the rows done so far.

    Raises:
        NotFound: if the table cannot be read or the results cannot be written.
        DocumentInvalid: if its columns are unknown, or it is not CSV.

    """
    _check_paths(table, results)
    unfinished = results.with_name(f"{results.name}.unfinished")
    try:
        with (
            table.open(encoding="utf-8-sig", newline="") as source,
            unfinished.open("w", encoding="utf-8", newline="") as target,
        ):
            result = _assess(source, target, table, rulebook, on, progress)
        unfinished.replace(results)
    except OSError as error:
        raise NotFound(
            f"{error.filename or table} cannot be used: {error.strerror}.",
            remedy="Check the path and its permissions.",
        ) from None
    except UnicodeDecodeError:
        raise NotFound(
            f"{table} is not UTF-8 text.", remedy="Save the table as UTF-8 CSV."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return result


def _check_paths(table: Path, results: Path) -> None:
    if not table.is_file():
        raise NotFound(f"{table} is not a file.", remedy="Name a table in CSV.")
    if results.exists() and table.samefile(results):
        raise NotFound(
            f"{results} is the table itself.", remedy="Write the results elsewhere."
        )


def _assess(  # noqa: PLR0913, PLR0917 - what one table needs, passed on
    source: TextIO,
    target: TextIO,
    table: Path,
    rulebook: Callable[[], Rulebook],
    on: date,
    progress: Callable[[int], None],
) -> PortfolioResult:
    rows = errors = binding = 0
    processes = max(1, os.cpu_count() or 1)
    writer = csv.DictWriter(target, RESULT_COLUMNS)
    writer.writeheader()
    with ProcessPoolExecutor(
        processes, initializer=_start, initargs=(rulebook, on, table)
    ) as pool:
        for chunk in _in_order(pool, _chunks(source, table), processes):
            writer.writerows(chunk)
            rows += len(chunk)
            errors += sum(1 for row in chunk if row["error"])
            binding += sum(1 for row in chunk if row["law_binds"])
            progress(rows)
    return PortfolioResult(rows=rows, errors=errors, binding=binding)


def count_rows(table: Path) -> int:
    """Return about how many rows a table has, for the length of a progress bar.

    Raises:
        NotFound: if the table cannot be read.

    """
    try:
        with table.open("rb") as source:
            return max(0, sum(1 for _ in source) - 1)
    except OSError as error:
        raise NotFound(
            f"{table} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from None


def _chunks(source: Iterator[str], table: Path) -> Iterator[list[Row]]:
    reader = csv.DictReader(source, strict=True)
    try:
        check_columns(list(reader.fieldnames or []))
        while chunk := [_cells(row) for row in islice(reader, ROWS_PER_CHUNK)]:
            yield chunk
    except csv.Error as error:
        raise DocumentInvalid(
            f"{table}, line {reader.line_num}: not CSV: {error}.",
            remedy="Check the quotes in that line.",
        ) from None


def _cells(row: dict[str | None, str | list[str] | None]) -> Row:
    """Keep the cells under named columns; those beyond the header are an error."""
    beyond = row.pop(None, None)
    cells = {str(name): str(cell or "") for name, cell in row.items()}
    if beyond:
        cells["_beyond"] = str(beyond)
    return cells


def _in_order(
    pool: ProcessPoolExecutor, chunks: Iterator[list[Row]], processes: int
) -> Iterator[list[Row]]:
    """Yield results in the order of the rows, keeping every process busy."""
    under_way = [
        pool.submit(_assess_chunk, chunk)
        for chunk in islice(chunks, processes * CHUNKS_UNDER_WAY)
    ]
    while under_way:
        yield under_way.pop(0).result()
        under_way += [pool.submit(_assess_chunk, chunk) for chunk in islice(chunks, 1)]


_work: Callable[[Row], Row]


def _start(rulebook: Callable[[], Rulebook], on: date, table: Path) -> None:
    """Prepare one process: load the law once, remember the files that rows name."""
    global _work  # noqa: PLW0603 - a process of the pool has no other place to keep it
    beside = functools.lru_cache(FILES_KEPT)(reader_beside(table))
    loaded, accelerators = rulebook(), packaged_accelerators()

    def work(row: Row) -> Row:
        return assess_row(row, loaded, on, accelerators, beside)

    _work = work


def _assess_chunk(chunk: list[Row]) -> list[Row]:
    return [_work(row) for row in chunk]
