"""Run the server of a log's static files.

folder + host + port -> a server, until it is stopped
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import waitress.server
import waitress.trigger

from assent.adapters.log_files import FolderFiles
from assent.apps.static_log.app import make_app
from assent.vocabulary import InputError, NotFound

THREADS = 8  # each serves one file at a time, 16 MiB at most
CONNECTIONS_MAX = 500  # a reader keeps one or two open
BODY_BYTES_MAX = 1024  # a GET has none
IDLE_S_MAX = 30  # then a connection that says nothing is closed


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs: where, and how to stop it from another thread."""

    url: str
    stop: Callable[[], None]


def serve(
    folder: Path, host: str, port: int, on_ready: Callable[[Serving], None]
) -> None:
    """Serve a log's public folder until stopped or interrupted.

    Args:
        folder: what a publisher or a mirror writes to.
        host: the address to listen on; `127.0.0.1` for this machine alone.
        port: the port; 0 for one that is free.
        on_ready: called once, when requests are answered.

    Raises:
        NotFound: if there is no such folder.
        InputError: if the address cannot be listened on.

    """
    if not folder.is_dir():
        raise NotFound(
            f"There is no folder {folder}.", remedy="Publish or mirror a log first."
        )
    sockets: dict[int, Any] = {}
    try:
        server = waitress.server.create_server(
            make_app(FolderFiles(folder)),
            map=sockets,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS_MAX,
            channel_timeout=IDLE_S_MAX,
            max_request_body_size=BODY_BYTES_MAX,
            ident=None,
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"Nothing can listen on {host}, port {port}: {error}.",
            remedy="Choose another port, or an address of this machine.",
        ) from None

    def close_all() -> None:
        for dispatcher in list(sockets.values()):
            dispatcher.close()

    def stop() -> None:
        # The loop's own thread closes them: it must not wait for what is closed.
        for dispatcher in list(sockets.values()):
            if isinstance(dispatcher, waitress.trigger.trigger):
                dispatcher.pull_trigger(close_all)
                return

    # A name of several addresses has a server for each; they answer alike.
    listening = getattr(server, "effective_listen", None)
    address, bound = (
        listening[0]
        if listening
        else (
            server.effective_host,
            server.effective_port,
        )
    )
    shown = f"[{address}]" if ":" in address else address
    on_ready(Serving(f"http://{shown}:{bound}/", stop))
    server.run()
