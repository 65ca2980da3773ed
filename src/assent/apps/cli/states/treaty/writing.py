"""`assent treaty` new, calendar and bytes: what is written.

options -> YAML; treaty file -> canonical bytes
"""

import sys
from pathlib import Path

from assent.adapters.files import read_text
from assent.adapters.packaged.holiday_calendars import holiday_calendar
from assent.apps.cli.output.writing import write_new
from assent.authorisation.treaty import parse_treaty, treaty_bytes
from assent.authorisation.treaty.scaffold import scaffold_national, scaffold_wider
from assent.wiring import runs as wiring


def new(
    agency: str, title: str, year: int | None, out: Path | None, *, is_national: bool
) -> None:
    """Print or write a commented treaty; an existing file is left alone."""
    make = scaffold_national if is_national else scaffold_wider
    text = make(agency, title, wiring.today().year if year is None else year)
    if out is None:
        sys.stdout.write(text)
    else:
        write_new(out, text.encode())


def calendar(country: str, year: int, years: int) -> None:
    """Print the `calendar:` block of a country's public holidays."""
    sys.stdout.write(holiday_calendar(country.upper(), year, years).yaml)


def write_canonical(file: Path, out: Path) -> None:
    """Write the bytes that the states sign; print their digest."""
    text = read_text(file)
    treaty = parse_treaty(text)
    write_new(out, treaty_bytes(text))
    sys.stdout.write(f"{out}: version {treaty.version}, {treaty.digest}\n")
