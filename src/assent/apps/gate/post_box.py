"""Take orders that are posted to a gate, by its agency or by anybody.

POST /orders with a page of the feed -> each order given on, or why not

Nobody is believed for posting: an order counts by its signatures alone, as always, and
what is no order changes nothing. So anybody may post; what that costs is bounded in
bytes, in seconds, in pages a second and at a time. A known order is recognised without
verifying it again. Whoever drowns this box delays nothing: the feed is followed too.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic

from aiohttp import web

from assent.supervision.pause import (
    FeedItem,
    KnownOrder,
    Outcome,
    Reception,
    parse_order,
    parse_posted,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError

POST_BYTES_MAX = 2_000_000  # a few orders of 256 states, with their proofs
POST_S_MAX = 10.0  # for the whole body
WAITING_MAX = 16  # pages that are being taken
PAGES_PER_S, PAGES_AT_ONCE = 5.0, 40.0  # of all who post
EACH_PER_S, EACH_AT_ONCE = 1.0, 10.0  # of one address
ADDRESSES_MAX = 4_096
TOLD_EACH_S = 1.0  # garbage in the log
_logger = logging.getLogger(__name__)
Take = Callable[[FeedItem], Awaitable[Reception]]
Known = Callable[[str], KnownOrder | None]


@dataclass
class Bucket:
    """So many things a second, and so many at once after a silence."""

    per_s: float
    at_once: float
    _left: float = field(init=False)
    _at_s: float = field(init=False, default_factory=monotonic)

    def __post_init__(self) -> None:
        """Begin full."""
        self._left = self.at_once

    def takes(self) -> bool:
        """Return whether there is one left, and take it."""
        now_s = monotonic()
        more = (now_s - self._at_s) * self.per_s
        self._left, self._at_s = min(self._left + more, self.at_once), now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class PostBox:
    """Takes orders that are posted; made within a running event loop."""

    def __init__(self, take: Take, known: Known) -> None:
        """Give orders on.

        Args:
            take: verifies an order and keeps it; returns once it is kept.
            known: the order of a digest, if it was verified before.

        """
        self._take, self._known = take, known
        self._all = Bucket(PAGES_PER_S, PAGES_AT_ONCE)
        self._each: dict[str, Bucket] = {}
        self._told = Bucket(1 / TOLD_EACH_S, 10)
        self._waiting = 0

    @asynccontextmanager
    async def open(self, host: str, port: int) -> AsyncIterator[str]:
        """Answer at an address; yield the URL.

        Raises:
            InputError: if the address cannot be had.

        """
        app = web.Application(client_max_size=POST_BYTES_MAX)
        app.router.add_post("/orders", self._orders)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=5.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise InputError(
                    f"{host}:{port} cannot be had: {error.strerror}.",
                    remedy="Name an address of this machine and a port that is free.",
                ) from None
            bound = runner.addresses[0]
            yield f"http://{bound[0]}:{bound[1]}/orders"
        finally:
            await runner.cleanup()

    async def _orders(self, request: web.Request) -> web.Response:
        address = request.remote or ""
        if not self._may(address):
            return self._refused(HTTPStatus.TOO_MANY_REQUESTS, "Post it later.")
        if self._waiting >= WAITING_MAX:
            return self._refused(HTTPStatus.SERVICE_UNAVAILABLE, "Post it later.")
        self._waiting += 1
        try:
            async with asyncio.timeout(POST_S_MAX):
                data = await request.read()
            return await self._answer(address, data)
        except TimeoutError:
            return self._refused(HTTPStatus.REQUEST_TIMEOUT, "That took too long.")
        except web.HTTPRequestEntityTooLarge:
            self._report(address, f"more than {POST_BYTES_MAX:,} bytes")
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too long.")
        finally:
            self._waiting -= 1

    async def _answer(self, address: str, data: bytes) -> web.Response:
        refused: list[str] = []
        try:
            for item in await asyncio.to_thread(parse_posted, data):
                reception = await self._one(item)
                if reception is not None and reception.error is not None:
                    self._report(address, reception.error.message)
                    if reception.outcome is Outcome.REFUSED:
                        refused.append(reception.error.message)
        except StoreUnavailable as error:
            _logger.critical("%s %s", error.message, error.remedy)
            return self._refused(HTTPStatus.SERVICE_UNAVAILABLE, "Post it later.")
        except AssentError as error:
            self._report(address, error.message)
            refused.append(error.message)
        if refused:
            return self._refused(HTTPStatus.BAD_REQUEST, refused[0])
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _one(self, item: FeedItem) -> Reception | None:
        known = self._known(parse_order(item.envelope.payload).digest)
        if known is not None and (known.is_logged or item.proof is None):
            return None  # nothing of it is new
        return await self._take(item)

    def _may(self, address: str) -> bool:
        if len(self._each) >= ADDRESSES_MAX:
            self._each.clear()
        each = self._each.setdefault(address, Bucket(EACH_PER_S, EACH_AT_ONCE))
        return each.takes() and self._all.takes()

    def _report(self, address: str, why: str) -> None:
        if self._told.takes():
            _logger.warning("%s posted what changes nothing: %.300r", address, why)

    def _refused(self, status: HTTPStatus, why: str) -> web.Response:
        headers = {"X-Content-Type-Options": "nosniff"}
        return web.Response(status=status, text=f"{why}\n", headers=headers)
