"""Gates that close their days, and an agency that takes them, all in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assent.supervision.admission import OwnerRegister
from assent.supervision.daybook import (
    DayBooks,
    LedgerDesk,
    Place,
    Received,
    Standing,
    Taken,
    close_days,
    write_day,
)
from assent.supervision.daybook.book import DayBook
from assent.supervision.daybook.head import DayHead
from assent.supervision.ledger import Entry, Ledger
from assent.testing.memory_records import MemoryRecords
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import make_owners
from assent.testing.supervision.memory_day_books import MemoryDayBooks, MemoryReceived
from assent.testing.supervision.memory_ledger import MemoryLedger
from assent.testing.trust import NOW
from assent.translog.entry import Entry as LogEntry
from assent.translog.entry import parse_entry

DAY = timedelta(days=1)


@dataclass
class ReportingGate:
    """A gate's ledger and its day books."""

    name: str = "gate-1"
    site: str = "site-nairobi-1"
    party: str = "KEN"
    owners: OwnerRegister = field(default_factory=make_owners)
    ledger: Ledger = field(default_factory=MemoryLedger)
    days: DayBooks = field(default_factory=MemoryDayBooks)

    @property
    def signer(self) -> SeededSigner:
        """Its key."""
        return SeededSigner(self.name)

    def write(self, *entries: Entry) -> None:
        """Write into its ledger."""
        with self.ledger.writing() as books:
            books.record(entries)

    def close(self, now: datetime = NOW) -> bytes:
        """Close the day; return the one day book that makes."""
        place = Place(
            gate=self.name, site=self.site, party=self.party, owners=self.owners
        )
        close_days(self.ledger, self.days, place, self.signer, now)
        last = self.days.last()
        assert last is not None
        return self.days.data(last)

    def signed(self, day: DayBook, head: DayHead) -> bytes:
        """Return a day book with another head, signed all the same."""
        return write_day(head, day.owners, day.entries, self.signer)


@dataclass
class ReportedAgency:
    """An agency that takes day books."""

    names: Iterable[str] = ("gate-1", "gate-2")
    ledger: Ledger = field(default_factory=MemoryLedger)
    received: Received = field(default_factory=MemoryReceived)
    records: MemoryRecords = field(default_factory=MemoryRecords)

    @property
    def desk(self) -> LedgerDesk:
        """What takes them."""
        return LedgerDesk(
            ledger=self.ledger,
            received=self.received,
            gates={name: SeededSigner(name).key for name in self.names},
            records=self.records,
        )

    def take(self, data: bytes, now: datetime = NOW) -> list[Taken]:
        """Take a day book."""
        return self.desk.take(data, now)

    def logged(self) -> list[LogEntry]:
        """Return all that the log holds."""
        return [
            parse_entry(self.records.entry(index))
            for index in range(self.records.size())
        ]

    def kept(self, gate: str, standing: Standing) -> list[int]:
        """Return the numbers of the day books that are kept so."""
        return [day.number for day in self.received.of(gate).kept(standing)]
