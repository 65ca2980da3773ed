"""Take day books that gates send: believe the signature first, then read the rest.

first line -> a known gate's head, or refused;  the rest -> kept in the inbox, whole

Whoever is no gate costs one line and one signature. The agency's own work takes from
the inbox what is there; nothing is counted here.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import StreamReader
from aiohttp.http_exceptions import LineTooLong

from assent.adapters.ledger.day_books import ReceivedFolder
from assent.supervision.daybook import (
    DAY_BYTES_MAX,
    DayBookMalformed,
    DayHead,
    Standing,
    parse_day,
    parse_head,
    verify_as_signed,
    verify_signed,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary.envelope import PublicKey, parse_envelope

AT_ONCE_MAX = 2  # day books in memory
WAITING_MAX = 64  # of one gate, in the inbox: two months that nobody took
FIRST_S_MAX = 30  # for a line of a thousand bytes
SENDING_S_MAX = 600  # for the largest there is, at two megabits a second
_CHUNK_BYTES = 262_144


class DayDesk:
    """The agency's inbox of day books; all calls are of one event loop."""

    def __init__(self, inbox: ReceivedFolder, now: Callable[[], datetime]) -> None:
        """Keep what comes in an inbox."""
        self._inbox, self._now = inbox, now
        self._gates: Mapping[str, PublicKey] = {}
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    def know(self, gates: Mapping[str, PublicKey]) -> None:
        """Believe these gates from now on."""
        self._gates = gates

    async def take(self, content: StreamReader) -> None:
        """Keep a day book that is being sent; it is durable when this returns.

        Raises:
            DayBookMalformed, DayBookRefused, SignatureInvalid: if no known gate signed
                its head, or what follows is something else.
            StoreUnavailable: if there is no room for it, or it came too slowly.

        """
        try:
            async with asyncio.timeout(FIRST_S_MAX):
                first = await self._first(content)
            head = self._believed(first)
            async with asyncio.timeout(SENDING_S_MAX), self._room:
                data = await self._rest(first, content)
                await asyncio.to_thread(self._keep, head, data)
        except TimeoutError:
            raise StoreUnavailable(
                "A day book came too slowly.", remedy="Send it again."
            ) from None

    async def _first(self, content: StreamReader) -> bytes:
        try:
            return await content.readline()
        except LineTooLong:
            raise _malformed("it begins with no signed head") from None

    def _believed(self, first: bytes) -> DayHead:
        envelope = parse_envelope(first.removesuffix(b"\n"))
        head = parse_head(envelope)
        verify_signed(head, envelope, self._gates)
        return head

    async def _rest(self, first: bytes, content: StreamReader) -> bytes:
        parts, size = [first], len(first)
        async for part in content.iter_chunked(_CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > DAY_BYTES_MAX:
                raise _malformed(f"it is longer than {DAY_BYTES_MAX:,} bytes")
        return b"".join(parts)

    def _keep(self, head: DayHead, data: bytes) -> None:
        verify_as_signed(parse_day(data))
        days = self._inbox.of(head.gate)
        if len(days.kept(Standing.EARLY)) >= WAITING_MAX:
            raise StoreUnavailable(
                f"{WAITING_MAX} day books of {head.gate} wait to be taken.",
                remedy="Let the agency work (`assent agency work`).",
            )
        days.put(head.number, data, self._now(), Standing.EARLY)


def _malformed(why: str) -> DayBookMalformed:
    return DayBookMalformed(
        f"This is no day book: {why}.", remedy="Send the file that the gate wrote."
    )
