"""Which of a cluster's workloads run, by what its API server says of its objects.

objects of Kubernetes' + the jobs that the gate has open -> RunningJob

A pod belongs to what its controller was admitted as: a Job, or the JobSet above it.
What was admitted in its own name stays its own, whatever owner it claims to have: users
may write owners into what they create.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assent.supervision.admission import AdmissionRefused, JobMalformed
from assent.supervision.schedulers.due import RunningJob
from assent.supervision.schedulers.errors import SchedulerMalformed
from assent.supervision.schedulers.kubernetes import COUNTED, PREFIX, is_finished
from assent.supervision.schedulers.pods import (
    KubernetesTerms,
    chips_of_pod,
    mapping,
    sequence,
)

POD, QUEUED = "Pod", "Workload"  # the latter is Kueue's
_JOB_OF_POD = "batch.kubernetes.io/controller-uid"  # stays when a Job leaves its pods
_OWNERS_MAX = 10  # pod, Job, JobSet, and whatever may come to stand above
_OVER = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterObject:
    """An object, as far as it matters here.

    Attributes:
        uid: its own, for ever.
        kind: Job, JobSet, PyTorchJob, Pod, or Kueue's Workload.
        namespace: where it is.
        name: there.
        owner: uid of the controller that made it; None if nobody did.
        runs: whether something of it runs, or will without anybody's doing.
        has_chips: whether it is a pod with accelerators.

    """

    uid: str
    kind: str
    namespace: str
    name: str
    owner: str | None
    runs: bool
    has_chips: bool = False


def object_of(kind: str, found: object, terms: KubernetesTerms) -> ClusterObject:
    """Return what matters of an object that an API server showed.

    Raises:
        SchedulerMalformed: if it is none.

    """
    thing = mapping(found, kind)
    metadata = mapping(thing.get("metadata"), "metadata")
    spec = mapping(thing.get("spec"), "spec")
    return ClusterObject(
        uid=_text(metadata, "uid"),
        kind=kind,
        namespace=_text(metadata, "namespace"),
        name=_text(metadata, "name"),
        owner=_owner(metadata),
        runs=_runs(kind, thing, spec),
        has_chips=kind == POD and _has_chips(spec, terms),
    )


def roots_of(
    objects: Iterable[ClusterObject],
    owners: Mapping[str, str],
    admitted: Collection[str],
) -> dict[str, str]:
    """Return, by the uid of each object, the uid of what it was admitted as.

    Args:
        objects: all that there are.
        owners: by uid, who owns what, those that are deleted by now among them.
        admitted: names of the jobs that the gate has open.

    """
    own = {uid_of(name) for name in admitted}
    roots = {}
    for one in objects:
        root = one.uid
        for _ in range(_OWNERS_MAX):
            if root in own or (above := owners.get(root)) is None:
                break
            root = above
        roots[one.uid] = root
    return roots


def running_workloads(
    objects: Collection[ClusterObject],
    roots: Mapping[str, str],
    admitted: Collection[str],
) -> list[RunningJob]:
    """Return what runs, by the names of the jobs that the gate has open.

    What was admitted runs as long as one of its pods does, or its controllers may make
    one. What was not admitted counts if a pod of it has accelerators.

    Args:
        objects: all that there are.
        roots: what each was admitted as; see `roots_of`.
        admitted: names of the jobs that the gate has open.

    """
    names = {uid_of(name): name for name in admitted}
    found = {}
    for one in objects:
        root = roots[one.uid]
        if not one.runs or one.kind == QUEUED:
            continue
        if root in names or one.has_chips:
            name = names.get(root, f"{PREFIX}{root}/?")
            found[name] = RunningJob(name=name, target=root, state="RUNNING")
    return list(found.values())


def uid_of(name: str) -> str:
    """Return the uid in the name of a job of Kubernetes'."""
    return name.removeprefix(PREFIX).partition("/")[0]


def _owner(metadata: Mapping[str, Any]) -> str | None:
    for owner in sequence(metadata.get("ownerReferences"), "ownerReferences"):
        said = mapping(owner, "ownerReferences")
        if said.get("controller") is True and said.get("kind") in COUNTED:
            return _text(said, "uid")
    label = mapping(metadata.get("labels"), "labels").get(_JOB_OF_POD)
    return label if isinstance(label, str) and label else None


def _runs(kind: str, thing: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
    if kind == POD:
        return mapping(thing.get("status"), "status").get("phase") not in _OVER
    if kind == QUEUED:
        return spec.get("active") is not False
    policy = mapping(spec.get("runPolicy"), "runPolicy") if kind not in _PLAIN else spec
    return policy.get("suspend") is not True and not is_finished(kind, thing)


_PLAIN = frozenset({"Job", "JobSet"})  # that are suspended by their own `suspend`


def _has_chips(spec: Mapping[str, Any], terms: KubernetesTerms) -> bool:
    try:
        return bool(chips_of_pod(spec, terms))
    except (AdmissionRefused, JobMalformed):
        return True  # accelerators, and the gate does not even know which


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise SchedulerMalformed(
            f"An object has no {name}.", remedy="See the Kubernetes API reference."
        )
    return value
