"""An agency that renews one permit's leases, for the benchmark that kills it.

folder + seconds that a lease lasts + when it all began -> leases, one after another

Each lease is put into the folder half of a lease's life after the one before, as
`assent agency work` does. The process says `renewed` each time.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.files import make_folder, write_durably
from assent.authorisation.docket import Event
from assent.authorisation.permit import (
    Permit,
    PermitCase,
    PermitState,
    advance,
    renew_lease,
)
from assent.testing.permits import make_bundle, make_caps, make_permit
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import LEASE_SERVICE, SITE
from assent.testing.trust import NOW

_MODE = 0o644


def lapsing_permit(lease_s: int) -> Permit:
    """Return the permit whose leases last so long."""
    caps = make_caps(flop=10**26)
    return make_permit(caps=caps, lease_s=lease_s, oversight_points=())


def clock_from(began_s: float) -> datetime:
    """Return the time of all processes: papers are good around one made-up day."""
    return NOW + timedelta(seconds=time.time() - began_s)


def renew_for_ever(folder: Path, lease_s: int, began_s: float) -> None:
    """Renew until killed."""
    permit = lapsing_permit(lease_s)
    case = PermitCase(
        case_id=permit.permit_id,
        state=PermitState.IN_FORCE,
        permit=permit,
        pending=None,
        entry_index=6,
    )
    for name in ("permits", "leases"):
        make_folder(folder / name, 0o755)
    path = folder / "permits" / f"{permit.permit_id}.permit"
    write_durably(path, make_bundle(permit), _MODE)
    while True:
        now = clock_from(began_s).replace(microsecond=0)
        lease, signed = renew_lease(case, SITE, now, SeededSigner(LEASE_SERVICE))
        renewed = Event(
            kind="lease_renewed",
            time=now,
            actor="agency.example",
            body=lease.event_body,
        )
        case = advance(case, case.case_id, renewed)
        leases = folder / "leases"
        name = f"{permit.permit_id}.{lease.serial}.lease"
        write_durably(leases / name, signed.encoded, _MODE)
        old = leases / f"{permit.permit_id}.{lease.serial - 2}.lease"
        old.unlink(missing_ok=True)
        sys.stdout.write("renewed\n")
        sys.stdout.flush()
        time.sleep(lease_s / 2)


if __name__ == "__main__":
    renew_for_ever(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
