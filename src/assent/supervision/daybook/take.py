"""Take a gate's day book into the agency's ledger, once, and tell the public log.

bytes + gates' keys + ledger + records + now -> Taken

What came before comes again and changes nothing; what comes too early waits; what
contradicts is kept as evidence and never counted. Each step is durable before the next,
so whoever was stopped takes the same file again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from assent.authorisation.secretariat import Records
from assent.supervision.daybook.book import DayBook, parse_day, parse_head
from assent.supervision.daybook.close import last_head
from assent.supervision.daybook.errors import (
    DayBookEarly,
    DayBookForked,
    DayBookOfAnotherSite,
    DayBookRefused,
    DayBookRepeats,
    DayBookRewritten,
)
from assent.supervision.daybook.head import DayHead
from assent.supervision.daybook.logged import log_entry_of
from assent.supervision.daybook.ports import DayBooks, KeptDay, Received, Standing
from assent.supervision.daybook.verify import (
    verify_closed_later,
    verify_follows,
    verify_signed,
    verify_whole,
)
from assent.supervision.ledger import Entry, EntryConflicts, Kind, Ledger
from assent.vocabulary.envelope import PublicKey, parse_envelope

_EVIDENCE = (DayBookRewritten, DayBookOfAnotherSite, DayBookRepeats, DayBookForked)


class Outcome(StrEnum):
    """What became of a day book."""

    TAKEN = "taken"
    AGAIN = "taken before"
    EARLY = "waits for those before it"
    REFUSED = "refused"  # having waited


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A day book that was believed, and what became of it."""

    head: DayHead
    outcome: Outcome
    index: int | None = None  # in the public log
    why: str = ""  # it is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDesk:
    """The agency's ledger over all gates.

    Attributes:
        ledger: every gate's entries, under the gate's name.
        received: day books as they came.
        gates: the keys of known gates.
        records: the public log.

    """

    ledger: Ledger
    received: Received
    gates: Mapping[str, PublicKey]
    records: Records

    def take(self, data: bytes, now: datetime) -> list[Taken]:
        """Take a day book, and those that waited for it.

        Raises:
            DayBookMalformed, DayBookRefused, SignatureInvalid: if it is not believed;
                what a gate signed and contradicts itself is kept.
            StoreUnavailable: if it cannot be kept; then take it again.

        """
        taken = [self._take(data, now)]
        while taken[-1].outcome in {Outcome.TAKEN, Outcome.AGAIN}:
            waiting = self._waiting(taken[-1].head)
            if not waiting:
                break
            taken += waiting
        return taken

    def _waiting(self, before: DayHead) -> list[Taken]:
        """Take what waited for a day book: one, and what contradicts it is evidence."""
        days = self.received.of(before.gate)
        due = [k for k in days.kept(Standing.EARLY) if k.number == before.number + 1]
        due.sort(key=lambda kept: kept.arrived)
        found: list[Taken] = []
        for kept, data in [(kept, days.data(kept)) for kept in due]:
            try:
                found.append(self._take(data, kept.arrived))
            except DayBookRefused as error:
                head = parse_day(data).head
                refused = Taken(head=head, outcome=Outcome.REFUSED, why=error.message)
                found.insert(0, refused)
        return found

    def take_again(self) -> Iterator[Taken]:
        """Write every day book that was taken into the ledger and the log again."""
        for gate in self.received.gates():
            days = self.received.of(gate)
            for kept in days.kept(Standing.TAKEN):
                yield self._write(
                    days, parse_day(days.data(kept)), days.data(kept), kept.arrived
                )

    def _take(self, data: bytes, now: datetime) -> Taken:
        day = parse_day(data)
        verify_signed(day.head, day.envelope, self.gates)
        days = self.received.of(day.head.gate)
        try:
            taken = self._judged(days, day, data, now)
        except DayBookEarly:
            days.put(day.head.number, data, now, Standing.EARLY)
            return Taken(head=day.head, outcome=Outcome.EARLY)
        except _EVIDENCE:
            days.put(day.head.number, data, now, Standing.REFUSED)
            days.drop_early(day.head.number)
            raise
        days.drop_early(day.head.number)
        return taken

    def _judged(
        self, days: DayBooks, day: DayBook, data: bytes, now: datetime
    ) -> Taken:
        head = day.head
        for kept in days.kept(Standing.TAKEN):
            if kept.number == head.number:
                return self._again(days, kept, day)
        before = last_head(days)
        verify_follows(head, before)
        verify_closed_later(head, before)
        return self._write(days, day, data, now)

    def _again(self, days: DayBooks, kept: KeptDay, day: DayBook) -> Taken:
        known = parse_head(parse_envelope(days.top(kept)[0]))
        if known.digest != day.head.digest:
            raise _forked(day.head, known.digest)
        data = days.data(kept)
        taken = self._write(days, parse_day(data), data, kept.arrived)
        return replace(taken, outcome=Outcome.AGAIN)

    def _write(self, days: DayBooks, day: DayBook, data: bytes, now: datetime) -> Taken:
        """Write a day book into the ledger, keep it, and tell the log."""
        head = day.head
        entries = [of_gate(entry, head.gate) for entry in verify_whole(day, now)]
        marker = _marker(head, now)
        # (8) No entry was written before.
        with self.ledger.writing() as books:
            known = books.entry(marker.entry_id)
            if known is None:
                try:
                    is_new = books.record(entries) == len(entries)
                except EntryConflicts as error:
                    raise DayBookRepeats(
                        f"{head.words.capitalize()} contradicts itself:"
                        f" {error.message}",
                        remedy="Inspect the gate: its own ledger allows no such entry.",
                    ) from None
                if not is_new:
                    raise DayBookRepeats(
                        f"{head.words.capitalize()} writes entries twice.",
                        remedy="Inspect the gate: its own ledger allows no such entry.",
                    )
                books.record([marker])
            elif known.evidence != head.digest:
                raise _forked(head, str(known.evidence))
        days.put(head.number, data, now, Standing.TAKEN)
        (index,) = self.records.append([log_entry_of(head).encoded])
        return Taken(head=head, outcome=Outcome.TAKEN, index=index)


def of_gate(entry: Entry, gate: str) -> Entry:
    """Return a gate's entry as the agency writes it: all its names are the gate's."""

    def named(name: str | None) -> str | None:
        return None if name is None else f"{gate}/{name}"

    return replace(
        entry,
        entry_id=f"{gate}/{entry.entry_id}",
        book=f"{gate}/{entry.book}",
        job_id=named(entry.job_id),
        refers_to=named(entry.refers_to),
    )


def _marker(head: DayHead, now: datetime) -> Entry:
    """Return the entry that says that a day book was taken; no gate has such a name."""
    return Entry(
        entry_id=f"day:{head.gate}/{head.number}",
        kind=Kind.DAY,
        book=f"{head.gate}/",
        time=now,
        postings={},
        evidence=head.digest,
    )


def _forked(head: DayHead, known: str) -> DayBookForked:
    return DayBookForked(
        f"{head.gate} signed two of {head.words}: {known[:19]}… was taken, and this is"
        f" {head.digest[:19]}….",
        remedy="Keep both, they prove it; inspect the gate. The first one counts.",
    )
