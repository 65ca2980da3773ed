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
from assent.supervision.schedulers.kubernetes import (
    Workload,
    account_of,
    is_finished,
    workload_of,
)
from assent.supervision.schedulers.pods import CONTROLLERS, KubernetesTerms
from assent.supervision.schedulers.review import (
    REVIEW_BYTES_MAX,
    Review,
    allowing,
    parse_review,
    refusing,
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
    "CONTROLLERS",
    "REVIEW_BYTES_MAX",
    "AdmittedJob",
    "ChipsUnnamed",
    "Claim",
    "ClaimMalformed",
    "Due",
    "KubernetesTerms",
    "Memory",
    "Review",
    "RunningJob",
    "SchedulerMalformed",
    "SchedulerUnknown",
    "SlurmTerms",
    "Workload",
    "account_of",
    "allowing",
    "attempt_name",
    "decide_due",
    "is_finished",
    "make_claim",
    "parse_claim",
    "parse_review",
    "parse_running",
    "refusing",
    "slurm_job",
    "slurm_prefix",
    "workload_of",
]
