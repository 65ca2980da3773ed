"""The agency's ledger over all gates, and a gate's report to it.

folder -> OpenLedger: day books, balances, what the agency knows of permits and owners
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from assent.adapters.agency import IN_DATABASE
from assent.adapters.files import make_folder, read_bytes, write_durably
from assent.adapters.gate import GateFolder
from assent.adapters.gate.orders import OrderFeed
from assent.adapters.gate.owners import read_owners
from assent.adapters.keys.machine_key import open_machine_key
from assent.adapters.ledger import open_ledger
from assent.adapters.ledger.day_books import DayBookFolder, ReceivedFolder
from assent.authorisation.secretariat import read_permit
from assent.rulebook.changes import significant_threshold_flop
from assent.supervision.daybook import (
    Books,
    DayHead,
    LedgerDesk,
    OwnerGroups,
    PermitFacts,
    Place,
    Standing,
    check_all_books,
    check_received,
    close_days,
    parse_head,
    parse_owners,
    read_books,
    subject_of,
    verify_all_logged,
)
from assent.supervision.ledger import Bounds, Finding, Ledger
from assent.translog.entry import Entry, parse_entry
from assent.translog.errors import EntryInvalid
from assent.vocabulary import NotFound
from assent.vocabulary.envelope import PublicKey, parse_envelope
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import OpenAgency, database_of
from assent.wiring.gate import OpenGate
from assent.wiring.pause import open_reach

_ENTRIES_A_PAGE = 1_000
_NUMBER_BYTES_MAX = 20


@dataclass(frozen=True, kw_only=True)
class OpenLedger:
    """An agency's ledger at work."""

    agency: OpenAgency
    ledger: Ledger
    received: ReceivedFolder
    gates: Mapping[str, PublicKey]

    @property
    def desk(self) -> LedgerDesk:
        """What takes day books."""
        return LedgerDesk(
            ledger=self.ledger,
            received=self.received,
            gates=self.gates,
            records=self.agency.office.records,
        )

    @cached_property
    def heads(self) -> Mapping[str, DayHead]:
        """The newest day book of each gate."""
        return {gate: parse_head(parse_envelope(top)) for gate, (top, _) in self._tops}

    def books(self, now: datetime) -> Books:
        """Return every book of every gate.

        Raises:
            DocumentInvalid, OwnersInvalid: if the agency's register cannot be used.

        """
        groups = self.groups(now)
        return read_books(self.ledger, self.heads, groups, self._permit)

    def groups(self, now: datetime) -> OwnerGroups:
        """Return whose owners belong together.

        Raises:
            DocumentInvalid, OwnersInvalid: if the agency's register cannot be used.

        """
        file = self.agency.place.owners
        register = read_owners(file)[0] if file.exists() else None
        owners = {gate: parse_owners(line) for gate, (_, line) in self._tops}
        return OwnerGroups(owners, register, now.date())

    @property
    def changed(self) -> datetime:
        """When the last day book came, or the agency's register was changed."""
        days = [self.received.of(gate).last() for gate in self.received.gates()]
        times = [day.arrived for day in days if day is not None]
        if (file := self.agency.place.owners).exists():
            times.append(datetime.fromtimestamp(file.stat().st_mtime, UTC))
        return max(times, default=datetime.min.replace(tzinfo=UTC))

    def findings(self, books: Books, now: datetime) -> list[Finding]:
        """Return what is odd in the books, and in how they came."""
        below = significant_threshold_flop(self.agency.office.rulebook(), now.date())
        flop_below = below[0].flop if below else None
        return [
            *check_all_books(books, flop_below, Bounds()),
            *check_received(self.received, now),
        ]

    def audit(self) -> int:
        """Hold every day book that is kept against the log; return how many there are.

        Raises:
            DayBookNotAsLogged: if one is not as it was logged, or one is missing.

        """
        heads = {
            subject_of(head): head
            for gate in self.received.gates()
            for head in self._taken(gate)
        }
        verify_all_logged(heads, self._logged())
        return len(heads)

    @cached_property
    def _tops(self) -> list[tuple[str, tuple[bytes, bytes]]]:
        found = []
        for gate in self.received.gates():
            days = self.received.of(gate)
            if (last := days.last()) is not None:
                found.append((gate, days.top(last)))
        return found

    def _taken(self, gate: str) -> Iterator[DayHead]:
        days = self.received.of(gate)
        for kept in days.kept(Standing.TAKEN):
            yield parse_head(parse_envelope(days.top(kept)[0]))

    def _logged(self) -> Iterator[Entry]:
        with self.agency.log.store.reading() as transaction:
            size = transaction.size()
            for start in range(0, size, _ENTRIES_A_PAGE):
                end = min(start + _ENTRIES_A_PAGE, size)
                for data in transaction.entries(start, end):
                    try:
                        yield parse_entry(data)
                    except EntryInvalid:
                        continue  # somebody else's

    def _permit(self, permit_id: str) -> PermitFacts | None:
        try:
            permit = read_permit(self.agency.office, permit_id).permit
        except NotFound:
            return None
        return PermitFacts(
            permit_id=permit_id,
            run_id=permit.run_id,
            developer=permit.developer.name,
            key=permit.developer.key.text,
            flop=permit.caps.flop,
        )


@contextmanager
def open_agency_ledger(
    folder: Path, *, environment: Mapping[str, str] = os.environ
) -> Iterator[OpenLedger]:
    """Open an agency's ledger, which is made if there is none.

    It is where the cases are: in the agency's folder, or in DATABASE_URL's database.

    Raises:
        NotFound: if there is no agency.
        AssentError: of another kind, if a part of it cannot be used.

    """
    with open_agency(folder, environment=environment) as agency:
        place: str | Path = agency.place.books
        if agency.place.cases == IN_DATABASE:
            place = database_of(agency.place, environment)
        make_folder(agency.place.books.parent, 0o700)
        with (
            open_reach(folder, environment=environment) as reach,
            open_ledger(place, create=True) as ledger,
        ):
            yield OpenLedger(
                agency=agency,
                ledger=ledger,
                received=ReceivedFolder(agency.place.day_books),
                gates={gate.name: gate.key for gate in reach.gates()},
            )


def report(opened: OpenGate, name: str, now: datetime) -> list[tuple[DayHead, Path]]:
    """Close a gate's day; return the day books that were written, and their files.

    Args:
        opened: the gate.
        name: what the agency calls it.
        now: when.

    Raises:
        BooksDamaged: if its ledger is not the one that was signed before.
        StoreUnavailable: if a file cannot be written.

    """
    site, days = opened.gate.site, DayBookFolder(opened.place.day_books)
    place = Place(gate=name, site=site.name, party=site.party, owners=site.owners)
    signer = open_machine_key(opened.place.key, name)
    made = close_days(opened.gate.ledger, days, place, signer, now)
    files = {day.number: days.path(day) for day in days.kept(Standing.TAKEN)}
    return [(head, files[head.number]) for head in made]


async def send(place: GateFolder, feed: OrderFeed) -> list[int]:
    """Send the day books that the agency does not have yet; return their numbers.

    Each is marked as sent when the agency says that it is kept, so whoever is stopped
    sends the rest the next time.

    Raises:
        FeedUnreachable: if one was refused, or could not be sent for a minute.
        StoreUnavailable, StateDamaged: if a file cannot be read or written.

    """
    days, last, sent = DayBookFolder(place.day_books), 0, []
    if place.sent.exists():
        text = read_bytes(place.sent, _NUMBER_BYTES_MAX)
        last = int(text) if text.isdigit() else 0  # what is sent again does no harm
    for day in days.kept(Standing.TAKEN):
        if day.number > last:
            await feed.send_day(days.data(day))
            write_durably(place.sent, str(day.number).encode(), 0o600)
            sent.append(day.number)
    return sent
