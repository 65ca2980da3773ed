"""A hundred thousand gates in one process: an order handed out, acknowledgements taken.

how many gates, behind how many relays -> seconds at which each was told, and counted

The agency's own code does the agency's work. What gates and relays do in life on their
own machines was done before, and what it takes there is measured by itself.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.pause_gates import gate_name

from assent.adapters.agency.reach import SqliteReachStore
from assent.apps.feed.desk import AckDesk
from assent.apps.feed.hub import Hub
from assent.apps.feed.relay import ROLL_S
from assent.supervision.pause import (
    FeedItem,
    GateRecord,
    PauseOrder,
    Scope,
    ScopeKind,
    parse_page,
    read_reach,
    sign_roll,
)
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import make_ack, make_order, sign_order
from assent.vocabulary.envelope import Envelope

EVERYTHING = Scope(kind=ScopeKind.EVERYTHING)
_TIMEOUT_S = 120
_AT_ONCE = 1_000  # acknowledgements that a server reads at one time


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """Seconds since the order was in the feed, of each gate, ascending.

    Attributes:
        delivered: when the gate had it.
        sworn: when the agency had kept its acknowledgement in a relay's roll.
        relay_s: what one relay takes to verify and swear for its gates; in `sworn`.
        verified_s: when the agency had verified every gate's own signature, too.

    """

    delivered: Sequence[float]
    sworn: Sequence[float]
    relay_s: float
    verified_s: float


def relayed_arrivals(folder: Path, gates: int, relays: int) -> Simulated:
    """Measure gates behind relays; the agency's store is on disk.

    Args:
        folder: for the store.
        gates: how many gates there are.
        relays: behind how many relays, each with about as many.

    Raises:
        RuntimeError: if one did not count in the end.

    """
    order, at = make_order(EVERYTHING), _now().replace(microsecond=0)
    acks: dict[str, list[Envelope]] = {}
    known = []
    for number in range(gates):
        name, relay = gate_name(number), f"relay-{number % relays}"
        known.append(GateRecord(name, SeededSigner(name).key, relay=relay))
        acks.setdefault(relay, []).append(make_ack(order, name, at=at))
    relay_s = asyncio.run(_one_relay(order, known, acks["relay-0"]))
    rolls = {
        relay: sign_roll(order, some, relay, SeededSigner(relay), at)
        for relay, some in acks.items()
    }
    with closing(SqliteReachStore(folder / "reach.db")) as store:
        store.put_gates(*known)
        for relay in acks:
            store.put_relay(relay, SeededSigner(relay).key)
        hub = Hub()
        desk = AckDesk(hub, store, _now)
        desk.know(known, store.relays())
        delivered, sworn = asyncio.run(_relayed(hub, desk, order, rolls, acks))
        start = perf_counter()
        reach = read_reach(store, order)
        counted_s = perf_counter() - start
    if reach.missing or reach.false_oaths or len(sworn) != gates:
        raise RuntimeError("not every acknowledgement counts")
    aside_s = relay_s + ROLL_S  # what happens at the relays, and was done before
    return Simulated(
        delivered=delivered,
        sworn=[one + aside_s for one in sworn],
        relay_s=relay_s,
        verified_s=max(sworn) + aside_s + counted_s,
    )


async def _relayed(
    hub: Hub,
    desk: AckDesk,
    order: PauseOrder,
    rolls: dict[str, bytes],
    acks: dict[str, list[Envelope]],
) -> tuple[list[float], list[float]]:
    """Hand an order to relays, by them to gates; then take the relays' rolls."""
    delivered: list[float] = []
    sworn: list[float] = []
    pages: set[bytes] = set()
    start = 0.0

    async def relay(name: str) -> None:
        own, everybody = Hub(), len(acks[name])
        waiting = [asyncio.create_task(gate(own)) for _ in range(everybody)]
        ready.release()
        own.extend(parse_page(await hub.page(0, _TIMEOUT_S), 0))
        await asyncio.gather(*waiting)
        found = await desk.take_roll(rolls[name])
        sworn.extend([perf_counter() - start] * len(found.acks))

    async def gate(own: Hub) -> None:
        pages.add(await own.page(0, _TIMEOUT_S))
        delivered.append(perf_counter() - start)

    ready = asyncio.Semaphore(0)
    waiting = [asyncio.create_task(relay(name)) for name in rolls]
    for _ in rolls:
        await ready.acquire()
    await asyncio.sleep(1)
    start = perf_counter()
    hub.extend([FeedItem(1, sign_order(order))])
    await asyncio.gather(*waiting)
    (page,) = pages
    if [item.envelope for item in parse_page(page, 0)] != [sign_order(order)]:
        raise RuntimeError("what was delivered is not the order")
    return sorted(delivered), sorted(sworn)


async def _one_relay(
    order: PauseOrder, known: Sequence[GateRecord], acks: Sequence[Envelope]
) -> float:
    """Return what a relay takes to verify its gates' acknowledgements and to swear."""
    hub = Hub()
    hub.extend([FeedItem(1, sign_order(order))])
    desk = AckDesk(hub, MemoryReachStore(), _now)
    desk.know(known)
    keeping = asyncio.create_task(desk.keep())
    start = perf_counter()
    await asyncio.gather(*(desk.take(ack) for ack in acks))
    sign_roll(order, acks, "relay-0", SeededSigner("relay-0"), _now())
    took_s = perf_counter() - start
    keeping.cancel()
    return took_s


async def direct_arrivals(gates: int) -> list[float]:
    """Return after how many seconds each gate counted without relays, ascending.

    One process and one core, no sockets, no disk; each signature is verified.
    """
    order, hub = make_order(EVERYTHING), Hub()
    names = [gate_name(number) for number in range(gates)]
    at = _now().replace(microsecond=0)
    desk = AckDesk(hub, MemoryReachStore(), _now)
    desk.know([GateRecord(name, SeededSigner(name).key) for name in names])
    acks = [make_ack(order, name, at=at) for name in names]
    hub.extend([FeedItem(1, sign_order(order))])
    keeping, at_once = asyncio.create_task(desk.keep()), asyncio.Semaphore(_AT_ONCE)
    arrivals: list[float] = []
    start = perf_counter()

    async def gate(ack: Envelope) -> None:
        async with at_once:
            await desk.take(ack)
        arrivals.append(perf_counter() - start)

    await asyncio.gather(*(gate(ack) for ack in acks))
    keeping.cancel()
    return sorted(arrivals)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a clock is needed
