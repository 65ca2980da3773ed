"""Some of the gates of the pause benchmark, in a process of their own.

URL + agency's folder + range of numbers -> long polls, then acknowledgements

Each gate has a connection, a register and a key of its own, and verifies what it gets
by itself. The process says `ready` when all of them have asked once.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from assent.adapters.agency import open_agency_folder
from assent.adapters.files import read_bytes
from assent.adapters.gate.orders import OrderFeed
from assent.adapters.trust import TrustFolder
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import METADATA_BYTES_MAX, verify_trust
from assent.supervision.pause import Ack, Paused, sign_ack
from assent.testing.states import SeededSigner

WAIT_S = 60


def gate_name(number: int) -> str:
    """Return what a gate of the benchmark calls itself; its key is made from it."""
    return f"gate-{number}"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a gate's own clock


async def _gate(
    name: str, url: str, session: aiohttp.ClientSession, treaty: Treaty
) -> None:
    feed, paused = OrderFeed(url, wait_s=WAIT_S, session=session), Paused()
    async for item in feed.items(0):
        paused, reception = paused.receive(item.envelope, treaty, _now(), item.proof)
        if not reception.is_news or reception.order is None:
            raise SystemExit(f"{name}: {reception}")
        time = _now().replace(microsecond=0)
        ack = Ack(
            agency=treaty.agency,
            gate=name,
            order_number=reception.order.number,
            order_digest=reception.digest,
            received=time,
            reported=time,
        )
        await feed.acknowledge(sign_ack(ack, SeededSigner(name)))
        return


async def _all(url: str, folder: Path, numbers: range) -> None:
    place = open_agency_folder(folder)
    root = read_bytes(place.root, METADATA_BYTES_MAX)
    treaty = verify_trust(root, TrustFolder(place.trust).read(), _now()).treaty
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        names = [gate_name(number) for number in numbers]
        for name in names:
            SeededSigner(name).key  # noqa: B018 - made once, as a gate has its key
        await OrderFeed(url, session=session).page(0, wait_s=0)
        gates = [
            asyncio.create_task(_gate(name, url, session, treaty)) for name in names
        ]
        await asyncio.sleep(3)  # each has connected, and waits
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.gather(*gates)


if __name__ == "__main__":
    first, last = map(int, sys.argv[3:5])
    asyncio.run(_all(sys.argv[1], Path(sys.argv[2]), range(first, last)))
