"""The feed in memory: what is in it, and who waits for more.

items behind a position, now or when there are some -> one page, encoded once for all
"""

import asyncio
from collections.abc import Sequence

from assent.supervision.pause import (
    PAGE_ITEMS_MAX,
    FeedItem,
    PauseOrder,
    encode_page,
    parse_order,
)

PAGES_KEPT_MAX = 1_024  # positions that are asked for; most gates ask for the last


class Hub:
    """The feed's items; all calls are of one event loop."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._items: list[FeedItem] = []
        self._orders: dict[int, tuple[PauseOrder, str]] = {}
        self._pages: dict[int, bytes] = {}
        self._has_changed = asyncio.Event()

    @property
    def position(self) -> int:
        """How many items there are."""
        return len(self._items)

    def order(self, number: int) -> tuple[PauseOrder, str] | None:
        """Return an order by its number, with its digest; None if there is none."""
        return self._orders.get(number)

    def extend(self, items: Sequence[FeedItem]) -> None:
        """Add items, and wake whoever waits."""
        if not items:
            return
        for item in items:
            order = parse_order(item.envelope.payload)
            self._orders[order.number] = (order, order.digest)
        self._items += items
        self._pages.clear()
        before, self._has_changed = self._has_changed, asyncio.Event()
        before.set()

    async def page(self, after: int, wait_s: float) -> bytes:
        """Return the page behind a position; an empty one if nothing comes in time.

        Args:
            after: the position.
            wait_s: how long to wait for something, in seconds.

        """
        try:
            async with asyncio.timeout(wait_s):
                while after >= len(self._items):
                    await self._has_changed.wait()
        except TimeoutError:
            pass
        return self._page(after)

    def _page(self, after: int) -> bytes:
        found = self._pages.get(after)
        if found is None:
            found = encode_page(self._items[after : after + PAGE_ITEMS_MAX])
            if len(self._pages) < PAGES_KEPT_MAX and after <= len(self._items):
                self._pages[after] = found
        return found
