"""The stores that an agency is tried on, and what its books must always be.

databases of cases and of the log -> SimulatedOffice, as often as a test opens it
"""

from collections.abc import Callable
from contextlib import ExitStack, closing

from assent.adapters.docket import check_docket, open_docket
from assent.adapters.translog.store import open_log_store
from assent.testing.memory_records import MemoryRecords
from assent.testing.office import SimulatedOffice
from assent.testing.small_log import ORIGIN
from assent.testing.states import SimulatedTreaty

Found = Callable[[SimulatedTreaty], SimulatedOffice]


class Stores:
    """One database of cases and one of the log, opened as often as a test wants."""

    def __init__(self, cases: str | None, log: str | None) -> None:
        """Name the places; None for memory."""
        self._cases, self._log = cases, log
        self.opened = ExitStack()

    def found(self, treaty: SimulatedTreaty) -> SimulatedOffice:
        """Return a new agency under a treaty."""
        if self._cases is None or self._log is None:
            return SimulatedOffice(treaty=treaty)
        return self._open(treaty, create=True)

    def beside(self, first: SimulatedOffice) -> SimulatedOffice:
        """Return the same agency as another process has it."""
        if self._cases is None:
            second = SimulatedOffice(
                treaty=first.treaty, docket=first.docket, now=first.now
            )
            second.records = first.records
        else:
            second = self._open(first.treaty, create=False)
            second.now = first.now
            second.records.documents = first.records.documents
            second.records.files = first.records.files
            second.records.witnesses = first.records.witnesses
        second.trust = first.trust
        return second

    def _open(self, treaty: SimulatedTreaty, *, create: bool) -> SimulatedOffice:
        docket = self.opened.enter_context(
            open_docket(self._cases or "", create=create)
        )
        store = open_log_store(self._log or "", ORIGIN, create=create)
        self.opened.enter_context(closing(store))
        return SimulatedOffice(
            treaty=treaty, docket=docket, records=MemoryRecords(store)
        )


def check_books(agency: SimulatedOffice) -> None:
    """Hold all cases against their chains, their cards and the public log."""
    office = agency.office
    assert check_docket(agency.docket, lambda _: office.card) == []
    for entry in agency.public_log:
        said = entry.metadata
        events = office.read(said["case"])
        assert events[int(said["case_events"]) - 1].digest == said["case_digest"]
