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
    RunTerminated,
)
from assent.supervision.admission.job import Charge, JobRequest, charge_of
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
    "AccountUnknown",
    "Admission",
    "AdmissionRefused",
    "AllowanceExceeded",
    "Balance",
    "Charge",
    "ChipsBeyondPermit",
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
    "RunTerminated",
    "Stop",
    "StopKind",
    "Vouched",
    "admit",
    "charge_of",
    "decide_stop",
    "flop_at_most",
]
