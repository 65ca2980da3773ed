"""A relay between an agency's feed and the gates of one provider.

agency's feed -> the same feed for gates;  their acknowledgements -> rolls to the agency

Gates speak to a relay as they would to the agency. It verifies each acknowledgement,
keeps it, and swears to many by one signature. Orders it only passes on: gates verify
them by the quorum that signed. Killing it at any instant loses nothing: what it kept it
swears to again, and the agency keeps each acknowledgement once.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from assent.adapters.gate.orders import NotTaken, OrderFeed
from assent.apps.feed.desk import Kept
from assent.apps.feed.server import Served, serve
from assent.supervision.pause import (
    ROLL_ACKS_MAX,
    FeedItem,
    PauseOrder,
    ReachStore,
    parse_ack,
    parse_order,
    sign_roll,
)
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Envelope, Signer

ROLL_S = 0.2  # in which acknowledgements gather for one roll
_logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Relay:
    """A relay; `run` it within an event loop.

    Attributes:
        feed: the agency's.
        name: what the relay calls itself at the agency.
        signer: its key.
        store: the gates behind it, and what they acknowledged.
        now: the time, with parts of a second.

    """

    feed: OrderFeed
    name: str
    signer: Signer
    store: ReachStore
    now: Callable[[], datetime]
    _items: list[FeedItem] = field(init=False, default_factory=list)
    _orders: dict[int, PauseOrder] = field(init=False, default_factory=dict)
    _owed: dict[int, dict[str, Envelope]] = field(init=False, default_factory=dict)

    async def run(self, host: str, port: int, on_bound: Callable[[str], None]) -> None:
        """Answer gates, follow the feed and swear, until cancelled.

        Args:
            host: the address to listen on.
            port: 0 takes any free one.
            on_bound: called with the URL once asking is possible.

        Raises:
            InputError: if the address cannot be listened on.
            AssentError: if the gates behind it cannot be read.

        """
        served = Served(
            feed=lambda position: self._items[position:],
            store=self.store,
            now=self.now,
            on_kept=self._owe,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._swear())
            await serve(served, host, port, on_bound)

    async def _follow(self) -> None:
        async with aclosing(self.feed.items(0)) as items:
            async for item in items:
                order = parse_order(item.envelope.payload)
                if order.number not in self._orders:
                    self._orders[order.number] = order
                    # An earlier process kept these, and may not have sworn to them.
                    kept = await asyncio.to_thread(self.store.acks, order.number)
                    self._owe([(order.number, "", *one) for one in kept])
                self._items.append(item)

    def _owe(self, kept: Sequence[Kept]) -> None:
        for number, _, envelope, _ in kept:
            gate = parse_ack(envelope.payload).gate
            self._owed.setdefault(number, {})[gate] = envelope

    async def _swear(self) -> None:
        while True:
            await asyncio.sleep(ROLL_S)
            for number in sorted(self._owed.keys() & self._orders.keys()):
                await self._swear_to(self._orders[number])

    async def _swear_to(self, order: PauseOrder) -> None:
        owed = self._owed.pop(order.number)
        some = dict(sorted(owed.items())[:ROLL_ACKS_MAX])
        later = {gate: ack for gate, ack in owed.items() if gate not in some}
        try:
            roll = sign_roll(order, some.values(), self.name, self.signer, self.now())
            await self.feed.swear(roll)
        except NotTaken as error:
            _logger.error("%s %s", error.message, error.remedy)  # noqa: TRY400 - it says enough
        except AssentError as error:
            _logger.warning("%s %s", error.message, error.remedy)
            later = owed
        newer = self._owed.get(order.number, {})
        if later or newer:
            self._owed[order.number] = {**later, **newer}
