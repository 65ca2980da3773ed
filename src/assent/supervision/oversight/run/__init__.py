"""The run: its states as one table, and where it stands.

what happened, from every source + now -> RunStanding
"""

from assent.supervision.oversight.run.sources import of_application, of_permit
from assent.supervision.oversight.run.standing import (
    Happening,
    Moved,
    RunStanding,
    Sign,
    run_standing,
)
from assent.supervision.oversight.run.states import (
    FINAL,
    RUN_TABLE,
    WHO,
    RunState,
    RunStep,
)

__all__ = [
    "FINAL",
    "RUN_TABLE",
    "WHO",
    "Happening",
    "Moved",
    "RunStanding",
    "RunState",
    "RunStep",
    "Sign",
    "of_application",
    "of_permit",
    "run_standing",
]
