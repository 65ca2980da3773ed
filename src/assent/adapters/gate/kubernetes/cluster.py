"""A cluster of Kubernetes: which workloads run, and how they are told to stop.

KubernetesApi -> RunningJob;  a job that has to stop -> suspended, deactivated, deleted

A Job, JobSet or PyTorchJob that has to stop is suspended: its controller tells its
pods, and makes no others until somebody resumes it, which the gate is asked about. What
Kueue manages is deactivated, or Kueue would resume it. A bare pod is deleted with the
grace that the gate gives. What is left when that is over is killed within a second.
"""

from collections.abc import Collection, Mapping
from functools import partial

from assent.adapters.gate.kubernetes.api import KindUnknown, KubernetesApi
from assent.adapters.gate.kubernetes.informer import Informer
from assent.supervision.schedulers import (
    POD,
    QUEUED,
    AdmittedJob,
    ClusterObject,
    KubernetesTerms,
    RunningJob,
    object_of,
    roots_of,
    running_workloads,
)

STOP_NOTE = "assent/stop"  # the annotation that says why
_NOTE_CHARS_MAX = 1_000
KILL_S = 1  # not 0: the server would forget pods whose processes still run
YOUNG_S = 60  # other webhooks may take long, after ours, until an object is there
_KINDS = {  # kind: group and plural
    "Job": ("batch", "jobs"),
    "JobSet": ("jobset.x-k8s.io", "jobsets"),
    "PyTorchJob": ("kubeflow.org", "pytorchjobs"),
    QUEUED: ("kueue.x-k8s.io", "workloads"),
    POD: ("", "pods"),
}
_SUSPENDED = {
    "Job": {"suspend": True},
    "JobSet": {"suspend": True},
    "PyTorchJob": {"runPolicy": {"suspend": True}},
    QUEUED: {"active": False},
}


class KubernetesCluster:
    """A cluster, followed from `start` on."""

    young_s = YOUNG_S

    def __init__(self, api: KubernetesApi, terms: KubernetesTerms) -> None:
        """Prepare to follow it."""
        self._api = api
        self._informers = {
            kind: Informer(api, group, plural, partial(object_of, kind, terms=terms))
            for kind, (group, plural) in _KINDS.items()
        }
        self._owners: dict[str, str] = {}
        self.seen: Mapping[str, ClusterObject] = {}
        self._roots: Mapping[str, str] = {}

    def start(self) -> None:
        """Follow all kinds."""
        for informer in self._informers.values():
            informer.start()

    def close(self) -> None:
        """Follow no longer."""
        for informer in self._informers.values():
            informer.stop()
        self._api.close()

    def look(self) -> None:
        """Take note of what there is.

        Raises:
            KubernetesUnavailable: if that is not known.

        """
        self._note([i.objects() for i in self._informers.values()])

    def running(self, admitted: Collection[str]) -> list[RunningJob]:
        """Return what ran when the cluster was looked at.

        Args:
            admitted: the names of the jobs that the gate has open.

        """
        seen = self.seen.values()
        self._roots = roots_of(seen, self._owners, admitted)
        return running_workloads(seen, self._roots, admitted)

    def gone(self, names: Collection[str]) -> list[str]:
        """Return those of some jobs that do not run, by what the server says now.

        Raises:
            KubernetesUnavailable: if it does not say.

        """
        if not names:
            return []
        self._note([i.list() for i in self._informers.values()])
        there = {job.name for job in self.running(names)}
        return sorted(set(names) - there)

    def tell(self, job: RunningJob, admitted: AdmittedJob) -> None:
        """Have a workload stopped in good order.

        Raises:
            KubernetesUnavailable: if the server does not do it.

        """
        parts = self._parts(job)
        has_controller = self._suspend(parts, admitted.words)
        for pod in parts[POD] if not has_controller else ():
            self._delete(pod, max(admitted.grace_s, KILL_S))

    def cancel(self, job: RunningJob, words: str) -> None:
        """Have what is left of a workload killed.

        Raises:
            KubernetesUnavailable: if the server does not do it.

        """
        parts = self._parts(job)
        self._suspend(parts, words)
        for pod in parts[POD]:
            self._delete(pod, KILL_S)

    def _note(self, found: list[Mapping[str, ClusterObject]]) -> None:
        self.seen = {uid: one for kind in found for uid, one in kind.items()}
        # What a deleted Job belonged to is remembered while pods of it are there.
        named = {one.owner for one in self.seen.values()}
        kept = {uid: up for uid, up in self._owners.items() if uid in named}
        new = {uid: one.owner for uid, one in self.seen.items() if one.owner}
        self._owners = {**kept, **new}

    def _parts(self, job: RunningJob) -> dict[str, list[ClusterObject]]:
        parts: dict[str, list[ClusterObject]] = {kind: [] for kind in _KINDS}
        for uid, one in self.seen.items():
            if self._roots.get(uid) == job.target and one.runs:
                parts[one.kind].append(one)
        return parts

    def _suspend(self, parts: Mapping[str, list[ClusterObject]], words: str) -> bool:
        """Suspend what the cluster's users made, not what controllers made of it."""
        tops = [
            one
            for kind in _SUSPENDED
            for one in parts[kind]
            if kind == QUEUED or self._roots[one.uid] == one.uid
        ]
        for one in tops:
            change = {
                "metadata": {"annotations": {STOP_NOTE: words[:_NOTE_CHARS_MAX]}},
                "spec": _SUSPENDED[one.kind],
            }
            try:
                self._api.patch(self._informers[one.kind].path(one), change)
            except KindUnknown:
                continue  # it was deleted meanwhile
        return bool(tops)

    def _delete(self, pod: ClusterObject, grace_s: int) -> None:
        try:
            self._api.delete(self._informers[POD].path(pod), grace_s)
        except KindUnknown:
            return  # it is gone
