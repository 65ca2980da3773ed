"""`assent gate init`, `fetch`, `tally`, `serve`: a gate's folder, and the gate itself.

folder -> a gate that answers
"""

import logging
import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import (
    IN_DATABASE,
    IN_FOLDER,
    create_gate_folder,
    fetch_papers,
    keep_request,
    open_gate_folder,
)
from assent.adapters.gate.orders import GateRegister
from assent.adapters.keys.machine_key import open_machine_key
from assent.adapters.ledger import open_ledger
from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.states.pause.serving import address_of
from assent.apps.gate import Acknowledging, OrderFollower, serve
from assent.supervision.oversight import parse_request
from assent.supervision.tally import Tally
from assent.vocabulary import InputError, format_instant
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope
from assent.wiring.agency.open import now
from assent.wiring.clock import SteadyClock
from assent.wiring.gate import (
    SEALED_BYTES_MAX,
    OpenGate,
    books_of,
    open_gate,
    published_tally,
    take_tally,
)
from assent.wiring.log import DATABASE_VARIABLE
from assent.wiring.pause import exact_now
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
        books=IN_DATABASE if os.environ.get(DATABASE_VARIABLE) else IN_FOLDER,
    )
    open_ledger(books_of(place), create=True).close()
    GateRegister(place.orders, create=True).close()
    show(
        f"A gate for {site} is in {folder}.",
        f"Write the accounts and their owners into {folder / 'owners.yaml'}, fetch the"
        " agency's papers (`assent gate fetch`), and start it (`assent gate serve`).",
    )


def fetch(folder: Path, public: Path, trust: Path | None) -> None:
    """Copy an agency's papers, and take its tally.

    Raises:
        AssentError: if the tally is not believed, after the papers are copied.

    """
    place = open_gate_folder(folder)
    changed = fetch_papers(public, place.papers, trust)
    show(*changed)
    sealed = published_tally(place, public)
    tally = None if sealed is None else take_tally(place, sealed, now())
    if tally is not None:
        _show_tally(tally)
    elif not changed:
        show("Nothing is new.")


def take_a_tally(folder: Path, file: Path) -> None:
    """Take a tally that came as a file.

    Raises:
        AssentError: if it is not believed.

    """
    sealed = read_bytes(file, SEALED_BYTES_MAX)
    tally = take_tally(open_gate_folder(folder), sealed, now())
    if tally is None:
        show("Nothing is new.")
    else:
        _show_tally(tally)


def _show_tally(tally: Tally) -> None:
    show(
        f"tally {tally.number}, of {format_instant(tally.issued)}:"
        f" {len(tally.groups):,} groups of owners"
    )


def take_request(folder: Path, file: Path) -> None:
    """Keep an inspector's request; the gate verifies it when a job needs it."""
    data = read_bytes(file, ENVELOPE_BYTES_MAX)
    made = parse_request(parse_envelope(data).payload)
    papers = open_gate_folder(folder).papers
    keep_request(papers, made.request_id, data)
    show(f"Kept: {made.request_id}, for one job under {made.permit_id}.")


def show_key(folder: Path) -> None:
    """Print the gate's public key, which is made if there is none."""
    show(open_machine_key(open_gate_folder(folder).key, "gate").key.text)


def serve_gate(
    folder: Path,
    socket: Path | None,
    feed: str | None,
    name: str | None,
    listen: str | None,
) -> None:
    """Answer until interrupted, and follow the agency's feed of orders."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if listen is not None and feed is None:
        raise InputError(
            "Orders may be posted only to a gate that follows a feed.",
            remedy="Name the agency's feed (--feed): what is posted is acknowledged"
            " there, and what was not is found there.",
        )
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
    with open_gate(folder) as opened, ExitStack() as started:
        if feed is not None:
            started.callback(_follower(opened, feed, name, listen).start().stop)
        path = socket or opened.place.socket
        tell(f"The gate of {opened.gate.site.name} answers at {path}.")
        serve(opened.gate, path, clock=SteadyClock(), until=until)


def _follower(
    opened: OpenGate, feed: str, name: str | None, listen: str | None
) -> OrderFollower:
    acknowledging = None
    if name is not None:
        signer = open_machine_key(opened.place.key, name)
        acknowledging = Acknowledging(name=name, signer=signer)
    return OrderFollower(
        url=feed,
        register=opened.register,
        gate=opened.gate,
        treaty=lambda: opened.treaty(now()),
        clock=exact_now,
        acknowledging=acknowledging,
        listen=None if listen is None else address_of(listen),
        listening=lambda url: tell(f"Orders may be posted to {url}."),
    )
