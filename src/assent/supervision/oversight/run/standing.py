"""Where a run stands, told from what happened to it.

Happenings of its application, permit, orders and appeals + now -> RunStanding

Several things can hold a run at once: two orders, a suspension and a shut oversight
point. It goes on when the last of them ends. So each source says only what begins and
what ends, by a name; which step of the table that makes is decided here, in one place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assent.supervision.oversight.errors import RunUnknown
from assent.supervision.oversight.run.states import RUN_TABLE, WHO, RunState, RunStep
from assent.vocabulary import format_instant


class Sign(StrEnum):
    """What a source says of a run; what begins and what ends bears a name."""

    APPLIED = "applied"
    REFUSED = "refused"
    PERMITTED = "permitted"
    STARTED = "started"
    POINT_REACHED = "point_reached"
    REPORTED = "reported"
    POINT_PASSED = "point_passed"
    HELD = "held"
    FREED = "freed"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal_decided"
    TERMINATED = "terminated"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What one source says: when, what, about which point, hold or appeal, and why."""

    time: datetime
    sign: Sign
    words: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One step of a run: when, which, and why."""

    time: datetime
    step: RunStep
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStanding:
    """Where a run stands.

    Attributes:
        state: where.
        moved: every step that led there, in order.
        held_by: what holds it now, in words.

    """

    state: RunState
    moved: tuple[Moved, ...]
    held_by: tuple[str, ...]

    @property
    def since(self) -> datetime:
        """When it came to this state."""
        return self._entry.time

    @property
    def why(self) -> str:
        """What brought it there."""
        return self._entry.words

    @property
    def possible(self) -> tuple[tuple[RunStep, str], ...]:
        """What may happen next, and who may bring it about."""
        return tuple((step, WHO[step]) for step in RUN_TABLE.possible(self.state))

    @property
    def words(self) -> tuple[str, ...]:
        """Where it stands and what may happen, a sentence to a line."""
        since = format_instant(self.since.replace(microsecond=0))
        named = self.state.value.replace("_", " ")
        nexts = [
            f"{step.value.replace('_', ' ')} ({who})" for step, who in self.possible
        ]
        return (
            f"The run is {named} since {since}: {self.why}",
            *(f"Held by: {one}" for one in self.held_by),
            f"What may happen next: {'; '.join(nexts) or 'nothing, this is final'}.",
        )

    @property
    def _entry(self) -> Moved:
        """The step that led to the state from another."""
        state: RunState | None = None
        entry = self.moved[0]
        for one in self.moved:
            after = RUN_TABLE.next_state(state, one.step)
            if after is not state:
                state, entry = after, one
        return entry


@dataclass(slots=True)
class _Teller:
    """All that is true of a run at a time, of which the state is one word."""

    state: RunState | None = None
    is_started: bool = False
    points: dict[str, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    appeals: set[str] = field(default_factory=set)
    moved: list[Moved] = field(default_factory=list)

    def take(self, one: Happening) -> None:
        """Take what happened, and make the steps that follow from it."""
        self._note(one)
        step = self._step_of(one.sign)
        if step is not None:
            self._step_if(step, one.time, one.words)
        # What began before it could hold the run holds it now: a suspension before the
        # log held the permit, a point that is shut when a pause ends.
        if self.state in {RunState.AUTHORISED, RunState.RUNNING}:
            for words in self.holds.values():
                self._step_if(RunStep.PAUSED, one.time, words)
            for words in self.points.values():
                self._step_if(RunStep.POINT_REACHED, one.time, words)

    def _note(self, one: Happening) -> None:
        """Keep what is true from now on."""
        match one.sign:
            case Sign.STARTED:
                self.is_started = True
            case Sign.POINT_REACHED:
                self.points[one.name] = one.words
            case Sign.POINT_PASSED:
                self.points.pop(one.name, None)
            case Sign.HELD:
                self.holds[one.name] = one.words
            case Sign.FREED:
                self.holds.pop(one.name, None)
                self.appeals.discard(one.name)
                if not self.holds:
                    self.appeals.clear()
            case Sign.APPEALED:
                self.appeals.add(one.name)
            case Sign.APPEAL_DECIDED:
                self.appeals.discard(one.name)

    def _step_of(self, sign: Sign) -> RunStep | None:
        """Return the step that this makes, with all that is true besides."""
        if sign is Sign.COMPLETED and self.state is RunState.PLANNED:
            return RunStep.REFUSED
        if sign is Sign.POINT_PASSED and self.points:
            return None
        if sign is Sign.FREED and not self.holds:
            return RunStep.RESUMED if self.is_started else RunStep.RELEASED
        if sign in {Sign.FREED, Sign.APPEAL_DECIDED}:
            return None if self.appeals else RunStep.APPEAL_DECIDED
        return RunStep.PAUSED if sign is Sign.HELD else RunStep(sign.value)

    def _step_if(self, step: RunStep, time: datetime, words: str) -> None:
        """Make a step if the table knows it here; else what happened changes nothing.

        A suspension of a run that ended, say, or a report after a pause.
        """
        if step in RUN_TABLE.possible(self.state):
            self.state = RUN_TABLE.next_state(self.state, step)
            self.moved.append(Moved(time=time, step=step, words=words))


def run_standing(happenings: Iterable[Happening], now: datetime) -> RunStanding:
    """Return where a run stands, after all that has happened by now.

    Args:
        happenings: from all sources; those of one instant in the order in which they
            are given.
        now: the instant.

    Raises:
        RunUnknown: if nothing has happened that begins a run.

    """
    teller = _Teller()
    for one in sorted(happenings, key=lambda one: one.time):
        if one.time <= now:
            teller.take(one)
    if teller.state is None:
        raise RunUnknown(
            "Nobody has applied for this run.", remedy="See `assent agency queue`."
        )
    is_held = teller.state in {RunState.PAUSED, RunState.APPEALED}
    return RunStanding(
        state=teller.state,
        moved=tuple(teller.moved),
        held_by=tuple(teller.holds.values()) if is_held else (),
    )
