"""What every run was permitted, has reserved and has spent, in double entry.

admissions + readings -> entries -> balances and findings
"""

from assent.supervision.ledger.correction import correct_to
from assent.supervision.ledger.entry import (
    START,
    Account,
    Entry,
    Kind,
    next_head,
    parse_entry,
)
from assent.supervision.ledger.errors import (
    BooksDamaged,
    CorrectionRefused,
    EntryConflicts,
    EntryInvalid,
    JobNotOpen,
)
from assent.supervision.ledger.findings import (
    Bounds,
    Finding,
    FindingKind,
    check_drift,
    check_idleness,
    check_overruns,
    check_structuring,
    is_odd,
)
from assent.supervision.ledger.job import (
    TRANSITIONS,
    Job,
    JobState,
    end,
    order_stop,
    vouch,
)
from assent.supervision.ledger.ports import Ledger, LedgerTransaction
from assent.supervision.ledger.postings import (
    allot,
    correct,
    meter,
    observe,
    reach,
    reached_id,
    report_loss,
    reported_id,
    request_entry_id,
    reserve,
    settle,
    use_request,
)

__all__ = [
    "START",
    "TRANSITIONS",
    "Account",
    "BooksDamaged",
    "Bounds",
    "CorrectionRefused",
    "Entry",
    "EntryConflicts",
    "EntryInvalid",
    "Finding",
    "FindingKind",
    "Job",
    "JobNotOpen",
    "JobState",
    "Kind",
    "Ledger",
    "LedgerTransaction",
    "allot",
    "check_drift",
    "check_idleness",
    "check_overruns",
    "check_structuring",
    "correct",
    "correct_to",
    "end",
    "is_odd",
    "meter",
    "next_head",
    "observe",
    "order_stop",
    "parse_entry",
    "reach",
    "reached_id",
    "report_loss",
    "reported_id",
    "request_entry_id",
    "reserve",
    "settle",
    "use_request",
    "vouch",
]
