"""Connections on which nobody can be kept waiting for ever.

A socket's own timeout starts again with each byte that arrives, so a server that drips
one byte a minute could hold a reader for years. Here each phase of an exchange has an
end: a watchdog shuts the socket, which ends the read that hangs on it.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

# They would write whole URLs to the diagnostics, and a URL may hold a secret.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

PATIENCE_S = 60  # for the headers, then for the body; 16 MiB at 2 Mbit/s


@contextmanager
def within(limit_s: float, stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` if the block takes longer, which ends its reads.

    Raises:
        TimeoutError: if it took longer, whatever came of it.

    """
    is_over = threading.Event()

    def give_up() -> None:
        is_over.set()
        with suppress(OSError, ValueError):
            stop()

    watchdog = threading.Timer(limit_s, give_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except Exception:
        if is_over.is_set():
            raise TimeoutError from None
        raise
    finally:
        watchdog.cancel()
    if is_over.is_set():
        raise TimeoutError


class _Connection(HTTPConnection):
    """A connection whose headers may not take for ever."""

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        with within(self.timeout or PATIENCE_S, partial(_hang_up, self)):
            return super().getresponse()


class _SafeConnection(HTTPSConnection):
    """The same, encrypted."""

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        with within(self.timeout or PATIENCE_S, partial(_hang_up, self)):
            return super().getresponse()


class ConnectionPool(urllib3.HTTPConnectionPool):
    """Connections that do not wait for ever."""

    ConnectionCls = _Connection


class SafeConnectionPool(urllib3.HTTPSConnectionPool):
    """The same, encrypted."""

    ConnectionCls = _SafeConnection


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)
