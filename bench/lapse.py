"""With the agency killed, do all jobs stop within one lease?

an agency that renews leases + thousands of gates with a job each -> a curve and a table

The agency is a process of its own and is killed with SIGKILL; the gates go on in their
processes, with their papers and books on disk.
"""

import itertools
import json
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.lapse_agency import clock_from
from bench.lapse_gates import GRACE_S
from bench.pause_chart import Axis, draw
from bench.places import ROOT
from bench.processes import Process, line_of, running
from bench.scratch import scratch
from bench.table import WORSE, Table

from assent.adapters.gate import PaperFolder
from assent.apps.gate.server import WATCH_S
from assent.authorisation.permit import parse_lease
from assent.vocabulary.envelope import parse_envelope

CHART = ROOT / "docs" / "lease-lapse.svg"
GATES, PROCESSES, LEASE_S = 2_000, 4, 20
_ALIVE_LEASES = 2  # for which the agency lives, and no job may stop
SHARES_PPM = (1, 500_000, 990_000, 1_000_000)


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """What became of jobs when the agency was killed.

    Attributes:
        stopped_s: of each job, after how many seconds it had stopped, ascending.
        lease_ended_s: when the last lease ended, likewise.
        would_admit: how many gates would have admitted another job after that.

    """

    stopped_s: Sequence[float]
    lease_ended_s: float
    would_admit: int


def lapse() -> Table:
    """Measure, draw the curve, and return the table."""
    with scratch() as folder:
        found = lapse_of(folder, GATES, PROCESSES, LEASE_S)
    draw(
        {f"{GATES:,} gates, leases of {LEASE_S} s": found.stopped_s},
        CHART,
        Axis(
            title="Share of jobs that had stopped, by time since the agency was killed",
            under="seconds since the agency was killed",
            times_s=range(0, LEASE_S + 6, 5),
            mark_s=float(LEASE_S),
            mark="one lease",
        ),
    )
    cells = []
    for ppm in SHARES_PPM:
        needed = max(1, -(-len(found.stopped_s) * ppm // 1_000_000))
        time_s = found.stopped_s[needed - 1]
        cells.append(f"{time_s:.1f} s{f' {WORSE}' if time_s > LEASE_S else ''}")
    names = ("first", "50 %", "99 %", "all")
    return Table(
        title=f"The agency is killed; target: all stop within one lease, {LEASE_S} s",
        columns=("what", *names, "end of the last lease"),
        rows=[(f"{GATES:,} gates", *cells, f"{found.lease_ended_s:.1f} s")],
        notes=[
            f"""\
{GATES:,} gates in {PROCESSES} processes, each with its own books and its own reading of
the papers, and a job each. The agency's process renews the lease every
{LEASE_S / 2:g} s; for {_ALIVE_LEASES} leases no job stops; then it is killed with
SIGKILL. A gate looks every {WATCH_S:g} s, and tells a job to stop so that {GRACE_S} s
are left for a checkpoint before the lease ends; the job is ended at once. Of all gates
{found.would_admit} would have admitted another job after that."""
        ],
    )


def lapse_of(folder: Path, gates: int, processes: int, lease_s: int) -> Lapse:
    """Kill the agency of so many gates.

    Args:
        folder: for papers and books; new.
        gates: how many gates there are, in all processes together.
        processes: how many processes hold them.
        lease_s: how long a lease lasts.

    Raises:
        RuntimeError: if a job stopped while the agency lived.

    """
    papers, books = folder / "papers", folder / "books"
    papers.mkdir(parents=True)
    books.mkdir()
    began_s = time.time()
    common = (str(lease_s), str(began_s))
    bounds = [gates * place // processes for place in range(processes + 1)]
    module = (sys.executable, "-m")
    with ExitStack() as stack:
        agency = stack.enter_context(
            running([*module, "bench.lapse_agency", str(papers), *common])
        )
        line_of(agency)
        started = [
            stack.enter_context(
                running(
                    [
                        *(*module, "bench.lapse_gates", str(papers), str(books)),
                        *(*common, str(first), str(last)),
                    ]
                )
            )
            for first, last in itertools.pairwise(bounds)
        ]
        for process in started:
            line_of(process)
        time.sleep(_ALIVE_LEASES * lease_s)
        killed_s = _kill(agency)
        ends_s = _last_lease_s(papers, began_s) - killed_s
        said = [json.loads(line_of(process)) for process in started]
    stopped = sorted(at_s - killed_s for one in said for at_s in one["stopped_s"])
    if len(stopped) != gates or stopped[0] < 0:
        raise RuntimeError("a job stopped while the agency lived")
    return Lapse(
        stopped_s=stopped,
        lease_ended_s=ends_s,
        would_admit=sum(one["would"] for one in said),
    )


def _kill(process: Process) -> float:
    process.send_signal(signal.SIGKILL)
    process.wait()
    return time.time()


def _last_lease_s(papers: Path, began_s: float) -> float:
    """Return when the newest lease ends, by this machine's clock."""
    store = PaperFolder(papers)
    (permit,) = (path.stem for path in (papers / "permits").glob("*.permit"))
    leases = [
        parse_lease(parse_envelope(data).payload) for data in store.leases(permit)
    ]
    left = max(lease.expires for lease in leases) - clock_from(began_s)
    return time.time() + left.total_seconds()
