"""Take acknowledgements: verify each, keep many in one transaction, answer when kept.

Envelope -> kept, or AckRefused;  a relay's roll -> each of its acknowledgements kept

While one transaction is being flushed, what arrives meanwhile gathers for the next.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from assent.apps.feed.hub import Hub
from assent.supervision.pause import (
    ACK_TYPE,
    AckMalformed,
    AckOfAnotherOrder,
    AckReplayed,
    GateRecord,
    PauseOrder,
    ReachStore,
    VerifiedAck,
    VerifiedRoll,
    parse_ack,
    roll_order,
    verify_ack,
    verify_roll,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope, PublicKey

BATCH_MAX = 4_096  # acknowledgements in one transaction
BACKLOG_MAX = 200_000  # waiting to be kept: two of every gate there may be

Kept = tuple[int, str, Envelope, datetime]
"""Order's number, gate's name, the signed acknowledgement, when it arrived."""


class AckDesk:
    """Acknowledgements of the orders in a hub; all calls are of one event loop."""

    def __init__(
        self,
        hub: Hub,
        store: ReachStore,
        now: Callable[[], datetime],
        on_kept: Callable[[Sequence[Kept]], None] = lambda _: None,
    ) -> None:
        """Verify by the orders of a hub and the gates of a store.

        Args:
            hub: the orders.
            store: where acknowledgements are kept.
            now: the time.
            on_kept: told of what gates sent themselves, once it is kept.

        """
        self._hub, self._store, self._now = hub, store, now
        self._on_kept = on_kept
        self._gates: Mapping[str, GateRecord] = {}
        self._keys: Mapping[str, PublicKey] = {}
        self._relays: Mapping[str, PublicKey] = {}
        self._sworn: dict[int, set[str]] = {}
        self._one_roll = asyncio.Lock()
        self._newest: dict[tuple[int, str], tuple[datetime, bytes]] = {}
        self._waiting: asyncio.Queue[tuple[Kept, asyncio.Future[None]]] = asyncio.Queue(
            BACKLOG_MAX
        )

    def know(
        self,
        gates: Sequence[GateRecord],
        relays: Mapping[str, PublicKey] = MappingProxyType({}),
    ) -> None:
        """Believe these gates and relays from now on."""
        self._gates = {gate.name: gate for gate in gates}
        self._keys = {gate.name: gate.key for gate in gates}
        self._relays = relays

    def sworn(self, number: int) -> int:
        """Return of how many known gates relays swore since this desk began."""
        return len(self._sworn.get(number, set()) & self._gates.keys())

    async def take(self, envelope: Envelope) -> VerifiedAck:
        """Return an acknowledgement that counts, once it is kept.

        Raises:
            AckMalformed, AckRefused, SignatureInvalid: see `verify_ack`.
            StoreUnavailable: if it cannot be kept.

        """
        arrived = self._now()
        if envelope.payload_type != ACK_TYPE:
            raise AckMalformed(
                f"This is of type {envelope.payload_type:.120}, and acknowledges"
                " nothing.",
                remedy="Send the acknowledgement alone.",
            )
        number = parse_ack(envelope.payload).order_number
        order, digest = self._order(number)
        verified = verify_ack(envelope, self._keys, order, arrived, digest)
        self._verify_newer(verified, envelope)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        kept = (number, verified.ack.gate, envelope, arrived)
        try:
            self._waiting.put_nowait((kept, future))
        except asyncio.QueueFull:
            raise StoreUnavailable(
                "Too many acknowledgements wait to be kept.", remedy="Send it again."
            ) from None
        await future
        return verified

    async def take_roll(self, data: bytes) -> VerifiedRoll:
        """Return a relay's roll, once it is kept with all that it holds.

        What the gates behind the relay signed is verified when it is counted.

        Raises:
            RollMalformed, AckRefused, SignatureInvalid: see `verify_roll`.
            StoreUnavailable: if it cannot be kept.

        """
        arrived = self._now()
        async with self._one_roll:  # several threads would only slow each other
            return await asyncio.to_thread(self._take_roll, data, arrived)

    def _take_roll(self, data: bytes, arrived: datetime) -> VerifiedRoll:
        number = roll_order(data)
        order, digest = self._order(number)
        found = verify_roll(
            data, self._relays, self._gates, order, arrived, order_digest=digest
        )
        self._store.add_roll(number, found.roll.relay, data, arrived)
        self._sworn.setdefault(number, set()).update(ack.gate for ack in found.acks)
        return found

    def _order(self, number: int) -> tuple[PauseOrder, str]:
        found = self._hub.order(number)
        if found is None:
            raise AckOfAnotherOrder(
                f"No order {number} was issued.",
                remedy="Show the agency what the gate received.",
            )
        return found

    def _verify_newer(self, verified: VerifiedAck, envelope: Envelope) -> None:
        """Refuse what a gate said before it said something later.

        So a gate can have no more kept than one acknowledgement a second. The same one
        again is taken again: its sender may not have had the answer.
        """
        ack = verified.ack
        place = (ack.order_number, ack.gate)
        before = self._newest.get(place)
        if before is not None and (
            ack.reported < before[0]
            or (ack.reported == before[0] and envelope.payload != before[1])
        ):
            raise AckReplayed(
                f"{ack.gate} acknowledged order {ack.order_number} as of"
                f" {format_instant(before[0])} already.",
                remedy="Send what is newer, if there is anything.",
            )
        self._newest[place] = (ack.reported, envelope.payload)

    async def keep(self) -> None:
        """Keep what was verified, batch by batch, until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH_MAX and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await asyncio.to_thread(
                    self._store.add_acks, [kept for kept, _ in batch]
                )
            except Exception as error:  # noqa: BLE001 - each who waits is told of it
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                self._on_kept([kept for kept, _ in batch])
                for _, future in batch:
                    if not future.done():
                        future.set_result(None)
