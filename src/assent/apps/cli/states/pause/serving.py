"""`assent pause serve`: the feed of orders, over HTTP.

agency's folder + address -> a server, until it is interrupted
"""

import asyncio
import logging
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from assent.adapters.ledger.day_books import ReceivedFolder
from assent.apps.feed import Served, serve
from assent.supervision.pause import feed_after
from assent.vocabulary import InputError
from assent.wiring.agency import open_agency
from assent.wiring.pause import exact_now, open_reach

_PORT_MAX = 65_535


def serve_feed(folder: Path, listen: str) -> None:
    """Serve until interrupted.

    Raises:
        InputError: if the address is none.
        AssentError: of another kind, if the agency cannot be opened.

    """
    host, port = address_of(listen)
    log_warnings()
    with open_agency(folder) as agency, open_reach(folder) as store:
        served = Served(
            feed=partial(feed_after, agency.office),
            store=store,
            now=exact_now,
            inbox=ReceivedFolder(agency.place.inbox),
        )
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(served, host, port, tell_url))


def log_warnings() -> None:
    """Have what goes wrong told on stderr."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
    )


def tell_url(url: str) -> None:
    """Print where a feed is served."""
    sys.stdout.write(f"feed {url}\n")
    sys.stdout.flush()


def address_of(listen: str) -> tuple[str, int]:
    """Return host and port of an address to listen on.

    Raises:
        InputError: if it is none.

    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit():
        number = -1
    else:
        number = int(port[:6])
    if not 0 <= number <= _PORT_MAX:
        raise InputError(
            f"{listen!r:.80} is no address to listen on.",
            remedy="Write HOST:PORT, such as 127.0.0.1:8790.",
        )
    return host.strip("[]"), number
