"""A job as Kubernetes describes it: Job, JobSet, PyTorchJob, or a bare Pod.

object + namespace + KubernetesTerms -> Workload

A workload is charged for all pods that it may have at a time, for as long as it may
take, restarts included. It has to say how long that is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.supervision.schedulers.claim import Claim, make_claim
from assent.supervision.schedulers.errors import SchedulerMalformed, SchedulerUnknown
from assent.supervision.schedulers.pods import (
    KubernetesTerms,
    chips_of_pod,
    mapping,
    sequence,
)

COUNTED = frozenset({"Job", "JobSet", "PyTorchJob"})  # of which controllers make pods
PREFIX = "k8s/"  # of the names of a cluster's jobs: PREFIX, the object's uid, a version
PERMIT, FLOP_MAX = "assent/permit", "assent/flop-max"
PODS_MAX = 1_000_000
RESTARTS_MAX = 10_000
_DEADLINE = "activeDeadlineSeconds"
_DEADLINE_S_MAX = 10**9  # what a job may have is less, and the gate says so
Chips = dict[str, int]
_Parts = tuple[Chips, int | None, bool]  # chips, time limit, whether it is suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What the gate has to know of a workload.

    Attributes:
        chips: by accelerator, of all pods at a time.
        time_limit_s: after which Kubernetes has ended it; None if it has no chips.
        claim: the permit that it names.
        suspended: whether its pods wait for somebody to resume it.

    """

    chips: Mapping[str, int]
    time_limit_s: int | None
    claim: Claim
    suspended: bool


def workload_of(kind: str, found: object, terms: KubernetesTerms) -> Workload:
    """Return what an object comes to.

    Args:
        kind: Job, JobSet, PyTorchJob or Pod.
        found: the object.
        terms: how the site's Kubernetes calls things.

    Raises:
        SchedulerMalformed, ClaimMalformed: if it cannot be read.
        ChipsUnnamed: if it is not known which accelerators it gets.
        SchedulerUnknown: if it is of another kind.

    """
    thing = mapping(found, kind)
    spec = mapping(thing.get("spec"), "spec")
    if kind not in _KINDS:
        raise SchedulerUnknown(
            f"The gate does not count a {kind!r:.40}.",
            remedy=f"Use one of {', '.join(_KINDS)}.",
        )
    chips, limit, suspended = _KINDS[kind](spec, terms)
    metadata = mapping(thing.get("metadata"), "metadata")
    notes = mapping(metadata.get("annotations"), "annotations")
    claim = make_claim(_text(notes, PERMIT), _text(notes, FLOP_MAX))
    if chips and limit is None:
        raise SchedulerMalformed(
            f"The {kind} has no time limit.",
            remedy=f"Give it {_DEADLINE}: a job without an end could do anything.",
        )
    return Workload(
        chips=chips,
        time_limit_s=limit if chips else None,
        claim=claim,
        suspended=suspended,
    )


def account_of(namespace: str, terms: KubernetesTerms) -> str:
    """Return the account of a namespace.

    Raises:
        SchedulerUnknown: if the settings name none.

    """
    account = terms.accounts.get(namespace)
    if account is None:
        raise SchedulerUnknown(
            f"The gate does not know whose the namespace {namespace!r:.80} is.",
            remedy="The site's operator says so in gate.yaml (kubernetes.accounts).",
        )
    return account


def is_finished(kind: str, found: object) -> bool:
    """Return whether an object's status says that nothing of it runs any more."""
    status = mapping(mapping(found, kind).get("status"), "status")
    if kind == "Pod":
        return status.get("phase") in {"Succeeded", "Failed"}
    ends = {"Complete", "Completed", "Succeeded", "Failed"}
    said = [
        mapping(one, "condition") for one in sequence(status.get("conditions"), "c")
    ]
    over = any(one.get("type") in ends and one.get("status") == "True" for one in said)
    return over and not status.get("active")


def _of_pod(spec: Mapping[str, Any], terms: KubernetesTerms) -> _Parts:
    limit = _whole(spec, _DEADLINE, None, _DEADLINE_S_MAX)
    return chips_of_pod(spec, terms), limit, False


def _of_job(spec: Mapping[str, Any], terms: KubernetesTerms) -> _Parts:
    pods = _whole(spec, "parallelism", 1, PODS_MAX) or 0
    chips = _times(_of_template(spec, terms), pods)
    limit = _whole(spec, _DEADLINE, None, _DEADLINE_S_MAX)
    return chips, limit, spec.get("suspend") is True


def _of_job_set(spec: Mapping[str, Any], terms: KubernetesTerms) -> _Parts:
    chips: Chips = {}
    limits: list[int | None] = []
    for part in sequence(spec.get("replicatedJobs"), "replicatedJobs"):
        job = mapping(mapping(part, "replicatedJobs").get("template"), "template")
        one, limit, _ = _of_job(mapping(job.get("spec"), "spec"), terms)
        replicas = _whole(mapping(part, "replicatedJobs"), "replicas", 1, PODS_MAX)
        more = _times(one, replicas or 0)
        _add(chips, more)
        if more:
            limits.append(limit)
    policy = mapping(spec.get("failurePolicy"), "failurePolicy")
    restarts = _whole(policy, "maxRestarts", 0, RESTARTS_MAX) or 0
    known = [limit for limit in limits if limit is not None]
    longest = max(known) if known and len(known) == len(limits) else None
    limit = None if longest is None else longest * (1 + restarts)
    return chips, limit, spec.get("suspend") is True


def _of_pytorch_job(spec: Mapping[str, Any], terms: KubernetesTerms) -> _Parts:
    elastic = mapping(spec.get("elasticPolicy"), "elasticPolicy")
    most = _whole(elastic, "maxReplicas", 0, PODS_MAX) or 0
    chips: Chips = {}
    replicas = mapping(spec.get("pytorchReplicaSpecs"), "pytorchReplicaSpecs")
    for role, part in replicas.items():
        count = _whole(mapping(part, role), "replicas", 1, PODS_MAX) or 0
        _add(chips, _times(_of_template(part, terms), max(count, most)))
    policy = mapping(spec.get("runPolicy"), "runPolicy")
    limit = _whole(policy, _DEADLINE, None, _DEADLINE_S_MAX)
    return chips, limit, policy.get("suspend") is True


def _of_template(spec: Mapping[str, Any], terms: KubernetesTerms) -> Chips:
    template = mapping(spec.get("template"), "template")
    return chips_of_pod(mapping(template.get("spec"), "spec"), terms)


def _times(chips: Chips, count: int) -> Chips:
    return {kind: number * count for kind, number in chips.items() if count}


def _add(chips: Chips, more: Chips) -> None:
    for kind, number in more.items():
        chips[kind] = chips.get(kind, 0) + number


def _whole(
    found: Mapping[str, Any], name: str, default: int | None, most: int
) -> int | None:
    value = found.get(name, default)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise SchedulerMalformed(
            f"{name} is {value!r:.40}.", remedy=f"Write a whole number up to {most:,}."
        )
    return value


def _text(notes: Mapping[str, Any], name: str) -> str | None:
    value = notes.get(name)
    if value is not None and not isinstance(value, str):
        raise SchedulerMalformed(
            f"The annotation {name} is no text.", remedy="Put it in quotation marks."
        )
    return value


_KINDS = {
    "Job": _of_job,
    "JobSet": _of_job_set,
    "PyTorchJob": _of_pytorch_job,
    "Pod": _of_pod,
}
