"""Gates with a running job each, for the benchmark that kills the agency.

papers + a folder + seconds of a lease + when it began + names -> when each job stopped

The process says `ready` when all jobs run. It looks at each gate's jobs as often as
`assent gate serve` does, and ends a job as soon as its gate says that it has to stop.
When all have stopped it tells when, and how many gates would admit another.
"""

import json
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.lapse_agency import clock_from, lapsing_permit
from bench.pause_gates import gate_name, make_site

from assent.adapters.gate import PaperFolder
from assent.adapters.ledger import open_ledger
from assent.apps.gate.server import WATCH_S
from assent.supervision.admission import JobRequest, StopKind
from assent.supervision.gate import Gate, PaperDesk, PapersMissing, Site
from assent.testing.permits import SimulatedAgency
from assent.testing.supervision.gates import SITE

GRACE_S = 2


def _gate(papers: Path, folder: Path, site: Site, name: str) -> Gate:
    return Gate(
        site=site,
        desk=PaperDesk(
            store=PaperFolder(papers), root=SimulatedAgency().trust.root, site=SITE
        ),
        ledger=open_ledger(folder / f"{name}.books", create=True),
        holds=lambda _facts, _now: (),
    )


def _job(name: str, permit_id: str, number: int = 1) -> JobRequest:
    return JobRequest(
        job_id=f"{name}/{number}",
        site=SITE,
        account="labs",
        permit_id=permit_id,
        chips={"H100 SXM": 1},
        time_limit_s=3_600,
    )


def stops(gates: dict[str, Gate], began_s: float) -> Iterator[tuple[float, str]]:
    """Yield when each gate's job stopped, by this machine's clock, and why."""
    left = dict(gates)
    while left:
        looked = time.monotonic()
        for name, gate in list(left.items()):
            now = clock_from(began_s)
            for job, stop in gate.watch(now):
                gate.end(job.job_id, now)
                yield time.time(), stop.kind
                del left[name]
        time.sleep(max(0.0, looked + WATCH_S - time.monotonic()))


def main(
    papers: Path, folder: Path, lease_s: int, began_s: float, names: range
) -> None:
    """Admit a job at each gate, and watch until all have stopped."""
    permit_id = lapsing_permit(lease_s).permit_id
    site = make_site(GRACE_S)
    made = {name: _gate(papers, folder, site, name) for name in map(gate_name, names)}
    for name, gate in made.items():
        gate.admit(_job(name, permit_id), clock_from(began_s))
    _say("ready")
    found = list(stops(made, began_s))
    if others := {kind for _, kind in found} - {StopKind.LEASE_LAPSED}:
        raise SystemExit(f"jobs stopped for other reasons: {others}")
    would_admit = 0
    time.sleep(GRACE_S)
    for name, gate in made.items():
        try:
            gate.check(_job(name, permit_id, 2), clock_from(began_s))
        except PapersMissing:
            continue
        would_admit += 1
    _say(json.dumps({"stopped_s": [at_s for at_s, _ in found], "would": would_admit}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    first, last = map(int, sys.argv[5:7])
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        int(sys.argv[3]),
        float(sys.argv[4]),
        range(first, last),
    )
