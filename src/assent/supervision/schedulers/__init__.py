"""What schedulers say of jobs, in the gate's words.

facts of Slurm's, objects of Kubernetes' -> JobRequest
jobs of Slurm's + jobs of the gate's + now -> what to signal, what to settle
"""

from assent.supervision.schedulers.claim import Claim, make_claim, parse_claim
from assent.supervision.schedulers.errors import (
    ChipsUnnamed,
    ClaimMalformed,
    SchedulerMalformed,
    SchedulerUnknown,
)
from assent.supervision.schedulers.slurm import (
    SlurmTerms,
    attempt_name,
    slurm_job,
    slurm_prefix,
)
from assent.supervision.schedulers.slurm_watch import (
    AdmittedJob,
    Due,
    Memory,
    RunningJob,
    decide_due,
    parse_running,
)

__all__ = [
    "AdmittedJob",
    "ChipsUnnamed",
    "Claim",
    "ClaimMalformed",
    "Due",
    "Memory",
    "RunningJob",
    "SchedulerMalformed",
    "SchedulerUnknown",
    "SlurmTerms",
    "attempt_name",
    "decide_due",
    "make_claim",
    "parse_claim",
    "parse_running",
    "slurm_job",
    "slurm_prefix",
]
