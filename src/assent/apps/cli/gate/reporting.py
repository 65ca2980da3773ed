"""`assent gate correct`, `report`: mend the books by one more entry; close the day.

entry + the right FLOP -> a correction;  books -> the day book, signed
"""

import asyncio
from pathlib import Path

from assent.adapters.gate import open_gate_folder
from assent.adapters.gate.orders import OrderFeed
from assent.apps.cli.output.speaking import show, tell
from assent.supervision.ledger import correct_to
from assent.vocabulary import AssentError, format_count, parse_count
from assent.wiring.agency import now
from assent.wiring.gate import open_gate
from assent.wiring.ledger import report, send


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


def report_day(folder: Path, name: str, url: str | None) -> None:
    """Close the day; send what the agency does not have.

    Raises:
        FeedUnreachable: if it cannot be sent; the next report sends it, too.

    """
    with open_gate(folder) as opened:
        for head, path in report(opened, name, now()):
            tell(f"The {head.words} has {head.entries - head.entries_before} entries.")
            show(str(path))
    if url is None:
        tell("Send it to the agency, which takes it: `assent ledger take`.")
        return
    sent = asyncio.run(_send(folder, url))
    tell(f"The agency has day books {', '.join(map(str, sent))}.")


async def _send(folder: Path, url: str) -> list[int]:
    def trouble(error: AssentError) -> None:
        tell(f"{error.message} {error.remedy}")

    async with OrderFeed(url, on_trouble=trouble) as feed:
        return await send(open_gate_folder(folder), feed)
