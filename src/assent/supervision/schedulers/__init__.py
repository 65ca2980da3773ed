"""What schedulers say of jobs, in the gate's words.

facts of Slurm's, objects of Kubernetes' -> JobRequest
jobs of a cluster's + jobs of the gate's + now -> what to signal, what to settle
"""

from assent.supervision.schedulers.claim import Claim, make_claim, parse_claim
from assent.supervision.schedulers.due import (
    AdmittedJob,
    Due,
    Memory,
    RunningJob,
    decide_due,
)
from assent.supervision.schedulers.errors import (
    ChipsUnnamed,
    ClaimMalformed,
    SchedulerMalformed,
    SchedulerUnavailable,
    SchedulerUnknown,
)
from assent.supervision.schedulers.kubernetes import (
    COUNTED,
    PREFIX,
    Workload,
    account_of,
    is_finished,
    workload_of,
)
from assent.supervision.schedulers.kubernetes_watch import (
    POD,
    QUEUED,
    ClusterObject,
    object_of,
    roots_of,
    running_workloads,
    uid_of,
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
    parse_running,
    slurm_job,
    slurm_prefix,
)

__all__ = [
    "CONTROLLERS",
    "COUNTED",
    "POD",
    "PREFIX",
    "QUEUED",
    "REVIEW_BYTES_MAX",
    "AdmittedJob",
    "ChipsUnnamed",
    "Claim",
    "ClaimMalformed",
    "ClusterObject",
    "Due",
    "KubernetesTerms",
    "Memory",
    "Review",
    "RunningJob",
    "SchedulerMalformed",
    "SchedulerUnavailable",
    "SchedulerUnknown",
    "SlurmTerms",
    "Workload",
    "account_of",
    "allowing",
    "attempt_name",
    "decide_due",
    "is_finished",
    "make_claim",
    "object_of",
    "parse_claim",
    "parse_review",
    "parse_running",
    "refusing",
    "roots_of",
    "running_workloads",
    "slurm_job",
    "slurm_prefix",
    "uid_of",
    "workload_of",
]
