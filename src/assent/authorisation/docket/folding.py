"""Read a case from where it was last read, instead of from its first event.

step + events -> state, as if every step had been taken again

A case is read several times at every act, and an act adds one event. What the events
so far made is kept with those events, and used only if the case still begins with the
same ones, each compared: it is never what decides whether they are to be believed.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from assent.authorisation.docket.event import RecordedEvent

State = TypeVar("State")
_CASES_MAX = 256  # as many as are announced at once
_BYTES_MAX = 100_000  # of a case's bodies: what is longer is read again each time


class Folding(Generic[State]):
    """Takes steps, and remembers where they led; a state must never change."""

    def __init__(self, step: Callable[[State | None, RecordedEvent], State]) -> None:
        """Begin with nothing; `step` sees one event and what those before it made."""
        self._step = step
        self._kept: OrderedDict[str, tuple[list[RecordedEvent], State]] = OrderedDict()

    def of(self, events: Sequence[RecordedEvent]) -> State | None:
        """Return what the events of a case make; None if there are none.

        Whatever a step raises is raised.
        """
        if not events:
            return None
        taken, state = self._from(events)
        for recorded in events[taken:]:
            state = self._step(state, recorded)
        if state is not None and taken < len(events):
            self._keep(events, state)
        return state

    def _from(self, events: Sequence[RecordedEvent]) -> tuple[int, State | None]:
        found = self._kept.get(events[0].case_id)
        if found is None:
            return 0, None
        before, state = found
        is_there = len(before) <= len(events) and all(
            one is other or (one.digest == other.digest and one == other)
            for one, other in zip(before, events, strict=False)
        )
        return (len(before), state) if is_there else (0, None)

    def _keep(self, events: Sequence[RecordedEvent], state: State) -> None:
        if sum(len(one.event.body_encoded) for one in events) > _BYTES_MAX:
            return
        self._kept.pop(events[0].case_id, None)
        self._kept[events[0].case_id] = list(events), state
        while len(self._kept) > _CASES_MAX:
            self._kept.popitem(last=False)
