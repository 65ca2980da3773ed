"""One round of all that an agency does by itself: its cases, and the gates' ledger.

folder + now -> Round: cases worked, gates told what their owners used elsewhere
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.agency import open_agency_folder
from assent.adapters.agency.tallies import TallyFolder
from assent.adapters.ledger.day_books import ReceivedFolder
from assent.authorisation.treaty import Treaty
from assent.supervision.daybook import Standing, Taken
from assent.supervision.tally import Slice, Tally, TallyGroup, draw_up, sign_tally
from assent.vocabulary import InputError, Refused, SignatureInvalid
from assent.vocabulary.envelope import PublicKey
from assent.wiring.agency.work import Worked, work_once
from assent.wiring.ledger import OpenLedger, open_agency_ledger


@dataclass(frozen=True, kw_only=True)
class Round:
    """What a round did.

    Attributes:
        worked: of its cases, papers and leases.
        taken: day books from the inbox.
        refused: those that were not believed, and why; their files stay in the inbox.
        told: the gates that a tally was published for.

    """

    worked: Worked
    taken: tuple[Taken, ...] = ()
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def work_round(
    folder: Path, now: datetime, step: Callable[[str], None] = lambda _: None
) -> Round:
    """Do all that is due.

    Raises:
        AssentError: whatever kept the work from being done.

    """
    worked = work_once(folder, now, step)
    step("ledger")
    place = open_agency_folder(folder)
    if not (place.inbox.is_dir() or place.day_books.is_dir()):
        return Round(worked=worked)
    with open_agency_ledger(folder) as opened:
        taken, refused = take_inbox(opened, now)
        told = tell_gates(opened, now)
    return Round(
        worked=worked, taken=tuple(taken), refused=tuple(refused), told=tuple(told)
    )


def take_inbox(opened: OpenLedger, now: datetime) -> tuple[list[Taken], list[str]]:
    """Take the day books that gates sent; return what became of them, and refusals.

    Raises:
        StoreUnavailable: if one cannot be kept; the inbox keeps it.

    """
    inbox = ReceivedFolder(opened.agency.place.inbox)
    taken: list[Taken] = []
    refused: list[str] = []
    for gate in inbox.gates():
        days = inbox.of(gate)
        for day in days.kept(Standing.EARLY):
            try:
                taken += opened.desk.take(days.data(day), day.arrived)
                days.drop(day)
            except (InputError, Refused, SignatureInvalid) as error:
                days.refuse(day)
                refused.append(f"{gate}, day book {day.number}: {error.message}")
    if taken:
        opened.agency.office.records.publish(int(now.timestamp()))
    return taken, refused


def tell_gates(opened: OpenLedger, now: datetime) -> list[str]:
    """Publish the tallies that are due; return the names of their gates.

    A tally is due when a day book came or the agency's register changed since, if it
    says something else then; and when half of its time is over.

    Raises:
        DocumentInvalid, OwnersInvalid: if the agency's register cannot be used.
        StoreUnavailable: if the disk refuses.

    """
    place, treaty = opened.agency.place, opened.agency.trusted.treaty
    folder = TallyFolder(place.tallies, place.public / "tallies")
    before = {gate: folder.last(gate) for gate in opened.gates}
    half = timedelta(seconds=treaty.terms.max_staleness_s / 2)
    fresh = {
        gate
        for gate, last in before.items()
        if last is not None
        and last.key == opened.gates[gate].text
        and now - last.issued < half
        and folder.is_published(gate, opened.gates[gate])
    }
    looked = folder.looked
    if fresh == set(before) and looked is not None and looked > opened.changed:
        return []
    books = opened.books(now)
    slices = [
        Slice(books.gates[i], books.owner(i), books.flop(i)) for i in books.exempt
    ]
    groups = draw_up(slices, books.groups, opened.gates)
    told = []
    for gate, last in before.items():
        if gate in fresh and last is not None and last.groups == groups[gate]:
            continue
        tally = _next(treaty, gate, opened.gates[gate], groups[gate], last, now)
        data = sign_tally(tally, opened.agency.services["lease"])
        folder.put(gate, opened.gates[gate], data)
        told.append(gate)
    folder.drop_others(frozenset(key.key_id for key in opened.gates.values()))
    folder.look(now)
    return told


def _next(  # noqa: PLR0913, PLR0917 - whose, for whom, what, after what, when
    treaty: Treaty,
    gate: str,
    key: PublicKey,
    groups: tuple[TallyGroup, ...],
    last: Tally | None,
    now: datetime,
) -> Tally:
    """Return a gate's next tally.

    Its number is the time, so that an agency that was restored from a backup does not
    begin again below what gates hold.
    """
    issued = now.replace(microsecond=0)
    number = int(issued.timestamp())
    return Tally(
        agency=treaty.agency,
        gate=gate,
        key=key.text,
        number=number if last is None else max(number, last.number + 1),
        issued=issued,
        stale_after=issued + timedelta(seconds=treaty.terms.max_staleness_s),
        groups=groups,
    )
