"""Follow an agency's feed of orders over HTTP, and acknowledge what came.

URL -> FeedItem after FeedItem, by long poll, with backoff;  Envelope -> POST /acks;
a relay's roll -> POST /rolls

    GET /orders?after=17&wait=30    a page of what is behind position 17, or none after
                                    30 seconds
    POST /acks, /day-books          what the gate signed; 204 once the agency has it

A feed that cannot be reached is tried again for ever. Its silence shows nothing: an
order can come by any other way, and leases end by themselves.
"""

import asyncio
import json
import random
import ssl
from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import Self

import aiohttp

from assent.supervision.pause import (
    PAGE_BYTES_MAX,
    FeedItem,
    FeedMalformed,
    parse_page,
)
from assent.translog.errors import LogUnreachable
from assent.vocabulary import AssentError, InputError
from assent.vocabulary.envelope import Envelope

WAIT_S = 30  # of a long poll: below what proxies cut off
ANSWER_S_MAX = 15  # beyond the wait, for a page of many orders on a slow line
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.2, 30.0  # a new server is not asked by all at once
DAY_S_MAX = 600  # for a day book of the largest size on a slow line
ACK_TRIES_MAX = 8  # about a minute; then the next count of jobs is told instead
_CHUNK_BYTES = 65_536
_WORDS_MAX = 300


class FeedUnreachable(LogUnreachable):
    """The agency's feed did not answer, or not as it should."""


class OrderFeed:
    """One agency's feed; one connection that is kept."""

    def __init__(
        self,
        url: str,
        *,
        wait_s: int = WAIT_S,
        session: aiohttp.ClientSession | None = None,
        tls: ssl.SSLContext | None = None,
        on_trouble: Callable[[AssentError], None] = lambda _: None,
    ) -> None:
        """Follow the feed at a URL.

        Args:
            url: where the agency serves it: `https://pause.agency.example`.
            wait_s: how long the server may wait for news.
            session: of aiohttp's, to share connections; its owner closes it.
            tls: whom to believe, if not those that this machine does.
            on_trouble: told of every failure, before the feed is tried again.

        Raises:
            InputError: if it is no HTTP URL.

        """
        if not url.startswith(("http://", "https://")):
            raise InputError(
                f"{url!r:.120} is no URL of a feed.",
                remedy="Write https://HOST[:PORT], as the agency published it.",
            )
        self._url, self._wait_s, self._tls = url.rstrip("/"), wait_s, tls
        self._session, self._is_own = session, session is None
        self._on_trouble = on_trouble

    async def __aenter__(self) -> Self:
        """Return the feed, to be closed at the end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection, if it is the feed's own."""
        if self._session is not None and self._is_own:
            await self._session.close()
            self._session = None

    async def items(self, after: int) -> AsyncGenerator[FeedItem, None]:
        """Yield what is behind a position, then what comes, for ever.

        Failures are told, and tried again after a growing pause.
        """
        pause_s = BACKOFF_S_MIN
        while True:
            try:
                page = await self.page(after)
            except AssentError as error:
                self._on_trouble(error)
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
                pause_s = min(2 * pause_s, BACKOFF_S_MAX)
                continue
            pause_s = BACKOFF_S_MIN
            for item in page:
                yield item
                after = item.position

    async def page(self, after: int, wait_s: int | None = None) -> list[FeedItem]:
        """Return what is behind a position, as soon as there is something.

        Args:
            after: the position.
            wait_s: how long the server may wait for news, if not as long as usual.

        Raises:
            FeedUnreachable: if there is no answer, or a refusal.
            FeedMalformed: if it is no page.

        """
        wait_s = self._wait_s if wait_s is None else wait_s
        query = {"after": str(after), "wait": str(wait_s)}
        try:
            async with self._client.get(
                f"{self._url}/orders",
                params=query,
                timeout=aiohttp.ClientTimeout(total=wait_s + ANSWER_S_MAX),
                allow_redirects=False,
                ssl=True if self._tls is None else self._tls,
            ) as response:
                data = await _read(response, PAGE_BYTES_MAX)
                if response.status != HTTPStatus.OK:
                    raise self._refused(response.status, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from None
        return parse_page(data, after)

    async def acknowledge(self, ack: Envelope) -> None:
        """Send an acknowledgement, until the agency has it.

        Raises:
            FeedUnreachable: if it was refused, or could not be sent for a minute.

        """
        await self._insist("acks", ack.encoded, ANSWER_S_MAX)

    async def swear(self, roll: bytes) -> None:
        """Send a relay's roll, until the agency has it.

        Raises:
            FeedUnreachable: as `acknowledge`.

        """
        await self._insist("rolls", roll, ANSWER_S_MAX)

    async def send_day(self, day_book: bytes) -> None:
        """Send a day book, until the agency has it.

        Raises:
            FeedUnreachable: if it was refused, or could not be sent for a minute.

        """
        await self._insist("day-books", day_book, DAY_S_MAX)

    async def _insist(self, path: str, data: bytes, seconds_max: int) -> None:
        pause_s = BACKOFF_S_MIN
        for tries_left in reversed(range(ACK_TRIES_MAX)):
            try:
                return await self._post(path, data, seconds_max)
            except FeedUnreachable as error:
                if tries_left == 0 or isinstance(error, NotTaken):
                    raise
                self._on_trouble(error)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
            pause_s = min(2 * pause_s, BACKOFF_S_MAX)
        return None

    async def _post(self, path: str, data: bytes, seconds_max: int) -> None:
        try:
            async with self._client.post(
                f"{self._url}/{path}",
                data=BytesIO(data),  # aiohttp would have a long one as a file
                timeout=aiohttp.ClientTimeout(total=seconds_max),
                allow_redirects=False,
                ssl=True if self._tls is None else self._tls,
            ) as response:
                if response.status == HTTPStatus.NO_CONTENT:
                    return
                body = await _read(response, _CHUNK_BYTES)
                if response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise NotTaken(
                        f"{self._url}/{path} took nothing: {_words(body)}",
                        remedy="Check the gate's name, key and clock with the agency.",
                    )
                raise self._refused(response.status, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from None

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _refused(self, status: int, body: bytes) -> FeedUnreachable:
        return FeedUnreachable(
            f"{self._url} answered {status}: {_words(body)}",
            remedy="It is tried again; if it stays so, tell the agency.",
        )

    def _unreachable(self, error: Exception) -> FeedUnreachable:
        return FeedUnreachable(
            f"{self._url} cannot be reached: {type(error).__name__}.",
            remedy="It is tried again; check the address and the network.",
        )


class NotTaken(FeedUnreachable):
    """The agency refused what was sent; to send it again would not help."""


async def _read(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(part)
        if size > bytes_max:
            raise FeedMalformed(
                f"The answer is longer than {bytes_max:,} bytes.",
                remedy="Ask again; if it stays so, tell the agency.",
            )
        parts.append(part)
    return b"".join(parts)


def _words(body: bytes) -> str:
    """Return what a refusal says, short and in characters that can be seen."""
    return json.dumps(body[:_WORDS_MAX].decode(errors="replace"))
