"""A line to a gate over a Unix socket; it never waits.

path -> GateLink
"""

import contextlib
import socket
import time
from pathlib import Path

from assent.supervision.metering import LINE_BYTES_MAX

RETRY_S = 1.0  # between attempts to connect
LINGER_S = 2.0  # at the end, for a gate that is slow to read
UNSENT_BYTES_MAX = 2 * LINE_BYTES_MAX
_CHUNK_BYTES = 65_536


class GateSocket:
    """A connection that is made again whenever it breaks."""

    def __init__(self, path: Path) -> None:
        """Connect when there is something to say."""
        self._path = str(path)
        self._socket: socket.socket | None = None
        self._unsent = b""
        self._unread = b""
        self._tried_s = -RETRY_S

    def send(self, line: bytes) -> bool:
        """Send one line, or keep it until the socket takes it."""
        if not self._connect() or len(self._unsent) + len(line) > UNSENT_BYTES_MAX:
            return False
        self._unsent += line
        return self._push()

    def receive(self) -> list[bytes] | None:
        """Return the lines that came; None if there is no connection."""
        if self._socket is None or not self._push():
            return None
        try:
            while chunk := self._socket.recv(_CHUNK_BYTES):
                self._unread += chunk
                if len(self._unread) > LINE_BYTES_MAX:
                    break
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
            return None
        else:
            self._drop()  # it ended, or says more than any gate does
            return None
        *lines, self._unread = self._unread.split(b"\n")
        return lines

    def close(self) -> None:
        """Send what is left, for a moment, and end the connection."""
        if self._socket is not None and self._unsent:
            self._socket.settimeout(LINGER_S)
            with contextlib.suppress(OSError):
                self._socket.sendall(self._unsent)
        self._drop()

    def _drop(self) -> None:
        """End the connection; the next `send` makes another."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._unsent, self._unread = None, b"", b""

    def _connect(self) -> bool:
        if self._socket is not None:
            return True
        if time.monotonic() - self._tried_s < RETRY_S:
            return False
        self._tried_s = time.monotonic()
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.setblocking(False)  # noqa: FBT003 - the standard library's
        try:
            made.connect(self._path)
        except OSError:
            made.close()
            return False
        self._socket = made
        return True

    def _push(self) -> bool:
        """Send what the socket takes now; tell whether the connection stands."""
        try:
            while self._unsent and self._socket is not None:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
            return False
        return True
