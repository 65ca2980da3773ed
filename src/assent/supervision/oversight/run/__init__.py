"""The run: its states as one table, and where it stands.

what happened, from every source + now -> RunStanding
"""

from assent.supervision.oversight.run.case import (
    APPEALED,
    DECIDED,
    Appeal,
    RunCase,
    fold_run,
    of_run_case,
    run_card,
    run_case_id,
    run_event,
)
from assent.supervision.oversight.run.sources import of_application, of_dates, of_permit
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
    "APPEALED",
    "DECIDED",
    "FINAL",
    "RUN_TABLE",
    "WHO",
    "Appeal",
    "Happening",
    "Moved",
    "RunCase",
    "RunStanding",
    "RunState",
    "RunStep",
    "Sign",
    "fold_run",
    "of_application",
    "of_dates",
    "of_permit",
    "of_run_case",
    "run_card",
    "run_case_id",
    "run_event",
    "run_standing",
]
