"""Lines that come over a connection, and time that goes by without any.

connection -> lines; nothing, now and then, while none comes
"""

import select
import socket
from collections.abc import Iterator

from assent.supervision.metering.exchange import LINE_BYTES_MAX

LOOK_S = 0.5  # how often it is looked whether something else is to be done
_CHUNK_BYTES = 65_536


def lines_of(connection: socket.socket) -> Iterator[bytes]:
    """Yield each line without its end, and nothing every LOOK_S seconds; end with it.

    Of a line that is too long its beginning is yielded, and nothing after it.

    Raises:
        OSError: if the connection breaks.

    """
    held = b""
    while True:
        ready, _, _ = select.select([connection], [], [], LOOK_S)
        if not ready:
            yield b""
            continue
        chunk = connection.recv(_CHUNK_BYTES)
        if not chunk:
            return
        *lines, held = (held + chunk).split(b"\n")
        yield from (line for line in lines if line)
        if len(held) > LINE_BYTES_MAX:
            yield held
            return
