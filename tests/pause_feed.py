"""A feed of orders on loopback that tests fill, and gates that follow it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assent.adapters.ledger.day_books import ReceivedFolder
from assent.apps.feed import Served, serve
from assent.supervision.pause import FeedItem, GateRecord, PauseOrder, ReachStore
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import prove_order, sign_order
from assent.testing.trust import NOW


@dataclass
class Feed:
    """The agency's side, in memory; `fault` is what its database raises."""

    store: ReachStore = field(default_factory=MemoryReachStore)
    items: list[FeedItem] = field(default_factory=list)
    now: datetime = NOW
    fault: Exception | None = None
    inbox: ReceivedFolder | None = None
    served: asyncio.Task[None] | None = None

    def know(self, *names: str, url: str | None = None) -> None:
        """Register gates."""
        for name in names:
            self.store.put_gates(GateRecord(name, SeededSigner(name).key, url))

    def issue(self, order: PauseOrder) -> None:
        """Add an order."""
        self.items.append(FeedItem(len(self.items) + 1, sign_order(order)))

    def log(self, order: PauseOrder) -> None:
        """Add an order with its proof."""
        envelope = sign_order(order)
        proof = prove_order(order, envelope)
        self.items.append(FeedItem(len(self.items) + 1, envelope, proof))

    def after(self, position: int) -> list[FeedItem]:
        """Return what is behind a position."""
        if self.fault is not None:
            raise self.fault
        return self.items[position:]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Serve it on loopback; yield the URL."""
        bound: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        served = Served(
            feed=self.after,
            store=self.store,
            now=lambda: self.now,
            inbox=self.inbox,
        )
        task = asyncio.create_task(serve(served, "127.0.0.1", port, bound.set_result))
        self.served = task
        try:
            waiting: set[asyncio.Future[Any]] = {task, bound}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            yield bound.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
