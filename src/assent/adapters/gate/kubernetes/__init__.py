"""A cluster of Kubernetes beside a gate: what runs there, and how it is told to stop.

kubeconfig, or a pod's own account -> KubernetesApi -> KubernetesCluster
"""

from assent.adapters.gate.kubernetes.access import access_from, access_within
from assent.adapters.gate.kubernetes.api import KubernetesApi, KubernetesUnavailable
from assent.adapters.gate.kubernetes.cluster import KILL_S, KubernetesCluster

__all__ = [
    "KILL_S",
    "KubernetesApi",
    "KubernetesCluster",
    "KubernetesUnavailable",
    "access_from",
    "access_within",
]
