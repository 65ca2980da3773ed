"""The manifest by which an API server asks the webhook.

address + certificate of its authority -> YAML
"""

import base64
from typing import Any

import yaml

from assent.supervision.schedulers import SchedulerMalformed

_TIMEOUT_S = 10
_KINDS = (  # group, version, plural
    ("batch", "v1", "jobs"),
    ("jobset.x-k8s.io", "v1alpha2", "jobsets"),
    ("kubeflow.org", "v1", "pytorchjobs"),
    ("", "v1", "pods"),
)
_FINISHED = "object.status.phase in ['Succeeded', 'Failed']"


def manifest(url: str, authority: bytes) -> str:
    """Return the manifest.

    Args:
        url: of the webhook, as the API server reaches it.
        authority: the certificate of whoever signed the webhook's, in PEM.

    Raises:
        SchedulerMalformed: if the address is none of TLS, or this is no certificate.

    """
    if not url.startswith("https://"):
        raise SchedulerMalformed(
            f"{url!r:.120} is no address of a webhook.",
            remedy="Give one that begins with https://.",
        )
    if b"BEGIN CERTIFICATE" not in authority or b"PRIVATE KEY" in authority:
        raise SchedulerMalformed(
            "The authority's file holds no certificate, or a private key beside it.",
            remedy="Give the certificate alone, in PEM.",
        )
    client = {"url": url, "caBundle": base64.b64encode(authority).decode()}
    jobs = [
        _rule(group, version, plural, ["CREATE", "UPDATE"])
        for group, version, plural in _KINDS[:-1]
    ]
    pods = _rule(*_KINDS[-1], ["CREATE"])
    ends = [
        _rule(group, version, f"{plural}/status", ["UPDATE"])
        for group, version, plural in _KINDS[:-1]
    ]
    pod_ends = _rule("", "v1", "pods/status", ["UPDATE"])
    webhooks = [
        # Nothing with accelerators starts while the gate does not answer.
        _webhook("start.gate.assent", client, [*jobs, pods], "Fail"),
        # What is missed here is settled when its time limit is over.
        _webhook("end.gate.assent", client, ends, "Ignore"),
        _webhook("pod-end.gate.assent", client, [pod_ends], "Ignore")
        | {"matchConditions": [{"name": "finished", "expression": _FINISHED}]},
    ]
    document = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "assent-gate"},
        "webhooks": webhooks,
    }
    return yaml.safe_dump(document, sort_keys=False)


def _rule(group: str, version: str, plural: str, operations: list[str]) -> Any:  # noqa: ANN401 - YAML
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": [plural],
        "operations": operations,
        "scope": "Namespaced",
    }


def _webhook(name: str, client: Any, rules: list[Any], policy: str) -> dict[str, Any]:  # noqa: ANN401 - YAML
    return {
        "name": name,
        "clientConfig": client,
        "rules": rules,
        "failurePolicy": policy,
        "matchPolicy": "Equivalent",
        "sideEffects": "NoneOnDryRun",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": _TIMEOUT_S,
    }
