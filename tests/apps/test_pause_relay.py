"""A provider's relay stands between the feed and gates, and may be killed."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from tests.pause_feed import Feed
from tests.small_gate import wait_for
from tests.voting_agency import run

from assent.adapters.gate.orders import NotTaken, OrderFeed
from assent.apps.cli.states.pause.app import pause
from assent.apps.feed import Relay
from assent.supervision.pause import GateRecord, ReachStore, read_reach
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import SITE, make_ack, make_order, sign_order
from assent.testing.trust import NOW
from assent.vocabulary.envelope import parse_public_key
from assent.wiring.agency import now as agency_now
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.pause import open_reach

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ONE = make_order(SITE)
NAMES = [f"gate-{n}" for n in range(30)]
_RUN = "from assent.apps.cli.main import run; run()"


@dataclass
class Provider:
    """A provider with a relay whose gates the agency knows."""

    agency: Feed = field(default_factory=Feed)
    store: ReachStore = field(default_factory=MemoryReachStore)

    def __post_init__(self) -> None:
        """Register relay and gates on both sides."""
        self.agency.store.put_relay("relay-1", SeededSigner("relay-1").key)
        for name in NAMES:
            key = SeededSigner(name).key
            self.store.put_gates(GateRecord(name, key))
            self.agency.store.put_gates(GateRecord(name, key, relay="relay-1"))

    @asynccontextmanager
    async def relaying(self, url: str, signer: str = "relay-1") -> AsyncIterator[str]:
        """Run the relay; yield its URL."""
        bound: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with OrderFeed(url, wait_s=5) as upstream:
            relay = Relay(
                feed=upstream,
                name="relay-1",
                signer=SeededSigner(signer),
                store=self.store,
                now=lambda: NOW,
            )
            task = asyncio.create_task(relay.run("127.0.0.1", 0, bound.set_result))
            try:
                yield await bound
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def acknowledged(self, count: int) -> None:
        """Wait until so many gates count at the agency."""
        await asyncio.to_thread(
            wait_for, lambda: len(read_reach(self.agency.store, ONE).acks) >= count
        )


async def _gate(url: str, name: str) -> None:
    async with OrderFeed(url) as feed:
        (item,) = await feed.page(0)
        assert item.envelope == sign_order(ONE)
        await feed.acknowledge(make_ack(ONE, name))


def test_gates_hear_and_acknowledge_through_a_relay() -> None:
    async def play() -> None:
        provider = Provider()
        async with (
            provider.agency.serving() as url,
            provider.relaying(url) as relay_url,
        ):
            gates = [asyncio.create_task(_gate(relay_url, name)) for name in NAMES]
            await asyncio.sleep(0.3)
            provider.agency.issue(ONE)
            await asyncio.gather(*gates)
            await provider.acknowledged(len(NAMES))
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{url}/reach/1") as response,
            ):
                said = json.loads(await response.read())
        assert (said["acknowledged"], said["sworn_by_relays"]) == (30, 30)
        # Many gates, few signatures of the relay: that is what it is for.
        assert len(provider.agency.store.rolls(1)) < len(NAMES) / 2
        assert provider.agency.store.acks(1) == []

    asyncio.run(play())


def test_a_relay_that_starts_again_swears_to_what_it_had_kept() -> None:
    async def play() -> None:
        provider = Provider()
        provider.store.add_acks(  # kept, and never sworn to
            [(1, name, make_ack(ONE, name), NOW) for name in NAMES[:7]]
        )
        provider.agency.issue(ONE)
        async with provider.agency.serving() as url, provider.relaying(url):
            await provider.acknowledged(7)

    asyncio.run(play())


def test_a_relay_waits_for_an_agency_that_is_away() -> None:
    async def play() -> None:
        provider = Provider()
        provider.agency.issue(ONE)
        async with provider.agency.serving() as url:
            port = int(url.rpartition(":")[2])
            async with provider.relaying(url) as relay_url:
                await _gate(relay_url, NAMES[0])
                await provider.acknowledged(1)
        async with provider.relaying(url) as relay_url:
            await asyncio.sleep(0.5)
            async with provider.agency.serving(port):
                await _gate(relay_url, NAMES[1])
                await provider.acknowledged(2)

    asyncio.run(play())


def test_a_relay_takes_only_what_its_gates_signed() -> None:
    async def play() -> None:
        provider = Provider()
        provider.agency.issue(ONE)
        async with (
            provider.agency.serving() as url,
            provider.relaying(url) as relay_url,
            OrderFeed(relay_url) as feed,
        ):
            await feed.page(0)
            for bad in (
                make_ack(ONE, NAMES[0], signer="mallory"),
                make_ack(ONE, "gate-99"),
            ):
                with pytest.raises(NotTaken):
                    await feed.acknowledge(bad)
            await feed.acknowledge(make_ack(ONE, NAMES[1]))
            await provider.acknowledged(1)
        assert set(read_reach(provider.agency.store, ONE).acks) == {NAMES[1]}

    asyncio.run(play())


def test_what_a_stranger_swears_is_refused() -> None:
    async def play() -> None:
        provider = Provider()
        provider.agency.issue(ONE)
        async with (
            provider.agency.serving() as url,
            provider.relaying(url, signer="mallory") as relay_url,
        ):
            await _gate(relay_url, NAMES[0])
            await asyncio.sleep(1)
            async with OrderFeed(url) as feed:
                for roll in (b"", b"junk\n", b"x\n" * 700_000):
                    with pytest.raises(NotTaken):
                        await feed.swear(roll)
        assert provider.agency.store.rolls(1) == []

    asyncio.run(play())


@contextmanager
def _process(folder: Path, url: str) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    command = [sys.executable, "-c", _RUN, "pause", "relay", "serve", str(folder)]
    given = ["--feed", url, "--name", "relay-1", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, *given], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip().removeprefix("feed ")
        finally:
            process.kill()


def test_a_relay_of_the_command_line_is_killed_and_loses_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "relay"
    key = run(pause, "relay", "key", folder).strip()
    assert run(pause, "relay", "key", folder).strip() == key
    now = agency_now()
    order = make_order(SITE, issued=now, effective=now)
    agency = Feed(now=now)
    agency.store.put_relay("relay-1", parse_public_key(key))
    for name in NAMES[:6]:
        public = SeededSigner(name).key
        run(pause, "relay", "gate", folder, name, "--key", public.text)
        agency.store.put_gates(GateRecord(name, public, relay="relay-1"))

    def is_complete() -> bool:
        return not read_reach(agency.store, order).missing

    async def play() -> None:
        agency.issue(order)
        async with agency.serving() as url:
            for number, name in enumerate(NAMES[:6]):
                with _process(folder, url) as (process, relay_url):
                    assert relay_url, process.poll()
                    async with OrderFeed(relay_url) as feed:
                        await feed.page(0)
                        await feed.acknowledge(make_ack(order, name, at=now))
                    if number == 5:
                        await asyncio.to_thread(
                            wait_for,
                            lambda: not read_reach(agency.store, order).missing,
                        )

    asyncio.run(play())


def test_an_agency_registers_relays_and_gates_behind_them(tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    rehearse(folder, 5, 3, agency_now())
    key = SeededSigner("gate-1").key.text
    gate = ("gate", "--agency", folder, "gate-1", "--key", key, "--relay", "relay-1")
    run(pause, *gate, error="NotFound")
    relay = ("relay", "register", "--agency", folder, "relay-1")
    run(pause, *relay, "--key", "7", error="SignatureInvalid")
    run(pause, *relay, "--key", SeededSigner("relay-1").key.text)
    run(pause, *gate)
    with open_reach(folder) as store:
        assert store.relays() == {"relay-1": SeededSigner("relay-1").key}
        assert [one.relay for one in store.gates()] == ["relay-1"]
