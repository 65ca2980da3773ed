"""What Kubernetes' API reference says of AdmissionReview, and an API server's part.

The schemas follow the reference of admission.k8s.io/v1 (AdmissionRequest and
AdmissionResponse) and of meta/v1 (Status), with everything in it that v1 requires.
"""

from typing import Any

TEXT = {"type": "string"}
_KIND = {
    "type": "object",
    "required": ["group", "version", "kind"],
    "properties": {"group": TEXT, "version": TEXT, "kind": {**TEXT, "minLength": 1}},
    "additionalProperties": False,
}
_RESOURCE = {
    "type": "object",
    "required": ["group", "version", "resource"],
    "properties": {"group": TEXT, "version": TEXT, "resource": TEXT},
    "additionalProperties": False,
}
_OBJECT = {"type": ["object", "null"]}
_USER = {
    "type": "object",
    "properties": {
        "username": TEXT,
        "uid": TEXT,
        "groups": {"type": "array", "items": TEXT},
        "extra": {"type": "object"},
    },
    "additionalProperties": False,
}
REQUEST_SCHEMA = {
    "type": "object",
    "required": ["apiVersion", "kind", "request"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "admission.k8s.io/v1"},
        "kind": {"const": "AdmissionReview"},
        "request": {
            "type": "object",
            "required": ["uid", "kind", "resource", "operation", "userInfo"],
            "additionalProperties": False,
            "properties": {
                "uid": {**TEXT, "minLength": 1},
                "kind": _KIND,
                "resource": _RESOURCE,
                "subResource": TEXT,
                "requestKind": _KIND,
                "requestResource": _RESOURCE,
                "requestSubResource": TEXT,
                "name": TEXT,
                "namespace": TEXT,
                "operation": {"enum": ["CREATE", "UPDATE", "DELETE", "CONNECT"]},
                "userInfo": _USER,
                "object": _OBJECT,
                "oldObject": _OBJECT,
                "dryRun": {"type": "boolean"},
                "options": _OBJECT,
            },
        },
    },
}
_STATUS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "v1"},
        "kind": {"const": "Status"},
        "metadata": {"type": "object"},
        "status": {"enum": ["Success", "Failure"]},
        "message": TEXT,
        "reason": TEXT,
        "details": {"type": "object"},
        "code": {"type": "integer", "minimum": 100, "maximum": 599},
    },
}
RESPONSE_SCHEMA = {
    "type": "object",
    "required": ["apiVersion", "kind", "response"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "admission.k8s.io/v1"},
        "kind": {"const": "AdmissionReview"},
        "response": {
            "type": "object",
            "required": ["uid", "allowed"],
            "additionalProperties": False,
            "properties": {
                "uid": {**TEXT, "minLength": 1},
                "allowed": {"type": "boolean"},
                "status": _STATUS,
                "patch": TEXT,
                "patchType": {"const": "JSONPatch"},
                "auditAnnotations": {"type": "object", "additionalProperties": TEXT},
                "warnings": {"type": "array", "items": TEXT},
            },
        },
    },
}
_GROUPS = {
    "Job": ("batch", "v1", "jobs"),
    "Pod": ("", "v1", "pods"),
    "JobSet": ("jobset.x-k8s.io", "v1alpha2", "jobsets"),
    "PyTorchJob": ("kubeflow.org", "v1", "pytorchjobs"),
}


def review(  # noqa: PLR0913 - the parts of a question, each by its name
    found: dict[str, Any] | None,
    *,
    kind: str = "Job",
    operation: str = "CREATE",
    old: dict[str, Any] | None = None,
    user: str = "ada",
    groups: tuple[str, ...] = ("system:authenticated",),
    subresource: str | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Return what an API server asks of an object in the namespace `training`."""
    group, version, plural = _GROUPS[kind]
    named = {"group": group, "version": version}
    request: dict[str, Any] = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {**named, "kind": kind},
        "resource": {**named, "resource": plural},
        "requestKind": {**named, "kind": kind},
        "requestResource": {**named, "resource": plural},
        "name": "train",
        "namespace": "training",
        "operation": operation,
        "userInfo": {"username": user, "uid": "1", "groups": list(groups)},
        "object": found,
        "oldObject": old,
        "dryRun": dry_run,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }
    if subresource is not None:
        request["subResource"] = subresource
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": request,
    }


# -- what clients send: batch/v1, JobSet, PyTorchJob, Kueue, meta/v1 ------------------

DELETE_OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind"],
    "properties": {
        "apiVersion": {"const": "v1"},
        "kind": {"const": "DeleteOptions"},
        "gracePeriodSeconds": {"type": "integer", "minimum": 0},
        "orphanDependents": {"type": "boolean"},
        "preconditions": {"type": "object"},
        "propagationPolicy": {"enum": ["Orphan", "Background", "Foreground"]},
        "dryRun": {"type": "array", "items": {"const": "All"}},
    },
}


def _change(**spec: object) -> dict[str, Any]:
    annotations = {"type": "object", "additionalProperties": TEXT}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "metadata": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"annotations": annotations},
            },
            "spec": {
                "type": "object",
                "additionalProperties": False,
                "properties": spec,
            },
        },
    }


_FLAG = {"type": "boolean"}
CHANGES = {
    "jobs": _change(suspend=_FLAG),
    "jobsets": _change(suspend=_FLAG),
    "pytorchjobs": _change(
        runPolicy={
            "type": "object",
            "additionalProperties": False,
            "properties": {"suspend": _FLAG},
        }
    ),
    "workloads": _change(active=_FLAG),
}
