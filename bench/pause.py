"""How long does it take from the last signature until every gate has acknowledged?

an agency on disk + its feed's server + thousands of gates -> a curve and a table

The order is issued on the agency's own database; the server is `assent pause serve` in
a process of its own; gates are in other processes. What has a hundred thousand gates is
in `pause_simulated`.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep

from bench.pause_chart import Axis, draw
from bench.pause_gates import ASK_S, gate_name
from bench.pause_simulated import EVERYTHING, direct_arrivals, relayed_arrivals
from bench.places import ROOT
from bench.processes import Process, line_of, running
from bench.scratch import scratch
from bench.table import WORSE, Table

from assent.adapters.keys.held_keys import unlock
from assent.supervision.pause import (
    Ack,
    GateRecord,
    PauseOrder,
    ReachStore,
    draft_pause,
    issue_order,
    parse_ack,
    read_reach,
)
from assent.testing.states import SeededSigner
from assent.vocabulary.envelope import Envelope
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.pause import open_reach

CHART = ROOT / "docs" / "pause-reach.svg"
GATES, PROCESSES = 2_000, 4
SIMULATED, RELAYS = 100_000, 100
TARGET_S, TARGET_PPM = 5.0, 999_000
TIMEOUT_S = 120
SHARES_PPM = (500_000, 990_000, 999_000, 1_000_000)
_GATES = (sys.executable, "-m", "bench.pause_gates")
_SERVE = "from assent.apps.cli.main import run; run()"
_NOTES = (
    """\
Seconds from the call that issues an order, with the last signature in hand, until so
many of all gates have acknowledged: the order was verified, written to the agency's
database and flushed, found by the feed's server, sent, verified by the gate, and the
gate's signed acknowledgement read by the server, whose clock is the issuer's too. All
of them counted in the end, verified and flushed.""",
    """\
“Real” are {gates:,} gates in {processes} processes, each with its own connection on
loopback, its own register, books and key; agency, server and all gates share the two
cores of this machine, so the gates' own work, which in life is done on as many
machines, is in the figures. All the while each is asked for a job every two seconds:
{admitted:,} were admitted and {held:,} refused for the order, and no gate's books hold
one job more than its acknowledgement counts. “Simulated” are {simulated:,} gates in one
process, without sockets: the page of the feed is handed to each by its relay; then,
once all of a relay's have it, the agency verifies the relay's roll on one core, keeps
and flushes it. Gates' and relays' signatures were made before, for in life their
machines make them side by side; what one relay takes for its gates, {relay_s:.2f} s,
and the wait for a roll to fill are added.""",
    """\
“Sworn to” is the word of {relays} relays: the agency has verified each relay's
signature, the root over its gates' signed acknowledgements, and that each gate stands
behind it. All {simulated:,} gates' own signatures were verified, too, after
{verified_s:.1f} s. “Without relays” each is verified before it counts, on one core, and
kept in memory.""",
    """\
No network is in these figures: add its delay three times, and what packets are lost.
An acknowledgement is the gate's word.""",
)


@dataclass(frozen=True, kw_only=True)
class Real:
    """What gates with real connections did.

    Attributes:
        arrivals: seconds until each gate's acknowledgement had arrived, ascending.
        admitted: jobs that gates admitted, all before their acknowledgements.
        held: jobs that they refused because of the order.

    """

    arrivals: Sequence[float]
    admitted: int
    held: int


def pause() -> Table:
    """Measure, draw the curves, and return the table."""
    with scratch() as folder:
        real = real_arrivals(folder / "real", GATES, PROCESSES)
        relayed = relayed_arrivals(folder, SIMULATED, RELAYS)
    direct = asyncio.run(direct_arrivals(SIMULATED))
    verified = [relayed.verified_s] * SIMULATED  # reach is told when all of it is
    draw(
        {
            f"{GATES:,} gates over sockets": real.arrivals,
            f"{SIMULATED:,} simulated: {RELAYS} relays have sworn": relayed.sworn,
            "the same: each gate's own signature is verified": verified,
            f"{SIMULATED:,} simulated, without relays: the same": direct,
        },
        CHART,
        Axis(
            title="Share of gates that acknowledged an order, or for which a relay"
            " swore, by time since it was issued",
            under="seconds since the order was issued (logarithmic)",
            times_s=(0.1, 1.0, 10.0, 100.0),
            mark_s=TARGET_S,
            mark=f"target {TARGET_S:g} s",
        ),
    )
    rows = [
        _row(f"{GATES:,} gates, real: acknowledged", real.arrivals),
        _row(f"{SIMULATED:,} gates, simulated: delivered", relayed.delivered),
        _row(f"{SIMULATED:,} gates behind relays: sworn to", relayed.sworn),
        _row(f"{SIMULATED:,} gates behind relays: verified", verified),
        _row(f"{SIMULATED:,} gates without relays: verified", direct),
    ]
    return Table(
        title=f"An order reaches gates; target {TARGET_PPM / 1e4:g} % in"
        f" {TARGET_S:g} s",
        columns=("what", *(f"{ppm / 10_000:g} %" for ppm in SHARES_PPM)),
        rows=rows,
        notes=[
            note.format(
                gates=GATES,
                processes=PROCESSES,
                simulated=SIMULATED,
                relays=RELAYS,
                admitted=real.admitted,
                held=real.held,
                relay_s=relayed.relay_s,
                verified_s=relayed.verified_s,
            )
            for note in _NOTES
        ],
    )


def real_arrivals(folder: Path, gates: int, processes: int) -> Real:
    """Measure gates with real connections, which are asked to admit jobs all the time.

    Args:
        folder: a new folder for the agency and the gates.
        gates: how many gates there are, in all processes together.
        processes: how many processes hold them.

    Raises:
        RuntimeError: if one did not acknowledge, or admitted a job after it had.

    """
    agency_folder, gates_folder = folder / "agency", folder / "gates"
    gates_folder.mkdir(parents=True)
    rehearse(agency_folder, 5, 3, now())
    with open_reach(agency_folder) as store:
        names = map(gate_name, range(gates))
        store.put_gates(*(GateRecord(one, SeededSigner(one).key) for one in names))
    with open_agency(agency_folder) as agency:
        order = draft_pause(agency.office, EVERYTHING, "A benchmark.", now())
        envelope = _signed(agency_folder, order)
        places = agency_folder, gates_folder
        with (
            _server(agency_folder) as url,
            _gates(url, places, gates, processes) as started,
        ):
            start = datetime.now(UTC)  # noqa: TID251 - what is measured
            issue_order(agency.office, envelope, start)
            with open_reach(agency_folder) as store:
                _wait_for_all(store, order.number, gates)
            sleep(3 * ASK_S)  # in which each gate is asked again
            books: dict[str, tuple[int, int]] = {}
            for process in started:
                books |= json.loads(_answer(process))
    with open_reach(agency_folder) as store:
        reach, acks = read_reach(store, order), store.acks(order.number)
    if reach.missing:
        raise RuntimeError(f"{len(reach.missing)} gates did not acknowledge")
    return Real(
        arrivals=sorted(
            (one.arrived - start).total_seconds() for one in reach.acks.values()
        ),
        **_admissions([parse_ack(envelope.payload) for envelope, _ in acks], books),
    )


def _admissions(
    acks: Sequence[Ack], books: Mapping[str, tuple[int, int]]
) -> dict[str, int]:
    """Hold each gate's first acknowledgement against its books at the end.

    No job ends meanwhile, so the jobs that it counted are all that there ever were.
    """
    counted: dict[str, int] = {}
    for ack in acks:
        counted.setdefault(ack.gate, ack.running + ack.checkpointing)
    admitted = {name: count for name, (count, _) in books.items()}
    if late := [name for name in counted if admitted[name] != counted[name]]:
        raise RuntimeError(f"{len(late)} gates admitted after they had acknowledged")
    if unasked := [name for name, (_, held) in books.items() if not held]:
        raise RuntimeError(f"{len(unasked)} gates were not asked after it")
    return {
        "admitted": sum(admitted.values()),
        "held": sum(held for _, held in books.values()),
    }


def _wait_for_all(store: ReachStore, number: int, gates: int) -> None:
    ends = perf_counter() + TIMEOUT_S
    while len(store.acks(number)) < gates and perf_counter() < ends:
        sleep(0.5)


def _answer(process: Process) -> str:
    if process.stdin is not None:
        process.stdin.write("end\n")
        process.stdin.flush()
    return line_of(process)


def _row(what: str, arrivals: Sequence[float]) -> tuple[str, ...]:
    ordered = sorted(arrivals)
    cells = [what]
    for ppm in SHARES_PPM:
        needed = -(-len(ordered) * ppm // 1_000_000)
        time_s = ordered[needed - 1]
        is_missed = ppm == TARGET_PPM and time_s > TARGET_S
        cells.append(f"{time_s:.2f} s{f' {WORSE}' if is_missed else ''}")
    return tuple(cells)


def _signed(folder: Path, order: PauseOrder) -> Envelope:
    keys = folder / "states"
    passphrase = (keys / "passphrase").read_text().strip()
    envelope = order.unsigned
    for name in ("AUS", "BRA", "CAN"):
        envelope = envelope.signed_by(unlock(keys / f"{name}.key", passphrase))
    return envelope


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-c", _SERVE, "pause", "serve", "--agency", str(folder)]
    with running([*command, "--listen", "127.0.0.1:0"]) as process:
        yield line_of(process).removeprefix("feed ")


@contextmanager
def _gates(
    url: str, places: tuple[Path, Path], gates: int, processes: int
) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        bounds = [gates * place // processes for place in range(processes + 1)]
        started = [
            stack.enter_context(
                running([*_GATES, url, *map(str, places), str(first), str(last)])
            )
            for first, last in itertools.pairwise(bounds)
        ]
        for process in started:
            line_of(process)
        yield started
