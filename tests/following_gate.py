"""A gate that follows a feed of orders, with books and register on disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.apps.gate import Acknowledging, OrderFollower
from assent.authorisation.treaty import Treaty
from assent.supervision.gate import Gate
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.supervision.orders import pausing_treaty
from assent.testing.trust import NOW

Clock = Callable[[], datetime]
ReadTreaty = Callable[[], Treaty]


class FollowingGate:
    """A gate with books and a register on disk; its clock and treaty are a test's."""

    def __init__(self, folder: Path, name: str = "gate-1") -> None:
        """Make them."""
        self.folder, self.name = folder, name
        self.ledger = open_ledger(folder / "books.db", create=True)
        self.site = SimulatedSite(ledger=self.ledger)
        GateRegister(folder / "orders.db", create=True).close()
        self.now = NOW
        self.clock: Clock = lambda: self.now
        self.read_treaty: ReadTreaty = pausing_treaty

    @property
    def gate(self) -> Gate:
        """The gate."""
        return self.site.gate

    def follower(self, url: str, register: GateRegister) -> OrderFollower:
        """Return what follows the feed."""
        return OrderFollower(
            url=url,
            register=register,
            gate=self.gate,
            treaty=lambda: self.read_treaty(),  # noqa: PLW0108 - it changes
            clock=lambda: self.clock(),  # noqa: PLW0108 - it changes
            acknowledging=Acknowledging(name=self.name, signer=SeededSigner(self.name)),
            again_s=0.1,
        )

    @asynccontextmanager
    async def running(self, url: str) -> AsyncIterator[GateRegister]:
        """Follow as a new process does, with what the disk holds."""
        with closing(GateRegister(self.folder / "orders.db")) as register:
            task = asyncio.create_task(self.follower(url, register).follow())
            try:
                yield register
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
