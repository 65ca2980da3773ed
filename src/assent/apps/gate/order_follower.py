"""Follow the agency's feed of pause orders, and acknowledge what came.

URL of the feed -> orders in the gate's register, acknowledgements at the agency

A thread of its own: the gate answers while the feed is silent, and the feed is tried
again for ever. What came is in force before it is acknowledged, and an acknowledgement
counts every job that was admitted before it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime

from assent.adapters.gate.orders import GateRegister, OrderFeed
from assent.apps.gate.post_box import PostBox
from assent.authorisation.treaty import Treaty
from assent.supervision.gate import Gate
from assent.supervision.ledger import JobState
from assent.supervision.pause import (
    Ack,
    FeedItem,
    Outcome,
    PauseOrder,
    Reception,
    sign_ack,
)
from assent.vocabulary import AssentError, InputError
from assent.vocabulary.envelope import Signer

AGAIN_S = 15.0  # until what failed or was refused is tried again
REFUSED_MAX = 1_000  # orders that are tried again
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
        listen: the address at which orders may be posted too; None if nowhere.
        listening: told the URL at which they may.
        again_s: until what failed or was refused is tried again.

    """

    url: str
    register: GateRegister
    gate: Gate
    treaty: Callable[[], Treaty]
    clock: Callable[[], datetime]
    acknowledging: Acknowledging | None = None
    listen: tuple[str, int] | None = None
    listening: Callable[[str], None] = lambda _: None
    again_s: float = AGAIN_S
    _refused: dict[int, FeedItem] = field(init=False, default_factory=dict)
    _told: dict[int, Outcome] = field(init=False, default_factory=dict)
    _seen: dict[str, set[str]] = field(init=False, default_factory=dict)
    _came: asyncio.Event = field(init=False)

    def start(self) -> "Following":
        """Follow the feed in a thread, until it is stopped."""
        following = Following(self)
        following.start()
        return following

    async def follow(self) -> None:
        """Take orders as they come, and report to the agency, for ever."""
        self._came = asyncio.Event()
        async with AsyncExitStack() as opened:
            feed = OrderFeed(self.url, on_trouble=_tell)
            await opened.enter_async_context(feed)
            await self._open_box(opened)
            reporting = asyncio.create_task(self._report(feed))
            try:
                async for item in feed.items(self.register.position):
                    await self._take(item)
            finally:
                reporting.cancel()

    async def _open_box(self, opened: AsyncExitStack) -> None:
        """Let orders be posted; without that the feed alone is followed."""
        if self.listen is None:
            return
        box = PostBox(self._take_posted, self.register.paused_order)
        try:
            self.listening(await opened.enter_async_context(box.open(*self.listen)))
        except InputError as error:
            _tell(error)

    async def _take(self, item: FeedItem) -> None:
        """Take an order until it is kept; one that is refused is tried again later.

        A clock that is behind is set, a treaty is fetched: an order that does not hold
        now must not be lost.
        """
        while True:
            await asyncio.to_thread(self._try_again)
            try:
                await asyncio.to_thread(self._receive, item)
            except AssentError as error:
                _tell(error)
            else:
                self._came.set()
                return
            await asyncio.sleep(self.again_s)

    async def _take_posted(self, item: FeedItem) -> Reception:
        """Take an order that was posted; one that is refused comes with the feed."""
        elsewhere = FeedItem(0, item.envelope, item.proof)
        reception = await asyncio.to_thread(
            lambda: self.register.receive(elsewhere, self.treaty(), self.clock())
        )
        if reception.is_news:
            _logger.warning("order that was posted: %s", reception.outcome)
            self._came.set()
        return reception

    def _receive(self, item: FeedItem) -> None:
        reception = self.register.receive(item, self.treaty(), self.clock())
        self._refused.pop(item.position, None)
        if reception.outcome is Outcome.REFUSED and len(self._refused) < REFUSED_MAX:
            self._refused[item.position] = item
        if self._told.get(item.position) != reception.outcome:
            self._told[item.position] = reception.outcome
            _logger.warning("order at %d: %s", item.position, reception.outcome)
            if reception.error is not None:
                _tell(reception.error)

    def _try_again(self) -> None:
        for item in list(self._refused.values()):
            with suppress(AssentError):
                self._receive(item)

    async def _report(self, feed: OrderFeed) -> None:
        """Tell the agency how jobs stand, when an order came and when that changed.

        What was not told is told later: the agency was away, or this gate was.
        """
        told: dict[str, tuple[int, int]] = {}
        while True:
            self._came.clear()
            for order in self._orders():
                try:
                    await self._tell_agency(feed, order, told)
                except AssentError as error:
                    _tell(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), self.again_s)
            await asyncio.to_thread(self._try_again)

    async def _tell_agency(
        self, feed: OrderFeed, order: PauseOrder, told: dict[str, tuple[int, int]]
    ) -> None:
        if self.acknowledging is None:
            return
        name, signer = self.acknowledging.name, self.acknowledging.signer
        ack = await asyncio.to_thread(self.acknowledge, order, name)
        if told.get(order.digest) != (ack.running, ack.checkpointing):
            await feed.acknowledge(sign_ack(ack, signer))
            told[order.digest] = ack.running, ack.checkpointing

    def _orders(self) -> list[PauseOrder]:
        """Return the orders to report on: those in force, and the newest."""
        known = [one.order for one in self.register.paused.known.values()]
        newest = sorted(known, key=lambda order: order.number)[-1:]
        in_force = self.register.paused.in_force(self.clock())
        return [*in_force, *(one for one in newest if one not in in_force)]

    def acknowledge(self, order: PauseOrder, name: str) -> Ack:
        """Return what is to be said of an order: how its jobs stand.

        Jobs are counted while nobody can be admitted: a job that was decided on before
        the order came is counted, and none is admitted after this that it covers.
        Ended are those that were counted before and are no more, since this gate began.

        Raises:
            StoreUnavailable: if the books cannot be read.

        """
        now = self.clock()
        jobs = self.gate.jobs_under(order.scope, now)
        seen = self._seen.setdefault(order.digest, set())
        seen.update(job.job_id for job in jobs)
        running = sum(job.state is JobState.RUNNING for job in jobs)
        return Ack(
            agency=order.agency,
            gate=name,
            order_number=order.number,
            order_digest=order.digest,
            received=now,
            reported=now,
            stopped=len(seen) - len(jobs),
            checkpointing=len(jobs) - running,
            running=running,
        )


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
