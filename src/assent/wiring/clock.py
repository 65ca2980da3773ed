"""The time, for processes that need neither an agency nor a log.

-> aware datetime, UTC
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return the time, UTC, with parts of a second."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock


class SteadyClock:
    """A clock that is never behind the time that has passed since it was first read.

    Set back, the clock on the wall would make a job look shorter than it was, and let
    a lease last longer than it does; set forward, it is believed.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = now,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with the clock on the wall; tests bring both clocks."""
        self._wall, self._monotonic_s = wall, monotonic_s
        self._lock = threading.Lock()
        self._last, self._last_s = wall(), monotonic_s()

    def __call__(self) -> datetime:
        """Return the time, UTC, to the second; any thread may ask."""
        with self._lock:
            passed_s = self._monotonic_s()
            passed = timedelta(seconds=passed_s - self._last_s)
            self._last = max(self._wall(), self._last + passed)
            self._last_s = passed_s
            return self._last.replace(microsecond=0)
