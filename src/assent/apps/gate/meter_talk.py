"""Talk with a job's meter over the gate's socket, for as long as it stays.

lines of a meter -> readings recorded; what changes -> lines to the meter

The protocol is that of `supervision.metering.exchange`. A meter is told what it may
still let happen when it says hello, after every batch, and as soon as that changes:
an order that pauses its run reaches it within half a second.
"""

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime

from assent.supervision.gate import Gate, allowance, greet, hear
from assent.supervision.metering import (
    Allowance,
    Batch,
    ChainId,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    parse_from_meter,
)
from assent.vocabulary import AssentError

_logger = logging.getLogger(__name__)


class MeterTalk:
    """One connection of a meter."""

    def __init__(
        self, gate: Gate, connection: socket.socket, clock: Callable[[], datetime]
    ) -> None:
        """Begin; nothing was said yet."""
        self._gate, self._connection, self._clock = gate, connection, clock
        self._chain: ChainId | None = None
        self._told: Allowance | None = None

    def run(self, first: bytes, lines: Iterator[bytes]) -> None:
        """Talk until the meter goes.

        Args:
            first: the line that was read already.
            lines: those that follow, as `lines_of` gives them.

        """
        self._take(first)
        for line in lines:
            if line:
                self._take(line)
            self._tell()

    def _take(self, line: bytes) -> None:
        try:
            said = parse_from_meter(line)
            if isinstance(said, Hello):
                self._chain = said.chain
                self._send(Head(greet(self._gate, said.chain)).line)
            elif isinstance(said, Batch) and self._chain is not None:
                hear(self._gate, self._chain, said.envelope, self._clock())
        except AssentError as error:
            _logger.warning("a meter is not believed: %s", error.message)
            self._send(
                NotBelieved(
                    error=type(error).__name__,
                    message=error.message,
                    remedy=error.remedy,
                ).line
            )
        self._tell()

    def _tell(self) -> None:
        """Tell the meter what it may still let happen, if that changed."""
        if self._chain is None:
            return
        try:
            now_allowed = allowance(self._gate, self._chain, self._clock())
        except AssentError:
            return  # its job has ended, or is another's: there is nothing to allow
        if now_allowed != self._told:
            self._send(Permitted(now_allowed).line)
            self._told = now_allowed

    def _send(self, line: bytes) -> None:
        self._connection.sendall(line)
