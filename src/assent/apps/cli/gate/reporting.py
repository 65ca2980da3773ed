"""`assent gate correct`, `report`: mend the books by one more entry; close the day.

entry + the right FLOP -> a correction;  books -> the day book, signed
"""

from pathlib import Path

from assent.apps.cli.output.speaking import show, tell
from assent.supervision.ledger import correct_to
from assent.vocabulary import format_count, parse_count
from assent.wiring.agency import now
from assent.wiring.gate import open_gate
from assent.wiring.ledger import report


def correct(folder: Path, entry_id: str, flop: str, reason: str, by: str) -> None:
    """Correct an entry.

    Raises:
        QuantityInvalid: if the FLOP are no count.
        NotFound, CorrectionRefused, EntryInvalid: see `correct_to`.

    """
    right = parse_count(flop)
    with open_gate(folder) as opened, opened.gate.ledger.writing() as books:
        made = correct_to(books, entry_id, right, reason, by, now())
    show(
        f"{made.entry_id}: {entry_id} says {format_count(right)} FLOP from now on."
        " What it said before stays written."
    )


def report_day(folder: Path, name: str) -> None:
    """Close the day."""
    with open_gate(folder) as opened:
        for head, path in report(opened, name, now()):
            tell(f"The {head.words} has {head.entries - head.entries_before} entries.")
            show(str(path))
    tell("Send it to the agency, which takes it: `assent ledger take`.")
