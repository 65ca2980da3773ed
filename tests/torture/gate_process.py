"""A gate in a process of its own, for a campaign that kills it.

    python -m tests.torture.gate_process FOLDER SOCKET BEGAN

Its papers are made up; its books are a file in the folder. BEGAN is when the campaign
began, by this machine's clock: the gate's own clock goes on from there.
"""

import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.ledger import open_ledger
from assent.apps.gate import serve
from assent.testing.permits import make_caps, make_permit
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.trust import NOW

FLOP_MAX = 10**21
PERMIT = make_permit(
    caps=make_caps(flop=2 * FLOP_MAX), oversight_points=(), oversight_flop_share_ppm=0
)


def main() -> None:
    """Answer until killed."""
    folder, path, began = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.time() - began)

    with open_ledger(folder / "books.db") as ledger:
        site = SimulatedSite(permit=PERMIT, ledger=ledger)
        serve(site.gate, path, clock=clock, until=threading.Event())


if __name__ == "__main__":
    main()
