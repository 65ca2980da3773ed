"""Open a gate's folder for work.

folder -> OpenGate: its site, its papers, its books, the pause orders that it knows
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import (
    GateFolder,
    PaperFolder,
    TallyFile,
    open_gate_folder,
)
from assent.adapters.gate.orders import GateRegister
from assent.adapters.keys.machine_key import open_machine_key, unseal_at_machine
from assent.adapters.ledger import open_ledger
from assent.adapters.packaged import packaged_accelerators
from assent.adapters.trust import TrustFolder
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import verify_trust
from assent.supervision.admission import overseers_book
from assent.supervision.gate import Gate, PaperDesk, Site, holds_of
from assent.supervision.tally import TALLY_BYTES_MAX, Tally, verify_tally
from assent.vocabulary import InputError, parse_instant
from assent.wiring.log import DATABASE_VARIABLE
from assent.wiring.runs import load_rulebook_named

SEALED_BYTES_MAX = TALLY_BYTES_MAX + 1_000_000  # with what age adds


@dataclass(frozen=True, kw_only=True)
class OpenGate:
    """A gate at work, its folder, and the orders that it knows."""

    place: GateFolder
    gate: Gate
    register: GateRegister

    def treaty(self, now: datetime) -> Treaty:
        """Return the treaty, as the states' newest metadata at hand shows it.

        Raises:
            NotFound, TrustMalformed, TrustRefused: if there is none that holds now.

        """
        return treaty_of(self.place, now)


def treaty_of(place: GateFolder, now: datetime) -> Treaty:
    """Return the treaty, as the states' newest metadata at a gate shows it.

    Raises:
        NotFound, TrustMalformed, TrustRefused: if there is none that holds now.

    """
    root = read_bytes(place.root, FILE_BYTES_MAX)
    return verify_trust(root, TrustFolder(place.trust).read(), now).treaty


def take_tally(place: GateFolder, sealed: bytes, now: datetime) -> Tally | None:
    """Take what the agency tells of owners here; None if it is held already.

    Raises:
        NotForThisMachine: if it is sealed for another gate's key.
        TallyMalformed, TallyRefused, SignatureInvalid: if it is not believed.
        NotFound, TrustMalformed, TrustRefused: if no treaty shows who signs.

    """
    data = unseal_at_machine(sealed, place.key)
    file, key = TallyFile(place.tally), open_machine_key(place.key, "gate").key
    held = file.held()
    tally = verify_tally(data, treaty_of(place, now), key, held, now)
    if tally == held:
        return None
    file.keep(data)
    return tally


def published_tally(place: GateFolder, public: Path) -> bytes | None:
    """Return the tally that an agency published for a gate; None if there is none.

    Raises:
        AssentError: if the gate's key or the file cannot be read.

    """
    if not place.key.exists():
        return None
    key = open_machine_key(place.key, "gate").key
    path = public / "tallies" / f"{key.key_id}.age"
    return read_bytes(path, SEALED_BYTES_MAX) if path.exists() else None


@dataclass(frozen=True)
class LeasesAtHand:
    """The leases in a gate's folder, for who goes on when the gate does not answer."""

    desk: PaperDesk

    def job_end(self, admission: Mapping[str, Any], now: datetime) -> datetime:
        """Return until when a job may go on if nobody hears of the gate.

        That is until its time is over, or its lease: the newest at hand that holds, for
        the gate may have renewed it since; what was known at its admission if there is
        none. A permit that was revoked or suspended ends it at once. An evaluation job
        ends with its request, whatever leases there are.

        Args:
            admission: of the job, as the gate says it.
            now: the instant.

        """
        ends = [parse_instant(admission["ends_by"])]
        permit_id = admission["permit_id"]
        if permit_id is not None:
            end = parse_instant(admission["lease_expires"])
            if admission["book"] != overseers_book(permit_id):
                end = self.desk.lease_end(permit_id, end, now)
            ends.append(end)
        return min(ends)


def leases_at_hand(folder: Path) -> LeasesAtHand:
    """Return the leases in a gate's folder.

    Raises:
        NotFound: if there is no gate in it.
        DocumentInvalid, OwnersInvalid: if its settings cannot be used.

    """
    place = open_gate_folder(folder)
    site = place.site(load_rulebook_named, packaged_accelerators())
    return LeasesAtHand(_desk(place, site))


def _desk(place: GateFolder, site: Site) -> PaperDesk:
    return PaperDesk(
        store=PaperFolder(place.papers),
        root=read_bytes(place.root, FILE_BYTES_MAX),
        site=site.name,
    )


def books_of(
    place: GateFolder, environment: Mapping[str, str] = os.environ
) -> str | Path:
    """Return where a gate's books are: as its settings say.

    Raises:
        InputError: if they are in the database that DATABASE_URL names, and it is not
            set.

    """
    if not place.has_books_in_database:
        return place.books
    url = environment.get(DATABASE_VARIABLE)
    if not url:
        raise InputError(
            f"The gate in {place.folder} has its books in the database that"
            f" {DATABASE_VARIABLE} names, and it is not set.",
            remedy=f"Set {DATABASE_VARIABLE} to the gate's database.",
        )
    return url


@contextmanager
def open_gate(
    folder: Path, *, environment: Mapping[str, str] = os.environ
) -> Iterator[OpenGate]:
    """Open a gate.

    Args:
        folder: where it is.
        environment: where DATABASE_URL is, if its settings say that books are there.

    Raises:
        NotFound: if there is none in the folder, or its orders were lost.
        DocumentInvalid, OwnersInvalid: if its settings cannot be used.
        StoreUnavailable, LogDamaged, InputError: if its books or orders cannot be read.

    """
    place = open_gate_folder(folder)
    site = place.site(load_rulebook_named, packaged_accelerators())
    desk = _desk(place, site)
    with (
        open_ledger(books_of(place, environment)) as ledger,
        closing(GateRegister(place.orders)) as register,
    ):
        gate = Gate(
            site=site,
            desk=desk,
            ledger=ledger,
            holds=lambda facts, now: holds_of(register.holds(facts, now)),
            tally=TallyFile(place.tally).held,
        )
        yield OpenGate(place=place, gate=gate, register=register)
