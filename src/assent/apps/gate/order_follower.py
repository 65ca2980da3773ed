"""Follow the agency's feed of pause orders, and acknowledge what came.

URL of the feed -> orders in the gate's register, acknowledgements at the agency

A thread of its own: the gate answers while the feed is silent, and the feed is tried
again for ever. What came is in force before it is acknowledged.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assent.adapters.gate.orders import GateRegister, OrderFeed
from assent.authorisation.treaty import Treaty
from assent.supervision.gate import Gate
from assent.supervision.ledger import JobState
from assent.supervision.pause import Ack, FeedItem, PauseOrder, Reception, sign_ack
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Signer

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Acknowledging:
    """As whom a gate acknowledges orders: its name at the agency, and its key."""

    name: str
    signer: Signer


@dataclass(kw_only=True)
class OrderFollower:
    """Follows one agency's feed for a gate.

    Attributes:
        url: of the feed.
        register: where orders are kept.
        gate: whose jobs are counted in acknowledgements.
        treaty: gives the treaty, verified for now.
        clock: tells the time.
        acknowledging: as whom; None if the agency does not know the gate.

    """

    url: str
    register: GateRegister
    gate: Gate
    treaty: Callable[[], Treaty]
    clock: Callable[[], datetime]
    acknowledging: Acknowledging | None = None

    def start(self) -> "Following":
        """Follow the feed in a thread, until it is stopped."""
        following = Following(self)
        following.start()
        return following

    async def follow(self) -> None:
        """Take orders as they come, for ever."""
        async with OrderFeed(self.url, on_trouble=_tell) as feed:
            async for item in feed.items(self.register.position):
                reception = await asyncio.to_thread(self._receive, item)
                if reception is not None and reception.order is not None:
                    await self._acknowledge(feed, reception.order)

    def _receive(self, item: FeedItem) -> Reception | None:
        try:
            reception = self.register.receive(item, self.treaty(), self.clock())
        except AssentError as error:
            _tell(error)
            return None
        _logger.warning("order at %d: %s", item.position, reception.outcome)
        if reception.error is not None:
            _tell(reception.error)
        return reception if reception.is_news else None

    async def _acknowledge(self, feed: OrderFeed, order: PauseOrder) -> None:
        if self.acknowledging is None:
            return
        now = self.clock()
        with self.gate.ledger.reading() as books:
            running = len(books.jobs(JobState.RUNNING))
            stopping = len(books.jobs(JobState.STOPPING))
        ack = Ack(
            agency=order.agency,
            gate=self.acknowledging.name,
            order_number=order.number,
            order_digest=order.digest,
            received=now,
            reported=now,
            checkpointing=stopping,
            running=running,
        )
        try:
            await feed.acknowledge(sign_ack(ack, self.acknowledging.signer))
        except AssentError as error:
            _tell(error)


class Following(threading.Thread):
    """The thread in which a feed is followed."""

    def __init__(self, follower: OrderFollower) -> None:
        """Prepare it."""
        super().__init__(name="pause orders", daemon=True)
        self._follower = follower
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Follow until `stop`."""
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._follower.follow())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            return
        except AssentError as error:
            _tell(error)
        finally:
            self._loop.close()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self.is_alive() and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self.join()


def _tell(error: AssentError) -> None:
    _logger.warning("%s %s", error.message, error.remedy)
