"""A meter's side of the exchange with a gate (`supervision.metering.exchange`).

batches in the folder -> the gate;  what the gate says -> allowance, problems
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from assent.apps.meter.keeping.folder import MeterFolder
from assent.supervision.metering import (
    Allowance,
    Batch,
    GateLink,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    ReadingsRefused,
    parse_from_gate,
    parse_readings,
)
from assent.vocabulary import AssentError

AGAIN_S = 5.0  # until what a gate could not take now is sent again
_TRIED_S = 0.5  # after which a gate that is not there is not waited for
_MOMENT_S = 0.02
Tell = Callable[[AssentError], None]
# The gate's disk was full; its clock is behind, or ours ahead; and what follows on one
# that was not taken. Anything else stays refused.
_PASSING = frozenset({"StoreUnavailable", "ReadingFromTheFuture", "ReadingsMissing"})


@dataclass(slots=True)
class GateTalk:
    """A conversation over a link that may break and come back.

    Attributes:
        link: the line.
        allowance: what the gate said last; None if it said nothing yet.
        again_s: until what the gate could not take now is sent again.

    """

    link: GateLink
    allowance: Allowance | None = None
    again_s: float = AGAIN_S
    _is_greeted: bool = False
    _sequence: int | None = None  # of the last reading that the gate holds
    _place: int = 0  # in the file, from which on nothing was sent
    _again_at_s: float | None = None

    def exchange(self, folder: MeterFolder, tell: Tell) -> None:
        """Take what came, and send what the gate does not hold yet."""
        is_due = self._again_at_s is not None and monotonic() >= self._again_at_s
        if not self._is_greeted or is_due:
            self._again_at_s = None
            self._is_greeted = self.link.send(Hello(folder.chain).line)
        lines = self.link.receive()
        if lines is None:
            self._is_greeted, self._sequence = False, None
            return
        for line in lines:
            self._take(line, tell)
        if self._sequence is not None:
            self._send(folder, self._sequence)

    def wait_for_word(self, timeout_s: float) -> None:
        """Wait until the gate said what may happen; not long if nobody is there.

        The conversation goes on in another thread.
        """
        began = monotonic()
        while self.allowance is None and monotonic() < began + timeout_s:
            if not self._is_greeted and monotonic() > began + _TRIED_S:
                return
            threading.Event().wait(_MOMENT_S)

    def is_waiting(self, folder: MeterFolder) -> bool:
        """Tell whether there is a gate, and readings that were not sent to it."""
        if not self._is_greeted or folder.head is None:
            return False
        return self._sequence is None or self._sequence < folder.head.sequence

    def close(self) -> None:
        """End it."""
        self.link.close()

    def _take(self, line: bytes, tell: Tell) -> None:
        try:
            said = parse_from_gate(line)
        except AssentError as error:
            tell(error)
            return
        match said:
            case Head(sequence):
                self._sequence, self._place = sequence, 0
            case Permitted(allowance):
                self.allowance = allowance
            case NotBelieved():
                words = f"The gate: {said.error}: {said.message}"
                tell(ReadingsRefused(words, remedy=said.remedy))
                if said.error in _PASSING and self._again_at_s is None:
                    self._sequence = None  # asked again how far the gate is
                    self._again_at_s = monotonic() + self.again_s

    def _send(self, folder: MeterFolder, sequence: int) -> None:
        if folder.head is None or folder.head.sequence <= sequence:
            return
        for envelope, end in folder.batches_from(self._place):
            last, _ = parse_readings(envelope.payload)[-1]
            is_news = last.sequence > sequence
            if is_news and not self.link.send(Batch(envelope).line):
                return
            self._place = end
            self._sequence = max(sequence, last.sequence)
