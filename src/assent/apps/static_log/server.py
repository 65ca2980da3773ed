"""Run the server of a log's static files.

folder + host + port -> a server, until it is stopped
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import waitress.server
import waitress.trigger

from assent.adapters.translog.files import FolderFiles
from assent.apps.static_log.app import make_app
from assent.vocabulary import InputError, NotFound

THREADS = 8  # each serves one file at a time, 16 MiB at most
CONNECTIONS_MAX = 500  # a reader keeps one or two open
PORT_MAX = 65_535
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
        host: the address or name to listen on; `127.0.0.1` for this machine alone.
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
    listening = _listen(host, port)
    sockets: dict[int, Any] = {}
    server = waitress.server.create_server(
        make_app(FolderFiles(folder)),
        map=sockets,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        channel_timeout=IDLE_S_MAX,
        max_request_body_size=BODY_BYTES_MAX,
        ident=None,
    )
    on_ready(Serving(_url(listening), _stopper(sockets)))
    server.run()


def _stopper(sockets: dict[int, Any]) -> Callable[[], None]:
    """Return what ends the loop over these sockets."""
    # The loop's own thread closes what it waits for, and not while it is being woken:
    # a pipe that was closed may be another file by the time it is written to.
    waking = threading.Lock()

    def close_all() -> None:
        with waking:
            for dispatcher in list(sockets.values()):
                dispatcher.close()

    def stop() -> None:
        with waking:
            for dispatcher in list(sockets.values()):
                if isinstance(dispatcher, waitress.trigger.trigger):
                    dispatcher.pull_trigger(close_all)
                    return

    return stop


def _listen(host: str, port: int) -> socket.socket:
    why = "there is no such port"
    if 0 <= port <= PORT_MAX:
        try:
            # A name may lead to addresses of either family: the first is taken.
            family, _, _, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )[0]
            return socket.create_server(address, family=family)
        except OSError as error:
            why = str(error.strerror)
        except UnicodeError:
            why = "that is no name of a host"
    raise InputError(
        f"Nothing can listen on {host}, port {port}: {why}.",
        remedy="Choose another port, or an address of this machine.",
    )


def _url(listening: socket.socket) -> str:
    address, port = listening.getsockname()[:2]
    return f"http://{f'[{address}]' if ':' in address else address}:{port}/"
