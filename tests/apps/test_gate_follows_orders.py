"""A gate follows the feed: no order is lost, acknowledgements mean what they say."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.pause_feed import Feed
from tests.small_gate import wait_for

from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.apps.gate import Acknowledging, OrderFollower
from assent.authorisation.treaty import Treaty
from assent.supervision.gate import Gate
from assent.supervision.ledger import Job
from assent.supervision.pause import read_reach
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.supervision.orders import (
    EVERYTHING,
    SITE,
    follow,
    make_order,
    pausing_treaty,
)
from assent.testing.trust import NOW
from assent.vocabulary import NotFound

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ONE = make_order(SITE)


class Following:
    """A gate with books and a register on disk; its clock and treaty are a test's."""

    def __init__(self, folder: Path) -> None:
        """Make them."""
        self.folder = folder
        self.ledger = open_ledger(folder / "books.db", create=True)
        self.site = SimulatedSite(ledger=self.ledger)
        GateRegister(folder / "orders.db", create=True).close()
        self.now: datetime = NOW
        self.read_treaty: Callable[[], Treaty] = pausing_treaty

    @property
    def gate(self) -> Gate:
        """The gate."""
        return self.site.gate

    def follower(self, url: str, register: GateRegister) -> OrderFollower:
        """Return what follows the feed."""
        return OrderFollower(
            url=url,
            register=register,
            gate=self.gate,
            treaty=lambda: self.read_treaty(),  # noqa: PLW0108 - it changes
            clock=lambda: self.now,
            acknowledging=Acknowledging(name="gate-1", signer=SeededSigner("gate-1")),
            again_s=0.1,
        )

    @asynccontextmanager
    async def running(self, url: str) -> AsyncIterator[GateRegister]:
        """Follow as a new process does, with what the disk holds."""
        with closing(GateRegister(self.folder / "orders.db")) as register:
            task = asyncio.create_task(self.follower(url, register).follow())
            try:
                yield register
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    """A gate that may follow."""
    made = Following(tmp_path)
    yield made
    made.ledger.close()


async def _until(ready: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, ready, 15.0)


def _feed() -> Feed:
    feed = Feed()
    feed.know("gate-1")
    return feed


def test_what_was_decided_before_an_order_came_is_in_its_acknowledgement(
    following: Following,
) -> None:
    ledger = following.ledger
    admission = following.gate.check(following.site.job(), NOW)
    is_deciding = threading.Event()

    def admit_slowly() -> None:
        with ledger.writing() as books:  # as `Gate.admit` does, on a slow disk
            is_deciding.set()
            time.sleep(0.5)
            books.put_job(Job(admission=admission))

    admitting = threading.Thread(target=admit_slowly)
    admitting.start()
    is_deciding.wait()
    with closing(GateRegister(following.folder / "orders.db")) as register:
        follower = following.follower("http://127.0.0.1:1", register)
        assert follower.acknowledge(ONE, "gate-1").running == 1
    admitting.join()


def test_a_gate_that_was_away_or_alone_acknowledges_later(following: Following) -> None:
    async def play() -> None:
        feed = _feed()
        feed.issue(ONE)
        async with feed.serving() as url:
            port = int(url.rpartition(":")[2])
            feed.store.drop_gate("gate-1")  # its acknowledgement is refused
            async with following.running(url) as register:
                await _until(lambda: register.paused.newest == 1)
        async with following.running(url):  # and now nobody answers
            await asyncio.sleep(0.3)
            feed.know("gate-1")
            async with feed.serving(port):
                await _until(lambda: read_reach(feed.store, ONE).share == 1.0)

    asyncio.run(play())


def test_the_agency_hears_when_jobs_have_stopped(following: Following) -> None:
    async def play() -> None:
        feed = _feed()
        feed.issue(ONE)
        following.gate.admit(following.site.job(), NOW)
        async with feed.serving() as url, following.running(url):
            await _until(lambda: read_reach(feed.store, ONE).running == 1)
            following.now = feed.now = NOW + timedelta(seconds=5)
            following.gate.end("c1/1", following.now)
            await _until(lambda: read_reach(feed.store, ONE).running == 0)

    asyncio.run(play())


def test_an_order_is_not_lost_while_no_treaty_can_be_read(following: Following) -> None:
    def none() -> Treaty:
        raise NotFound("There is no treaty.", remedy="Fetch it.")

    async def play() -> None:
        feed = _feed()
        feed.issue(ONE)
        following.read_treaty = none
        async with feed.serving() as url, following.running(url) as register:
            await asyncio.sleep(0.5)
            assert register.paused.newest == 0
            following.read_treaty = pausing_treaty
            await _until(lambda: register.paused.newest == 1)

    asyncio.run(play())


def test_an_order_is_not_lost_on_a_gate_whose_clock_is_behind(
    following: Following,
) -> None:
    two = follow(ONE, EVERYTHING)

    async def play() -> None:
        feed = _feed()
        feed.issue(ONE)
        feed.issue(two)
        following.now = ONE.issued - timedelta(minutes=10)
        async with feed.serving() as url:
            async with following.running(url) as register:
                await asyncio.sleep(0.5)
                assert register.paused.newest == 0
            async with following.running(url) as register:  # it was killed meanwhile
                await asyncio.sleep(0.3)
                following.now = NOW  # and somebody set the clock
                await _until(lambda: register.paused.newest == 2)
                await _until(lambda: read_reach(feed.store, two).share == 1.0)

    asyncio.run(play())
