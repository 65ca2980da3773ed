"""An agency that works round by round on a quick clock, for a campaign that kills it.

    python -m tests.torture.agency_process FOLDER BEGAN START

BEGAN is when the campaign began, by this machine's clock, and START what the agency's
clock showed then. Each round does what `assent agency work` does.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from assent.vocabulary import AssentError, parse_instant
from assent.wiring.agency.work import work_once

HOURS_A_SECOND = 6.0  # leases of a day are renewed every two seconds


def quick_clock(began_s: float, start: datetime) -> datetime:
    """Return what the clock of agency and gate shows."""
    passed = timedelta(hours=HOURS_A_SECOND * (time.time() - began_s))
    return (start + passed).replace(microsecond=0)


def main() -> None:
    """Work until killed."""
    folder, began_s = Path(sys.argv[1]), float(sys.argv[2])
    start = parse_instant(sys.argv[3])
    while True:
        try:
            worked = work_once(folder, quick_clock(began_s, start))
        except AssentError as error:
            sys.stdout.write(f"refused {type(error).__name__} {error.message}\n")
        else:
            for lease_id in worked.served.leases:
                sys.stdout.write(f"renewed {lease_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
