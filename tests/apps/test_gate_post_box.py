"""Orders are posted to a gate: good ones hold at once, and all else changes nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from tests.pause_feed import Feed
from tests.small_gate import wait_for

from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.apps.gate import Acknowledging, OrderFollower
from assent.apps.gate.post_box import EACH_AT_ONCE, POST_BYTES_MAX
from assent.supervision.pause import (
    FeedItem,
    PauseOrder,
    RunFacts,
    Scope,
    ScopeKind,
    encode_page,
    read_reach,
)
from assent.testing.states import STATES, SeededSigner
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.supervision.orders import (
    SITE,
    make_order,
    pausing_treaty,
    prove_order,
    resume,
    sign_order,
)
from assent.testing.trust import NOW
from assent.vocabulary.envelope import Envelope

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ONE = make_order(SITE)
TWO = resume(ONE, ONE)
HERE = RunFacts(run_id="r", site="site-nairobi-1", party="KEN", flop=1)


@dataclass(frozen=True)
class Box:
    """A gate to which orders may be posted."""

    url: str
    register: GateRegister

    async def post(self, data: bytes) -> int:
        """Post, and return the status."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=BytesIO(data)) as response,
        ):
            await response.read()
            return response.status

    async def send(
        self,
        order: PauseOrder,
        envelope: Envelope | None = None,
        *,
        proved: bool = False,
    ) -> int:
        """Post an order as the agency does."""
        signed = envelope or sign_order(order)
        proof = prove_order(order, signed) if proved else None
        return await self.post(encode_page([FeedItem(order.number, signed, proof)]))

    @property
    def holds(self) -> list[int]:
        """The numbers of the orders that stop a run here."""
        return [order.number for order in self.register.holds(HERE, NOW)]


@asynccontextmanager
async def gate(
    folder: Path, feed_url: str = "http://127.0.0.1:1"
) -> AsyncIterator[Box]:
    """Yield a gate whose feed cannot be reached, unless one is named."""
    urls: list[str] = []
    with (
        open_ledger(folder / "books.db", create=True) as ledger,
        closing(GateRegister(folder / "orders.db", create=True)) as register,
    ):
        follower = OrderFollower(
            url=feed_url,
            register=register,
            gate=SimulatedSite(ledger=ledger).gate,
            treaty=pausing_treaty,
            clock=lambda: NOW,
            acknowledging=Acknowledging(name="gate-1", signer=SeededSigner("gate-1")),
            listen=("127.0.0.1", 0),
            listening=urls.append,
            again_s=0.1,
        )
        task = asyncio.create_task(follower.follow())
        try:
            await _until(lambda: bool(urls))
            yield Box(urls[0], register)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _until(ready: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, ready, 15.0)


def test_a_posted_order_holds_when_the_answer_is_there(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert await box.send(ONE) == 204
            assert box.holds == [1]
            assert box.register.position == 0
        with closing(GateRegister(tmp_path / "orders.db")) as register:
            assert register.holds(HERE, NOW)

    asyncio.run(run())


def test_an_order_that_comes_again_is_taken_and_changes_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert [await box.send(ONE) for _ in range(3)] == [204] * 3
            assert len(box.register.paused.known) == 1

    asyncio.run(run())


def test_a_resume_before_its_pause_waits_for_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert await box.send(TWO, proved=True) == 204
            assert box.holds == []
            assert await box.send(ONE) == 204
            assert box.holds == []
            assert box.register.paused.newest == 2

    asyncio.run(run())


def test_a_resume_that_is_not_in_the_log_ends_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert await box.send(ONE) == 204
            await box.send(TWO)
            assert box.holds == [1]

    asyncio.run(run())


def test_an_order_about_another_site_stops_nothing_here(tmp_path: Path) -> None:
    async def run() -> None:
        elsewhere = make_order(Scope(kind=ScopeKind.SITE, name="site-oslo-1"))
        async with gate(tmp_path) as box:
            assert await box.send(elsewhere) == 204
            assert box.holds == []

    asyncio.run(run())


def forgeries() -> Iterator[bytes]:
    few = sign_order(ONE, STATES[:2])
    yield encode_page([FeedItem(1, few)])
    other = make_order(SITE, reason="Something else.")
    yield encode_page(
        [
            FeedItem(
                1, Envelope(other.unsigned.payload, few.payload_type, few.signatures)
            )
        ]
    )
    yield b"{}"
    yield b"\xff" * 1_000
    yield b"[" * 100_000
    yield b""


@pytest.mark.parametrize("data", list(forgeries()))
def test_what_nobody_signed_changes_nothing_and_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert await box.post(data) == 400
            assert box.holds == []
            assert not box.register.paused.known
            assert await box.send(ONE) == 204
            assert box.holds == [1]

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert "posted what changes nothing" in caplog.text


def test_what_is_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:
            assert await box.post(b"x" * (POST_BYTES_MAX + 1)) == 413
            assert await box.send(ONE) == 204

    asyncio.run(run())


def test_whoever_posts_too_often_is_told_to_wait_and_the_feed_still_counts(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        feed = Feed()
        feed.know("gate-1")
        async with feed.serving() as url, gate(tmp_path, url) as box:
            said = [await box.post(b"{}") for _ in range(int(EACH_AT_ONCE) + 5)]
            assert 429 in said
            feed.issue(ONE)
            await _until(lambda: box.holds == [1])

    asyncio.run(run())


def test_a_posted_order_is_acknowledged_at_the_feed(tmp_path: Path) -> None:
    async def run() -> None:
        feed = Feed()
        feed.know("gate-1")
        async with feed.serving() as url, gate(tmp_path, url) as box:
            feed.issue(ONE)
            assert await box.send(ONE) == 204
            await _until(lambda: bool(read_reach(feed.store, ONE).acks))

    asyncio.run(run())


def test_the_agency_posts_to_a_gate_that_registered_an_address(tmp_path: Path) -> None:
    async def run() -> None:
        async with gate(tmp_path) as box:  # it cannot reach the feed
            feed = Feed()
            feed.know("gate-1", url=box.url)
            async with feed.serving():
                feed.issue(ONE)
                await _until(lambda: box.holds == [1])

    asyncio.run(run())


def test_a_gate_whose_address_is_taken_follows_the_feed_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        feed = Feed()
        feed.know("gate-1")
        async with feed.serving() as url:
            port = int(url.rpartition(":")[2])
            with (
                open_ledger(tmp_path / "books.db", create=True) as ledger,
                closing(GateRegister(tmp_path / "o.db", create=True)) as register,
            ):
                follower = OrderFollower(
                    url=url,
                    register=register,
                    gate=SimulatedSite(ledger=ledger).gate,
                    treaty=pausing_treaty,
                    clock=lambda: NOW,
                    listen=("127.0.0.1", port),
                )
                task = asyncio.create_task(follower.follow())
                feed.issue(ONE)
                await _until(lambda: bool(register.holds(HERE, NOW)))
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert "cannot be had" in caplog.text
