"""The states of a run, and the one table of what may happen in each.

state + step -> the state after it, or TransitionRefused

A run is what a permit covers, from the application to the last job. Nobody writes its
state down: it is told anew from what happened (`standing.py`), and each step of that is
asked of this table. The diagram in the documents is made from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from assent.authorisation.application import TransitionTable


class RunState(StrEnum):
    """Where a run stands."""

    PLANNED = "planned"  # applied for
    NOT_PERMITTED = "not_permitted"
    AUTHORISED = "authorised"  # permitted, and nothing has run
    RUNNING = "running"
    STOPPED_AT_POINT = "stopped_at_point"
    PAUSED = "paused"
    APPEALED = "appealed"  # paused, and the developer's appeal is undecided
    TERMINATED = "terminated"
    COMPLETED = "completed"


class RunStep(StrEnum):
    """What can happen to a run."""

    APPLIED = "applied"
    REFUSED = "refused"
    PERMITTED = "permitted"
    STARTED = "started"
    POINT_REACHED = "point_reached"
    REPORTED = "reported"
    POINT_PASSED = "point_passed"
    PAUSED = "paused"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal_decided"  # and the run is held still
    RESUMED = "resumed"
    RELEASED = "released"  # resumed, of a run that has not started
    TERMINATED = "terminated"
    COMPLETED = "completed"


WHO: Mapping[RunStep, str] = MappingProxyType(
    {
        RunStep.APPLIED: "the developer",
        RunStep.REFUSED: "the members, or the developer by withdrawing",
        RunStep.PERMITTED: "the members, once the public log shows it",
        RunStep.STARTED: "the developer, with the first lease",
        RunStep.POINT_REACHED: "the run itself",
        RunStep.REPORTED: "an inspector",
        RunStep.POINT_PASSED: "inspectors, when every evaluation was passed",
        RunStep.PAUSED: "a quorum; an inspector of the run, for a time",
        RunStep.APPEALED: "the developer",
        RunStep.APPEAL_DECIDED: "a panel without those who decided",
        RunStep.RESUMED: "a quorum, or by itself when what held the run lapses",
        RunStep.RELEASED: "a quorum, or by itself when what held the run lapses",
        RunStep.TERMINATED: "a quorum",
        RunStep.COMPLETED: "the permit's last day, or its last FLOP",
    }
)

_ALLOWED = (RunState.AUTHORISED, RunState.RUNNING, RunState.STOPPED_AT_POINT)
_HELD = (RunState.PAUSED, RunState.APPEALED)

RUN_TABLE: TransitionTable[RunState, RunStep] = TransitionTable(
    MappingProxyType(
        {
            RunStep.APPLIED: {
                None: RunState.PLANNED,
                RunState.NOT_PERMITTED: RunState.PLANNED,
            },
            RunStep.REFUSED: {RunState.PLANNED: RunState.NOT_PERMITTED},
            RunStep.PERMITTED: {RunState.PLANNED: RunState.AUTHORISED},
            RunStep.STARTED: {RunState.AUTHORISED: RunState.RUNNING},
            RunStep.POINT_REACHED: {RunState.RUNNING: RunState.STOPPED_AT_POINT},
            RunStep.REPORTED: {RunState.STOPPED_AT_POINT: RunState.STOPPED_AT_POINT},
            RunStep.POINT_PASSED: {RunState.STOPPED_AT_POINT: RunState.RUNNING},
            RunStep.PAUSED: {
                **dict.fromkeys(_ALLOWED, RunState.PAUSED),
                **{state: state for state in _HELD},
            },
            RunStep.APPEALED: {RunState.PAUSED: RunState.APPEALED},
            RunStep.APPEAL_DECIDED: {RunState.APPEALED: RunState.PAUSED},
            RunStep.RESUMED: dict.fromkeys(_HELD, RunState.RUNNING),
            RunStep.RELEASED: dict.fromkeys(_HELD, RunState.AUTHORISED),
            RunStep.TERMINATED: dict.fromkeys(
                (RunState.PLANNED, *_ALLOWED, *_HELD), RunState.TERMINATED
            ),
            RunStep.COMPLETED: dict.fromkeys((*_ALLOWED, *_HELD), RunState.COMPLETED),
        }
    )
)
FINAL = (RunState.TERMINATED, RunState.COMPLETED)
