"""`assent pause relay`: a provider's relay, and its name at the agency.

relay's folder + agency's feed -> a server for gates, until it is interrupted
"""

import asyncio
from contextlib import closing, suppress
from pathlib import Path

from assent.adapters.agency.reach import SqliteReachStore
from assent.adapters.files import make_folder
from assent.adapters.gate.orders import OrderFeed
from assent.adapters.keys.machine_key import open_machine_key
from assent.apps.cli.output.speaking import show
from assent.apps.cli.states.pause.serving import address_of, log_warnings, tell_url
from assent.apps.feed import Relay
from assent.authorisation.permit.fields import SLUG, text_of
from assent.supervision.pause import GateRecord
from assent.vocabulary.envelope import parse_public_key
from assent.wiring.pause import exact_now, open_reach

_MODE = 0o700
_STORE, _KEY = "relay.db", "relay.key"


def register(agency: Path, name: str, key: str) -> None:
    """Register a relay with an agency.

    Raises:
        InputError: if its name or key is none.
        NotFound: if there is no agency.

    """
    with open_reach(agency) as store:
        store.put_relay(text_of(name, SLUG, "name"), parse_public_key(key))


def show_key(folder: Path) -> None:
    """Print a relay's public key; folder and key are made if there are none."""
    make_folder(folder, _MODE)
    show(open_machine_key(folder / _KEY, "relay").key.text)


def put_gate(folder: Path, name: str, key: str) -> None:
    """Put a gate behind a relay.

    Raises:
        InputError: if its name or key is none.
        StoreUnavailable: if the folder cannot be used.

    """
    make_folder(folder, _MODE)
    with closing(SqliteReachStore(folder / _STORE)) as store:
        store.put_gates(GateRecord(text_of(name, SLUG, "name"), parse_public_key(key)))


def serve_relay(folder: Path, feed: str, name: str, listen: str) -> None:
    """Serve until interrupted.

    Raises:
        InputError: if an address or the name is none.
        StoreUnavailable: if the folder cannot be used.

    """
    host, port = address_of(listen)
    log_warnings()
    make_folder(folder, _MODE)
    signer = open_machine_key(folder / _KEY, text_of(name, SLUG, "name"))

    async def run() -> None:
        async with OrderFeed(feed) as upstream:
            relay = Relay(
                feed=upstream, name=name, signer=signer, store=store, now=exact_now
            )
            await relay.run(host, port, tell_url)

    with (
        closing(SqliteReachStore(folder / _STORE)) as store,
        suppress(KeyboardInterrupt),
    ):
        asyncio.run(run())
