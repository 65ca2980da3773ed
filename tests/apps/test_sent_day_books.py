"""Day books travel over a real socket, and the agency's work takes them."""

import asyncio
from dataclasses import dataclass, field

import aiohttp
import pytest
from tests.apps.test_ledger_cli import Parties
from tests.apps.test_ledger_cli import parties as parties  # noqa: PLC0414 - a fixture
from tests.pause_feed import Feed

from assent.adapters.agency import open_agency_folder
from assent.adapters.agency.reach import SqliteReachStore
from assent.adapters.gate import open_gate_folder
from assent.adapters.gate.orders import FeedUnreachable, OrderFeed
from assent.adapters.gate.orders.order_feed import NotTaken
from assent.adapters.keys.machine_key import open_machine_key
from assent.adapters.ledger.day_books import DayBookFolder, ReceivedFolder
from assent.apps.feed.day_desk import WAITING_MAX
from assent.supervision.daybook import Outcome, Standing, parse_day, write_day
from assent.testing.states import SeededSigner
from assent.wiring.agency import now
from assent.wiring.ledger import send
from assent.wiring.rounds import work_round

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@dataclass
class Sent:
    """An agency's feed with an inbox, and a gate that sends to it."""

    parties: Parties
    failed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def inbox(self) -> ReceivedFolder:
        """What came."""
        return ReceivedFolder(open_agency_folder(self.parties.agency).inbox)

    @property
    def waiting(self) -> list[int]:
        """The numbers of what is in the inbox."""
        return [day.number for day in self.inbox.of("gate-1").kept(Standing.EARLY)]

    def feed(self) -> Feed:
        """Return the feed of this agency."""
        store = SqliteReachStore(self.parties.agency / "reach.db")
        return Feed(store=store, now=now(), inbox=self.inbox)

    async def send(self, url: str) -> list[int]:
        """Send what the agency does not have, as `report --send` does."""
        place = open_gate_folder(self.parties.gate)
        async with OrderFeed(url, on_trouble=lambda _: self.failed.set()) as feed:
            return await send(place, feed)


async def post(url: str, data: bytes) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/day-books", data=data) as response,
    ):
        return response.status, await response.text()


def test_a_day_book_is_sent_kept_and_taken_once(parties: Parties) -> None:
    sent = Sent(parties)
    parties.report()
    parties.report()

    async def run() -> None:
        async with sent.feed().serving() as url:
            assert await sent.send(url) == [1, 2]
            assert await sent.send(url) == []
            data = DayBookFolder(parties.gate / "day-books")
            first = data.data(data.kept(Standing.TAKEN)[0])
            assert (await post(url, first))[0] == 204

    asyncio.run(run())
    assert sent.waiting == [1, 2]
    done = work_round(parties.agency, now())
    assert [one.outcome for one in done.taken] == [Outcome.TAKEN, Outcome.TAKEN]
    assert (sent.waiting, done.refused, done.told) == ([], (), ("gate-1",))
    assert work_round(parties.agency, now()).taken == ()
    assert int(parties.shown()["totals"][0]["allotted"]) > 0


def test_what_no_gate_signed_is_not_kept_and_garbage_is_not_read(
    parties: Parties,
) -> None:
    sent = Sent(parties)
    data = parties.report().read_bytes()
    day = parse_day(data)
    signer = open_machine_key(parties.gate / "gate.key", "gate-1")
    nobody = SeededSigner("nobody")

    async def run() -> None:
        async with sent.feed().serving() as url:
            for wrong, words in (
                (b"", "no"),
                (b"\n" * 10**6, "no"),
                (b"x" * 10**6, "no signed head"),
                (write_day(day.head, day.owners, day.entries, nobody), "did not sign"),
                (write_day(day.head, day.owners, (), signer), "not what was signed"),
                (data + b"{}\n", "not what was signed"),
                (data[:-1], "no end"),
            ):
                status, said = await post(url, wrong)
                assert (status, words in said) == (400, True), said
            # One whose beginning nobody signed is refused before the rest is sent.
            host, port = url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                b"POST /day-books HTTP/1.1\r\nHost: x\r\n"
                b"Content-Length: 100000000\r\n\r\n{}\n"
            )
            line = await asyncio.wait_for(reader.readline(), 10)
            assert b" 400 " in line
            writer.close()

    asyncio.run(run())
    assert sent.waiting == []


def test_a_gate_sends_on_until_the_agency_has_it(parties: Parties) -> None:
    sent = Sent(parties)
    parties.report()

    async def run() -> None:
        feed = sent.feed()
        async with feed.serving() as url:
            port = int(url.rpartition(":")[2])
        sending = asyncio.create_task(sent.send(url))
        await asyncio.wait_for(sent.failed.wait(), 30)
        async with feed.serving(port):
            assert await sending == [1]

    asyncio.run(run())
    assert sent.waiting == [1]


def test_a_full_inbox_and_a_changed_key_refuse(parties: Parties) -> None:
    sent = Sent(parties)
    data = parties.report().read_bytes()
    days = sent.inbox.of("gate-1")
    for number in range(WAITING_MAX):
        days.put(number + 2, b"%d" % number, now(), Standing.EARLY)

    async def run() -> None:
        async with sent.feed().serving() as url:
            assert (await post(url, data))[0] == 503
            (parties.gate / "gate.key").unlink()
            parties.report()
            for day in days.kept(Standing.EARLY):
                days.drop(day)
            place = open_gate_folder(parties.gate)
            async with OrderFeed(url) as feed:
                with pytest.raises(NotTaken):
                    await send(place, feed)
                # The first was kept, and is not sent again.
                assert place.sent.read_bytes() == b"1"
        with pytest.raises(FeedUnreachable):
            async with OrderFeed(url) as feed:
                await feed.page(0, 0)

    asyncio.run(run())


def test_what_the_work_does_not_believe_stays_in_the_inbox(parties: Parties) -> None:
    sent = Sent(parties)
    days = sent.inbox.of("gate-1")
    days.put(7, b"no day book\n", now(), Standing.EARLY)
    (why,) = work_round(parties.agency, now()).refused
    assert "gate-1, day book 7" in why
    assert [day.number for day in days.kept(Standing.REFUSED)] == [7]
    assert work_round(parties.agency, now()).refused == ()
