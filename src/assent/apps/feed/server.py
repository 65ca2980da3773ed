"""The feed's HTTP interface.

    GET  /orders?after=N&wait=S   a page of what is behind position N, as soon as there
                                  is something, or an empty one after S seconds
    POST /acks                    a gate's signed acknowledgement: 204 once it is kept
    POST /rolls                   a relay's signed roll of them: 204 once it is kept
    POST /day-books               a gate's day book: 204 once it is in the inbox
    GET  /reach/N                 how far order N has reached, as JSON

Anybody may read; what is posted counts by its signature alone. TLS and a public address
are left to a proxy in front. A long poll holds one connection: the limit on open files
of the process is the limit on gates.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import aiohttp
from aiohttp import web

from assent.adapters.agency.reach import Webhooks
from assent.adapters.ledger.day_books import ReceivedFolder
from assent.apps.feed.day_desk import DayDesk
from assent.apps.feed.desk import AckDesk, Kept
from assent.apps.feed.hub import Hub
from assent.supervision.pause import (
    ACK_BYTES_MAX,
    ROLL_BYTES_MAX,
    FeedItem,
    PauseOrder,
    ReachStore,
    read_reach,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError, canonical_bytes
from assent.vocabulary.envelope import parse_envelope

LOOPBACK, PORT = "127.0.0.1", 8790
WAIT_S_MAX = 60  # what a gate may ask for
BODY_BYTES_MAX = 4 * ACK_BYTES_MAX  # an acknowledgement in its envelope, base64
LOOK_S = 0.05  # between looks at the agency's orders: what an order waits at most
GATES_S = 1.0  # between looks at which gates are known
BACKLOG = 4_096  # connections that wait to be accepted, when all come back at once
MISSING_SHOWN_MAX = 100
REACH_S = 1.0  # for which a count of acknowledgements stands
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a feed serves.

    Attributes:
        feed: returns what the agency's feed holds behind a position; may block.
        store: of gates and acknowledgements; may block.
        now: the time, with parts of a second.
        on_kept: told of acknowledgements that gates sent, once they are kept.
        inbox: where day books go; None if none are taken here.

    """

    feed: Callable[[int], list[FeedItem]]
    store: ReachStore
    now: Callable[[], datetime]
    on_kept: Callable[[Sequence[Kept]], None] = lambda _: None
    inbox: ReceivedFolder | None = None


class FeedServer:
    """An agency's feed over HTTP; made within a running event loop."""

    def __init__(self, served: Served) -> None:
        """Begin with an empty feed; `running` fills it."""
        self._served, self._hub = served, Hub()
        self._desk = AckDesk(self._hub, served.store, served.now, served.on_kept)
        self._days: DayDesk | None = None
        if served.inbox is not None:
            self._days = DayDesk(served.inbox, served.now)
        self._urls: list[str] = []
        self._posting: set[asyncio.Task[int]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._counting = asyncio.Lock()
        self._counted: dict[int, tuple[float, bytes]] = {}

    @property
    def hub(self) -> Hub:
        """The feed in memory."""
        return self._hub

    def make_app(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/orders", _answering(self._orders))
        app.router.add_post("/acks", _answering(self._acks))
        app.router.add_post("/rolls", _answering(self._rolls))
        if self._days is not None:
            app.router.add_post("/day-books", _answering(self._day_books))
        app.router.add_get("/reach/{number:[0-9]{1,15}}", _answering(self._reach))
        return app

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for orders and gates, and keep acknowledgements, until the end.

        Raises:
            AssentError: if the first look fails.

        """
        await self._look_for_gates()
        self._hub.extend(await asyncio.to_thread(self._served.feed, 0))
        async with aiohttp.ClientSession() as session:
            hooks = Webhooks(session, _tell_of_hook)
            self._tasks = [
                asyncio.create_task(self._desk.keep()),
                asyncio.create_task(_again(self._look_for_gates, GATES_S)),
                asyncio.create_task(_again(lambda: self._look(hooks), LOOK_S)),
            ]
            try:
                yield
            finally:
                ending = [*self._tasks, *self._posting]
                for task in ending:
                    task.cancel()
                await asyncio.gather(*ending, return_exceptions=True)

    async def until_broken(self) -> None:
        """Wait for ever; a defect that ended the looking ends this with its error.

        A server that no longer looks for orders must not seem to have none.
        """
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _look(self, hooks: Webhooks) -> None:
        items = await asyncio.to_thread(self._served.feed, self._hub.position)
        self._hub.extend(items)
        if items and self._urls:
            posting = asyncio.create_task(hooks.post(items, self._urls))
            self._posting.add(posting)  # one that nobody holds may be collected
            posting.add_done_callback(self._posting.discard)

    async def _look_for_gates(self) -> None:
        gates = await asyncio.to_thread(self._served.store.gates)
        self._desk.know(gates, await asyncio.to_thread(self._served.store.relays))
        if self._days is not None:
            self._days.know({gate.name: gate.key for gate in gates})
        self._urls = [gate.url for gate in gates if gate.url is not None]

    async def _orders(self, request: web.Request) -> web.Response:
        after = _number(request, "after", 0, 2**53)
        wait_s = _number(request, "wait", 0, WAIT_S_MAX)
        page = await self._hub.page(after, wait_s)
        return web.Response(body=page, content_type="application/json")

    async def _acks(self, request: web.Request) -> web.Response:
        await self._desk.take(parse_envelope(await request.read()))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _rolls(self, request: web.Request) -> web.Response:
        data = b""
        async for chunk in request.content.iter_any():
            data += chunk
            if len(data) > ROLL_BYTES_MAX:
                too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return _refused(too_large, "Send several rolls.")
        await self._desk.take_roll(data)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _day_books(self, request: web.Request) -> web.Response:
        if self._days is not None:
            await self._days.take(request.content)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _reach(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        found = self._hub.order(number)
        if found is None:
            return _refused(HTTPStatus.NOT_FOUND, f"No order {number} was issued.")
        # All of it is verified again, which takes seconds if there is much: once for
        # all who ask.
        loop = asyncio.get_running_loop()
        async with self._counting:
            at_s, body = self._counted.get(number, (-REACH_S, b""))
            if loop.time() - at_s >= REACH_S:
                body = await asyncio.to_thread(self._count, *found)
                self._counted[number] = (loop.time(), body)
        return web.Response(body=body, content_type="application/json")

    def _count(self, order: PauseOrder, digest: str) -> bytes:
        reach = read_reach(self._served.store, order)
        return canonical_bytes(
            {
                "order": order.number,
                "digest": digest,
                "known": len(reach.gates),
                "acknowledged": len(reach.acks),
                "sworn_by_relays": self._desk.sworn(order.number),
                "running": reach.running,
                "missing": list(reach.missing[:MISSING_SHOWN_MAX]),
            }
        )


async def serve(
    served: Served, host: str, port: int, on_bound: Callable[[str], None]
) -> None:
    """Answer until cancelled; killing it at any instant is safe.

    Args:
        served: what is served.
        host: the address to listen on.
        port: 0 takes any free one.
        on_bound: called with the URL once asking is possible.

    Raises:
        InputError: if the address cannot be listened on.
        AssentError: if the orders or the gates cannot be read.

    """
    server = FeedServer(served)
    runner = web.AppRunner(server.make_app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        async with server.running():
            try:
                site = web.TCPSite(runner, host, port, backlog=BACKLOG)
                await site.start()
            except (OSError, OverflowError) as error:
                raise InputError(
                    f"{host!r}, port {port}, cannot be listened on: {error}.",
                    remedy="Choose an address of this machine and a free port.",
                ) from None
            bound = runner.addresses[0]
            at = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            on_bound(f"http://{at}:{bound[1]}")
            await server.until_broken()
    finally:
        await runner.cleanup()


async def _again(look: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Look again and again; a failure is told, and passes."""
    is_told = False
    while True:
        await asyncio.sleep(pause_s)
        try:
            await look()
        except AssentError as error:
            if not is_told:
                _logger.critical("%s %s", error.message, error.remedy)
            is_told = True
        else:
            is_told = False


def _tell_of_hook(url: str, why: str) -> None:
    _logger.warning("an order was not posted to %r: %s", url, why)


def _answering(
    handle: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn our errors into answers: one of ours never ends a connection."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handle(request)
        except StoreUnavailable as error:
            _logger.critical("%s %s", error.message, error.remedy)
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "Try again.")
        except AssentError as error:
            return _refused(HTTPStatus.BAD_REQUEST, f"{error.message} {error.remedy}")

    return answer


def _refused(status: HTTPStatus, why: str) -> web.Response:
    return web.Response(
        status=status, text=f"{why}\n", headers={"X-Content-Type-Options": "nosniff"}
    )


def _number(request: web.Request, name: str, least: int, most: int) -> int:
    text = request.query.get(name, "0")
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        number = -1
    else:
        number = int(text)
    if not least <= number <= most:
        raise InputError(
            f"{text!r:.40} cannot be {name}.",
            remedy=f"Write a whole number from {least} to {most}.",
        )
    return number
