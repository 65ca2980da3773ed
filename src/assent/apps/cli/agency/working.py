"""`assent agency work`: what is due, once or again and again.

folder -> votes closed, permits ended, decisions announced, public files written
"""

import sys
import time
from pathlib import Path

from assent.apps.cli.agency.output import steps, write_lines
from assent.apps.cli.output.visible import visible
from assent.vocabulary import AssentError
from assent.wiring.agency import now
from assent.wiring.agency.work import STATUS_FILE
from assent.wiring.rounds import Round, work_round


def work_in(folder: Path) -> None:
    """Do what is due, and say what was done."""
    with steps("work") as tell:
        worked = work_round(folder, now(), tell)
    lines = _lines(folder, worked)
    write_lines(*(lines or ["nothing was due"]))


def watch(folder: Path, pause_s: float) -> None:
    """Work round by round, until interrupted; a failure is told, and tried again.

    The first round must succeed: a wrong folder is no failure that passes.
    """
    work_in(folder)
    try:
        while True:
            time.sleep(pause_s)
            try:
                write_lines(*_lines(folder, work_round(folder, now())))
            except AssentError as error:
                sys.stderr.write(
                    f"error: {visible(error.message)}\n"
                    f"remedy: {visible(error.remedy)}\n"
                )
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing is half done.\n")


def _lines(folder: Path, found: Round) -> list[str]:
    done, served = found.worked.done, found.worked.served
    decided = [one.record for one in done.closed if one.record is not None]
    return [
        *(f"decided    {one.proposal.title}: {one.outcome}" for one in decided),
        *(f"ended      {permit_id}" for permit_id in done.ended),
        *(
            f"void       {permit_id}: a member's key ended before it was logged; put"
            " it to the vote again"
            for permit_id in done.void
        ),
        *(
            f"announced  {one.notice.entry.kind} {one.notice.entry.subject},"
            f" entry {one.index}"
            for one in done.announced
        ),
        *([f"wrote      {folder / 'public' / STATUS_FILE}"] if served.status else []),
        *(f"gave out   {permit_id}" for permit_id in served.permits),
        *(f"renewed    {lease_id}" for lease_id in served.leases),
        *(f"took       {one.head.words}: {one.outcome}" for one in found.taken),
        *(f"refused    {words}" for words in found.refused),
        *(f"told       {gate} what its owners used elsewhere" for gate in found.told),
    ]
