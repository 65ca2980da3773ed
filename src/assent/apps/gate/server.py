"""Answer on a Unix socket, and watch the jobs that run.

Gate + path of a socket + a clock -> answers, until it is told to stop

Whoever may open the socket may ask: its permissions are the access control. Killing the
server at any instant is safe, for every answer was written down before it was given.
"""

import logging
import os
import socket
import socketserver
import stat
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import cast

from assent.apps.gate.answer import answer
from assent.apps.gate.lines import lines_of
from assent.apps.gate.meter_talk import MeterTalk
from assent.supervision.gate import Gate
from assent.vocabulary import AssentError, InputError

WATCH_S = 1.0  # how often running jobs are looked at
IDLE_S_MAX = 600.0  # a job polls every few seconds
_SAYS, _LOOKED_AT = b'"say":"hello"', 2_000  # how a meter begins
SOCKET_PATH_BYTES_MAX = 100  # the kernel takes 107
_logger = logging.getLogger(__name__)


def serve(
    gate: Gate,
    path: Path,
    *,
    clock: Callable[[], datetime],
    until: threading.Event,
    mode: int = 0o660,
) -> None:
    """Answer until `until` is set.

    Args:
        gate: at work.
        path: of the socket; one that a killed gate left is replaced.
        clock: tells the time.
        until: ends it.
        mode: of the socket: who may ask.

    Raises:
        InputError: if the path is too long, holds something else, or a gate answers
            there already.

    """
    _make_way(path)
    server = _Server(str(path), _Handler)
    try:
        path.chmod(mode)
        server.gate, server.clock = gate, clock
        thread = threading.Thread(target=server.serve_forever, name="gate", daemon=True)
        thread.start()
        while not until.wait(WATCH_S):
            _watch(gate, clock())
        server.shutdown()
        thread.join()
    finally:
        server.server_close()
        path.unlink(missing_ok=True)


def _watch(gate: Gate, now: datetime) -> None:
    try:
        due = gate.watch(now)
    except AssentError as error:
        _logger.error("running jobs could not be looked at: %s", error.message)  # noqa: TRY400 - it says enough
        return
    for job, stop in due:
        if job.stop_ordered is None:
            _logger.warning("job %s has to stop: %s", job.job_id, stop.words)


def _make_way(path: Path) -> None:
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
        raise InputError(
            f"{path} is too long for a socket.",
            remedy=f"Name one with at most {SOCKET_PATH_BYTES_MAX} bytes (--socket).",
        )
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise InputError(
            f"{path} is something else than a socket.", remedy="Name another path."
        )
    with socket.socket(socket.AF_UNIX) as other:
        try:
            other.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise InputError(
        f"A gate answers at {path} already.",
        remedy="Stop it first: two gates on one set of books need two sockets.",
    )


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128
    gate: Gate
    clock: Callable[[], datetime]


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Answer line by line until the other side goes, or says nothing for long."""
        server, connection = cast("_Server", self.server), self.request
        lines, heard = lines_of(connection), monotonic()
        try:
            for line in lines:
                if not line:
                    if monotonic() > heard + IDLE_S_MAX:
                        return
                    continue
                heard = monotonic()
                if _SAYS in line[:_LOOKED_AT]:
                    MeterTalk(server.gate, connection, server.clock).run(line, lines)
                    return
                connection.sendall(answer(server.gate, line, server.clock()))
        except OSError:
            return  # it went without a word
