"""A gate follows the feed: no order is lost, acknowledgements mean what they say."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.following_gate import FollowingGate
from tests.pause_feed import Feed
from tests.small_gate import PERMIT, wait_for

from assent.adapters.gate.orders import GateRegister
from assent.authorisation.treaty import Treaty
from assent.supervision.ledger import Job
from assent.supervision.pause import Scope, ScopeKind, read_reach
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


@pytest.fixture
def following(tmp_path: Path) -> Iterator[FollowingGate]:
    """A gate that may follow."""
    made = FollowingGate(tmp_path)
    yield made
    made.ledger.close()


async def _until(ready: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, ready, 15.0)


def _feed() -> Feed:
    feed = Feed()
    feed.know("gate-1")
    return feed


def test_what_was_decided_before_an_order_came_is_in_its_acknowledgement(
    following: FollowingGate,
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


@pytest.mark.parametrize(
    ("scope", "running"),
    [
        (SITE, 1),
        (Scope(kind=ScopeKind.RUN, name=PERMIT.run_id), 1),
        (Scope(kind=ScopeKind.RUN, name="another-run"), 0),
    ],
)
def test_only_jobs_that_an_order_covers_are_counted(
    following: FollowingGate, scope: Scope, running: int
) -> None:
    following.gate.admit(following.site.job(), NOW)
    order = make_order(scope)
    with closing(GateRegister(following.folder / "orders.db")) as register:
        follower = following.follower("http://127.0.0.1:1", register)
        told = follower.acknowledge(order, "gate-1")
        assert (told.running, told.checkpointing, told.stopped) == (running, 0, 0)
        following.gate.end("c1/1", NOW + timedelta(seconds=5))
        told = follower.acknowledge(order, "gate-1")
        assert (told.running, told.checkpointing, told.stopped) == (0, 0, running)


def test_a_gate_that_was_away_or_alone_acknowledges_later(
    following: FollowingGate,
) -> None:
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


def test_the_agency_hears_when_jobs_have_stopped(following: FollowingGate) -> None:
    async def play() -> None:
        feed = _feed()
        feed.issue(ONE)
        following.gate.admit(following.site.job(), NOW)
        async with feed.serving() as url, following.running(url):
            await _until(lambda: read_reach(feed.store, ONE).running == 1)
            following.now = feed.now = NOW + timedelta(seconds=5)
            following.gate.end("c1/1", following.now)
            await _until(lambda: read_reach(feed.store, ONE).running == 0)
            assert read_reach(feed.store, ONE).stopped == 1

    asyncio.run(play())


def test_an_order_is_not_lost_while_no_treaty_can_be_read(
    following: FollowingGate,
) -> None:
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
    following: FollowingGate,
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
