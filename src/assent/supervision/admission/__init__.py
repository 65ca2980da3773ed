"""Whether a job may start under a permit, what it is charged, and when it has to stop.

JobRequest + permit + lease + what is used + now -> Admission, or the reason why not
Admission + what its meter vouched for + now -> Stop
"""

from assent.supervision.admission.admission import (
    Admission,
    Balance,
    ExemptTerms,
    Hold,
)
from assent.supervision.admission.admit import EXEMPT, Papers, admit
from assent.supervision.admission.errors import (
    AccountUnknown,
    AdmissionRefused,
    AllowanceExceeded,
    ChipsBeyondPermit,
    JobBeyondPermit,
    JobHeld,
    JobKnown,
    JobMalformed,
    MaximumUnenforceable,
    OwnersInvalid,
    PermitMissing,
    PermitOfAnother,
    PointReached,
    RequestUsed,
    ReserveExceeded,
    ReserveKept,
    RunTerminated,
)
from assent.supervision.admission.job import Charge, JobRequest, charge_of
from assent.supervision.admission.overseers import (
    OVERSEERS,
    Evaluating,
    admit_evaluation,
    overseers_book,
)
from assent.supervision.admission.owner import Holding, Owner, OwnerRegister
from assent.supervision.admission.watch import (
    Stop,
    StopKind,
    Vouched,
    decide_stop,
    flop_at_most,
)

__all__ = [
    "EXEMPT",
    "OVERSEERS",
    "AccountUnknown",
    "Admission",
    "AdmissionRefused",
    "AllowanceExceeded",
    "Balance",
    "Charge",
    "ChipsBeyondPermit",
    "Evaluating",
    "ExemptTerms",
    "Hold",
    "Holding",
    "JobBeyondPermit",
    "JobHeld",
    "JobKnown",
    "JobMalformed",
    "JobRequest",
    "MaximumUnenforceable",
    "Owner",
    "OwnerRegister",
    "OwnersInvalid",
    "Papers",
    "PermitMissing",
    "PermitOfAnother",
    "PointReached",
    "RequestUsed",
    "ReserveExceeded",
    "ReserveKept",
    "RunTerminated",
    "Stop",
    "StopKind",
    "Vouched",
    "admit",
    "admit_evaluation",
    "charge_of",
    "decide_stop",
    "flop_at_most",
    "overseers_book",
]
