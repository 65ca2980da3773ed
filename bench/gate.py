"""How many jobs a second does a gate admit, each durably, and how quickly does it say?

jobs of one permit -> admissions a second, milliseconds; readings -> entries a second
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter

from bench.own_postgresql import MissingServer, own_postgresql
from bench.scratch import scratch
from bench.table import WORSE, Table

from assent.adapters.gate import PaperFolder
from assent.adapters.ledger import open_ledger
from assent.apps.gate import GateClient, serve
from assent.supervision.gate import Gate
from assent.supervision.ledger import Account, Ledger, allot, meter
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.trust import NOW

JOBS = 4_000
ASKED = 2_000
READINGS, A_BATCH = 100_000, 256
BOOKS = 1_000_000
_TARGETS = {"admissions": 800.0, "p99": 10.0, "readings": 20_000.0, "balances": 1.0}
_NOTE = """\
Each job is admitted and ended. An admission verifies the lease, reads the balances of
its run, and writes an entry, the balances and the job in one transaction, flushed
before the next begins, and so does the end; the permit was verified before. The
scheduler asks over the gate's Unix socket, one job after another. Readings come in
batches of {batch}, one transaction each; their signatures are not verified here (see
the meter's table). Balances are what {books:,} runs have available, reserved and spent.
PostgreSQL is as `initdb` leaves it, on a socket of the same machine. No peer is
known to us."""


def gate(jobs: int = JOBS, books: int = BOOKS) -> Table:
    """Measure admissions, answers, readings and balances."""
    with scratch() as folder:
        rows = [
            _admissions(folder, jobs),
            _answers(folder, min(jobs, ASKED)),
            _readings(_new(folder, "readings"), jobs * READINGS // JOBS),
            _balances(_new(folder, "balances"), books),
            *_on_postgresql(jobs * READINGS // JOBS, books),
        ]
    return Table(
        title="A gate and its books, on SQLite and PostgreSQL",
        columns=("what", "assent", "target"),
        rows=rows,
        notes=[_NOTE.format(batch=A_BATCH, books=books)],
    )


@contextmanager
def _site(folder: Path) -> Iterator[SimulatedSite]:
    """Give a site whose papers and books lie on the disk."""
    folder.mkdir()
    with open_ledger(folder / "books.db", create=True) as ledger:
        site = SimulatedSite(ledger=ledger)
        papers = folder / "papers"
        for name in ("permits", "leases"):
            (papers / name).mkdir(parents=True)
        permit_id = site.permit.permit_id
        bundle = site.papers.permits[permit_id]
        (papers / "permits" / f"{permit_id}.permit").write_bytes(bundle)
        (lease,) = site.papers.signed_leases[permit_id]
        (papers / "leases" / f"{permit_id}.1.lease").write_bytes(lease)
        site.gate.desk.store = PaperFolder(papers)
        yield site


def _admissions(folder: Path, jobs: int) -> tuple[str, ...]:
    with _site(folder / "admissions") as site:
        _admit(site, site.gate, "warm", 50)
        start = perf_counter()
        _admit(site, site.gate, "job", jobs)
        rate = jobs / (perf_counter() - start)
    return _row("jobs admitted and ended, durably", rate, "/s", _TARGETS["admissions"])


def _admit(site: SimulatedSite, asked: Gate, name: str, count: int) -> None:
    for number in range(count):
        job = site.job(f"{name}/{number}", chips={"H100 SXM": 1}, time_limit_s=60)
        asked.admit(job, site.now)
        asked.end(job.job_id, site.now)


def _answers(folder: Path, jobs: int) -> tuple[str, ...]:
    times_ms = []
    with (
        _site(folder / "answers") as site,
        _served(site) as path,
        GateClient(path) as client,
    ):
        for number in range(jobs):
            job = {
                "job_id": f"job/{number}",
                "account": "labs",
                "permit_id": site.permit.permit_id,
                "chips": {"H100 SXM": 1},
                "time_limit_s": 60,
                "flop_max": None,
            }
            start = perf_counter()
            client.ask("admit", job=job)
            times_ms.append(1e3 * (perf_counter() - start))
            client.ask("end", job_id=job["job_id"])
    times_ms.sort()
    p50, p99 = times_ms[jobs // 2], times_ms[jobs * 99 // 100]
    mark = "" if p99 <= _TARGETS["p99"] else f" {WORSE}"
    return (
        "an answer over the socket, p50 and p99",
        f"{p50:.2f} and {p99:.2f} ms{mark}",
        f"p99 ≤ {_TARGETS['p99']:.0f} ms",
    )


@contextmanager
def _served(site: SimulatedSite) -> Iterator[Path]:
    path, until = Path("/tmp") / f"assent-bench-{id(site)}.sock", threading.Event()  # noqa: S108 - sockets have short paths

    def clock() -> datetime:
        return site.now

    thread = threading.Thread(
        target=serve, args=(site.gate, path), kwargs={"clock": clock, "until": until}
    )
    thread.start()
    while not path.exists():
        threading.Event().wait(0.01)
    try:
        yield path
    finally:
        until.set()
        thread.join()


def _on_postgresql(readings: int, books: int) -> list[tuple[str, ...]]:
    try:
        with own_postgresql() as create:
            return [
                (f"{what}, on PostgreSQL", *figures)
                for what, *figures in (
                    _readings(create("readings"), readings),
                    _balances(create("balances"), books),
                )
            ]
    except MissingServer as missing:
        return [("the same on PostgreSQL", f"not measured: {missing}", "")]


def _readings(place: str | Path, count: int) -> tuple[str, ...]:
    with open_ledger(place, create=True) as ledger:
        entries = [
            meter("permit-1", "job", f"meter/{n}", 10**20, NOW, f"sha256:{n:064x}")
            for n in range(count)
        ]
        start = perf_counter()
        for first in range(0, count, A_BATCH):
            with ledger.writing() as books:
                books.record(entries[first : first + A_BATCH])
        rate = count / (perf_counter() - start)
    return _row("readings recorded", rate, "/s", _TARGETS["readings"])


def _balances(place: str | Path, count: int) -> tuple[str, ...]:
    with open_ledger(place, create=True) as ledger:
        _fill(ledger, count)
        start = perf_counter()
        with ledger.reading() as books:
            _, (available, _, _) = books.balances(
                Account.AVAILABLE, Account.RESERVED, Account.SPENT
            )
        seconds = perf_counter() - start
    if sum(available) != count * 10**25:
        raise ValueError("The balances do not add up.")
    mark = "" if seconds <= _TARGETS["balances"] else f" {WORSE}"
    what = f"balances of {count:,} runs"
    return what, f"{seconds:.2f} s{mark}", f"≤ {_TARGETS['balances']:.0f} s"


def _fill(ledger: Ledger, count: int) -> None:
    for first in range(0, count, 10_000):
        with ledger.writing() as books:
            books.record(
                allot(f"permit-{n}", 1, 10**25, NOW)
                for n in range(first, min(first + 10_000, count))
            )


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name / "books.db"


def _row(what: str, rate: float, unit: str, target: float) -> tuple[str, ...]:
    mark = "" if rate >= target else f" {WORSE}"
    return what, f"{rate:,.0f} {unit}{mark}", f"≥ {target:,.0f} {unit}"
