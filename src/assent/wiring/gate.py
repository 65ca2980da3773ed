"""Open a gate's folder for work.

folder -> OpenGate: its site, its papers, its books
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import GateFolder, PaperFolder, open_gate_folder
from assent.adapters.ledger import open_ledger
from assent.adapters.packaged import packaged_accelerators
from assent.supervision.gate import Gate, PaperDesk
from assent.wiring.runs import load_rulebook_named


@dataclass(frozen=True, kw_only=True)
class OpenGate:
    """A gate at work, and its folder."""

    place: GateFolder
    gate: Gate


@contextmanager
def open_gate(folder: Path) -> Iterator[OpenGate]:
    """Open a gate.

    Raises:
        NotFound: if there is none in the folder.
        DocumentInvalid, OwnersInvalid: if its settings cannot be used.
        StoreUnavailable, InputError: if its books cannot be opened.

    """
    place = open_gate_folder(folder)
    site = place.site(load_rulebook_named, packaged_accelerators())
    desk = PaperDesk(
        store=PaperFolder(place.papers),
        root=read_bytes(place.root, FILE_BYTES_MAX),
        site=site.name,
    )
    with open_ledger(place.books) as ledger:
        gate = Gate(site=site, desk=desk, ledger=ledger, holds=lambda _facts, _now: ())
        yield OpenGate(place=place, gate=gate)
