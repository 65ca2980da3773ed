"""Gates follow a feed over real sockets, through restarts, and acknowledge."""

import asyncio
import json
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from tests.pause_feed import Feed

from assent.adapters.agency.reach import SqliteReachStore
from assent.adapters.gate.orders import (
    FeedUnreachable,
    GateRegister,
    OrderFeed,
)
from assent.adapters.gate.orders.order_feed import NotTaken
from assent.supervision.pause import (
    FeedMalformed,
    Outcome,
    Paused,
    RunFacts,
    parse_page,
    read_reach,
)
from assent.testing.supervision.orders import (
    SITE,
    follow,
    make_ack,
    make_order,
    pausing_treaty,
    resume,
    sign_order,
)
from assent.testing.trust import NOW
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ONE = make_order(SITE)
TWO = resume(ONE, ONE)
HERE = RunFacts(run_id="r", site="site-nairobi-1", party="KEN", flop=1)


async def _status(url: str, **request: object) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(url=url, **request) as response,  # type: ignore[arg-type]
    ):
        return response.status, await response.read()


def test_a_poll_waits_for_news_and_gets_it_at_once() -> None:
    async def run() -> None:
        feed = Feed()
        async with feed.serving() as url, OrderFeed(url) as follower:
            asking = asyncio.create_task(follower.page(0, wait_s=20))
            await asyncio.sleep(0.2)
            assert not asking.done()
            feed.issue(ONE)
            (item,) = await asyncio.wait_for(asking, 5)
            assert item.envelope == sign_order(ONE)
            assert await follower.page(1, wait_s=0) == []
            assert await follower.page(0, wait_s=0) == [item]

    asyncio.run(run())


def test_a_gate_pauses_and_resumes_by_the_feed_alone(tmp_path: Path) -> None:
    async def run() -> None:
        feed = Feed()
        register = GateRegister(tmp_path / "orders.db", create=True)
        seen = []
        feed.issue(ONE)
        async with (
            feed.serving() as url,
            OrderFeed(url) as follower,
            aclosing(follower.items(register.position)) as items,
        ):
            async for item in items:
                register.receive(item, pausing_treaty(), NOW)
                held = [order.number for order in register.holds(HERE, NOW)]
                seen.append((item.position, held))
                if item.position == 1:
                    feed.issue(TWO)
                elif item.position == 2:
                    feed.log(TWO)
                else:
                    break
        register.close()
        assert seen == [(1, [1]), (2, [1]), (3, [])]

    asyncio.run(run())


def test_a_gate_goes_on_after_the_server_was_gone() -> None:
    async def run() -> None:
        feed = Feed()
        told: list[AssentError] = []
        feed.issue(ONE)
        async with feed.serving() as url:
            port = int(url.rpartition(":")[2])
        async with (
            OrderFeed(url, wait_s=1, on_trouble=told.append) as follower,
            aclosing(follower.items(0)) as items,
        ):
            first = asyncio.ensure_future(anext(items))
            await asyncio.sleep(0.2)
            assert told
            assert not first.done()
            async with feed.serving(port):
                assert (await asyncio.wait_for(first, 10)).position == 1
        assert all(isinstance(error, FeedUnreachable) for error in told)

    asyncio.run(run())


def test_an_acknowledgement_counts_once_it_is_kept(tmp_path: Path) -> None:
    async def run() -> None:
        feed = Feed(store=SqliteReachStore(tmp_path / "reach.db"))
        feed.know("gate-1", "gate-2")
        feed.issue(ONE)
        async with feed.serving() as url, OrderFeed(url) as follower:
            ack = make_ack(ONE, running=2)
            await follower.acknowledge(ack)
            await follower.acknowledge(ack)  # replayed: kept once
            reach = read_reach(feed.store, ONE)
            assert (reach.share, reach.running) == (0.5, 2)
            assert len(feed.store.acks(1)) == 1
            status, body = await _status(f"{url}/reach/1", method="GET")
            assert status == 200
            said = json.loads(body)
            assert (said["acknowledged"], said["known"]) == (1, 2)
            assert said["missing"] == ["gate-2"]
            assert (await _status(f"{url}/reach/9", method="GET"))[0] == 404
        feed.store.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "ack",
    [
        make_ack(ONE, signer="mallory"),
        make_ack(ONE, "gate-9"),
        make_ack(follow(ONE)),
        make_ack(ONE, at=NOW + timedelta(days=1)),
        sign_order(ONE),
    ],
    ids=["forged", "unknown gate", "unknown order", "future", "no ack"],
)
def test_what_does_not_count_is_refused_and_not_kept(ack: "object") -> None:
    async def run() -> None:
        feed = Feed()
        feed.know("gate-1")
        feed.issue(ONE)
        async with feed.serving() as url, OrderFeed(url) as follower:
            with pytest.raises(NotTaken):
                await follower.acknowledge(ack)  # type: ignore[arg-type]
            assert feed.store.acks(1) == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "request_", "status"),
    [
        ("/orders?after=-1", {"method": "GET"}, 400),
        ("/orders?after=x", {"method": "GET"}, 400),
        (f"/orders?after={'9' * 4_000}", {"method": "GET"}, 400),
        ("/orders?wait=61", {"method": "GET"}, 400),
        ("/orders?wait=0", {"method": "POST"}, 405),
        ("/acks", {"method": "POST", "data": b"junk"}, 400),
        ("/acks", {"method": "POST", "data": b"x" * 20_000}, 413),
        ("/elsewhere", {"method": "GET"}, 404),
        ("/reach/x", {"method": "GET"}, 404),
    ],
)
def test_refuses_what_nobody_asks(
    path: str, request_: dict[str, object], status: int
) -> None:
    async def run() -> None:
        async with Feed().serving() as url:
            assert (await _status(url + path, **request_))[0] == status

    asyncio.run(run())


def test_a_database_that_fails_for_a_while_delays_and_loses_nothing() -> None:
    async def run() -> None:
        feed = Feed()
        async with feed.serving() as url, OrderFeed(url) as follower:
            feed.fault = StoreUnavailable("The disk is gone.", remedy="Wait.")
            feed.issue(ONE)
            assert await follower.page(0, wait_s=1) == []
            feed.fault = None
            assert len(await follower.page(0, wait_s=5)) == 1

    asyncio.run(run())


def test_new_orders_are_posted_to_gates_that_ask_for_it() -> None:
    async def run() -> None:
        came: asyncio.Queue[bytes] = asyncio.Queue()
        answers = [500, 204]

        async def take(request: web.Request) -> web.Response:
            await came.put(await request.read())
            return web.Response(status=answers.pop(0))

        app = web.Application()
        app.router.add_post("/orders", take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        feed = Feed()
        port = runner.addresses[0][1]
        feed.know("gate-1", url=f"http://127.0.0.1:{port}/orders")
        feed.know("gate-2", url="http://127.0.0.1:1/nobody")
        async with feed.serving():
            feed.issue(ONE)
            for _ in range(2):  # the first answer was an error: it is posted again
                data = await asyncio.wait_for(came.get(), 10)
                assert parse_page(data, 0)[0].envelope == sign_order(ONE)
        await runner.cleanup()

    asyncio.run(run())


def test_a_feed_that_lies_about_positions_is_refused() -> None:
    async def run() -> None:
        feed = Feed()
        feed.issue(ONE)
        feed.items[0] = type(feed.items[0])(7, sign_order(ONE))
        async with feed.serving() as url, OrderFeed(url) as follower:
            with pytest.raises(FeedMalformed):
                await follower.page(0, wait_s=0)

    asyncio.run(run())


def test_a_hundred_gates_are_reached_within_seconds() -> None:
    async def run() -> None:
        feed = Feed()
        names = [f"gate-{n}" for n in range(100)]
        feed.know(*names)

        async def gate(name: str, follower: OrderFeed) -> Outcome:
            (item,) = await follower.page(0)
            _, reception = paused.receive(item.envelope, pausing_treaty(), NOW)
            await follower.acknowledge(make_ack(ONE, name))
            return reception.outcome

        paused = Paused()
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            feed.serving() as url,
            aiohttp.ClientSession(connector=connector) as session,
        ):
            gates = [
                asyncio.create_task(gate(name, OrderFeed(url, session=session)))
                for name in names
            ]
            await asyncio.sleep(0.5)
            feed.issue(ONE)
            outcomes = await asyncio.wait_for(asyncio.gather(*gates), 20)
        assert set(outcomes) == {Outcome.ACCEPTED}
        assert read_reach(feed.store, ONE).share == 1.0

    asyncio.run(run())


def test_what_a_gate_said_before_does_not_take_the_place_of_what_it_said_later() -> (
    None
):
    async def run() -> None:
        feed = Feed()
        feed.know("gate-1")
        feed.issue(ONE)
        async with feed.serving() as url, OrderFeed(url) as follower:
            await follower.acknowledge(make_ack(ONE, running=0))
            for early in (
                make_ack(ONE, at=NOW - timedelta(seconds=1), running=9),
                make_ack(ONE, running=9),
            ):
                with pytest.raises(NotTaken, match="already"):
                    await follower.acknowledge(early)
        assert read_reach(feed.store, ONE).running == 0
        assert len(feed.store.acks(1)) == 1

    asyncio.run(run())


def test_a_server_that_cannot_look_for_orders_ends() -> None:
    async def run() -> None:
        feed = Feed()
        async with feed.serving():
            feed.fault = ZeroDivisionError()
            assert feed.served is not None
            await asyncio.wait({feed.served}, timeout=5)
            assert isinstance(feed.served.exception(), ZeroDivisionError)

    asyncio.run(run())


def test_a_feed_is_followed_over_http_alone() -> None:
    for url in ("ftp://agency.example", "agency.example", ""):
        with pytest.raises(InputError):
            OrderFeed(url)


def test_an_address_that_is_taken_is_told() -> None:
    async def run() -> None:
        async with Feed().serving() as url:
            with pytest.raises(InputError, match="cannot be listened on"):
                async with Feed().serving(int(url.rpartition(":")[2])):
                    pass

    asyncio.run(run())
