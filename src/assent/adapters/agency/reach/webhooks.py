"""Post new orders to gates that registered an address, besides the feed they pull.

FeedItem + gates' URLs -> one POST each, a few hundred at a time, tried again and again

A gate that missed all of them finds the order in the feed. What a gate answers to a
post counts for nothing: it acknowledges by its signature, as always.
"""

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus

import aiohttp

from assent.supervision.pause import FeedItem, encode_page

AT_ONCE_MAX = 256  # connections: below the 1,024 files that a process may open
TRIES_MAX = 5
ANSWER_S_MAX = 5.0
BACKOFF_S = 0.5
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class Webhooks:
    """Posts items of the feed; one session for all."""

    def __init__(
        self, session: aiohttp.ClientSession, on_trouble: Callable[[str, str], None]
    ) -> None:
        """Post over a session; `on_trouble` is told which URL failed, and how."""
        self._session, self._on_trouble = session, on_trouble
        self._at_once = asyncio.Semaphore(AT_ONCE_MAX)

    async def post(self, items: list[FeedItem], urls: Iterable[str]) -> int:
        """Post a page of items to each URL; return how many took it.

        Each address has as many tries as any other, whatever the others do.
        """
        page = encode_page(items)
        taken = await asyncio.gather(*(self._deliver(url, page) for url in set(urls)))
        return sum(taken)

    async def _deliver(self, url: str, page: bytes) -> bool:
        why = ""
        for number in range(TRIES_MAX):
            if number:
                await asyncio.sleep(BACKOFF_S * 2 ** (number - 1))
            async with self._at_once:
                why, is_final = await self._try(url, page)
            if not why:
                return True
            if is_final:
                break
        self._on_trouble(url, why)
        return False

    async def _try(self, url: str, page: bytes) -> tuple[str, bool]:
        """Post once; return why it failed, or nothing, and whether it always would."""
        try:
            async with self._session.post(
                url,
                data=page,
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=ANSWER_S_MAX),
                allow_redirects=False,
            ) as response:
                status = response.status
                if status < HTTPStatus.MULTIPLE_CHOICES:
                    return "", True
                is_final = status < HTTPStatus.INTERNAL_SERVER_ERROR
                return f"it answered {status}", is_final and status not in _LATER
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__, False
