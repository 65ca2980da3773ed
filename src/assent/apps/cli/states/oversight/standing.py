"""`assent oversight run`: where a run stands, by all that its agency knows.

permit or application -> its state, since when, why, and what may happen next
"""

from pathlib import Path

from assent.apps.cli.output.speaking import show
from assent.supervision.pause import find_standing
from assent.wiring.agency.open import now, open_agency


def show_run(agency: Path, case_id: str) -> None:
    """Show where a run stands."""
    time = now()
    with open_agency(agency, at=time) as opened:
        standing = find_standing(opened.office, case_id, time)
    show(*standing.words)
