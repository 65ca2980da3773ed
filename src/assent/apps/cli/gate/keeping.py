"""`assent gate init`, `fetch`, `serve`: a gate's folder, and the gate itself.

folder -> a gate that answers
"""

import logging
import signal
import threading
from pathlib import Path

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import create_gate_folder, fetch_papers, open_gate_folder
from assent.adapters.ledger import open_ledger
from assent.apps.cli.output.speaking import show, tell
from assent.apps.gate import serve
from assent.wiring.agency.open import now
from assent.wiring.gate import open_gate
from assent.wiring.runs import load_rulebook_named


def init(folder: Path, site: str, party: str, root: Path, rulebook: str) -> None:
    """Make a gate."""
    load_rulebook_named(rulebook)
    place = create_gate_folder(
        folder,
        site=site,
        party=party,
        rulebook=rulebook,
        root=read_bytes(root, FILE_BYTES_MAX),
    )
    open_ledger(place.books, create=True).close()
    show(
        f"A gate for {site} is in {folder}.",
        f"Write the accounts and their owners into {folder / 'owners.yaml'}, fetch the"
        " agency's papers (`assent gate fetch`), and start it (`assent gate serve`).",
    )


def fetch(folder: Path, public: Path) -> None:
    """Copy an agency's papers."""
    changed = fetch_papers(public, open_gate_folder(folder).papers)
    show(*(changed or ["Nothing is new."]))


def serve_gate(folder: Path, socket: Path | None) -> None:
    """Answer until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
    with open_gate(folder) as opened:
        path = socket or opened.place.socket
        tell(f"The gate of {opened.gate.site.name} answers at {path}.")
        serve(opened.gate, path, clock=now, until=until)
