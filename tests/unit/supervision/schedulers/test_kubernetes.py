"""What Kubernetes describes is counted in full, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.schedulers import (
    ChipsUnnamed,
    Claim,
    ClaimMalformed,
    KubernetesTerms,
    SchedulerMalformed,
    SchedulerUnknown,
    is_finished,
    parse_review,
    workload_of,
)
from assent.vocabulary import AssentError

PRODUCT = "NVIDIA-H100-80GB-HBM3"
TERMS = KubernetesTerms(
    products={PRODUCT: "H100 SXM"},
    accounts={"training": "labs"},
    resources={"rdma/hca": None, "amd.com/gpu": "MI300X"},
)
DAY_S = 86_400


def pod(count: object = 8, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    limits = {"nvidia.com/gpu": count, "cpu": "4", "rdma/hca": "1"}
    return {
        "nodeSelector": {"nvidia.com/gpu.product": PRODUCT},
        "containers": [{"name": "train", "resources": {"limits": limits}}],
        **changes,
    }


def job(template: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "metadata": {
            "uid": "u-1",
            "annotations": {"assent/permit": "permit-2026-0001"},
        },
        "spec": {
            "activeDeadlineSeconds": DAY_S,
            "template": {"spec": template or pod()},
            **spec,
        },
    }


def test_a_job_has_the_chips_of_all_pods_that_run_at_a_time() -> None:
    found = workload_of("Job", job(parallelism=4, completions=100), TERMS)
    assert found.chips == {"H100 SXM": 32}
    assert found.time_limit_s == DAY_S
    assert found.claim == Claim(permit_id="permit-2026-0001")
    assert not found.suspended


def test_a_job_set_is_charged_for_its_restarts() -> None:
    workers = {"replicas": 3, "template": {"spec": job(parallelism=2)["spec"]}}
    driver: dict[str, Any] = {
        "template": {"spec": {"template": {"spec": {"containers": []}}}}
    }
    spec = {
        "replicatedJobs": [workers, driver],
        "failurePolicy": {"maxRestarts": 2},
        "suspend": True,
    }
    found = workload_of("JobSet", {"spec": spec}, TERMS)
    assert found.chips == {"H100 SXM": 48}
    assert found.time_limit_s == 3 * DAY_S
    assert found.suspended


def test_a_pytorch_job_may_grow_to_its_elastic_maximum() -> None:
    spec = {
        "pytorchReplicaSpecs": {
            "Master": {"replicas": 1, "template": {"spec": pod()}},
            "Worker": {"replicas": 2, "template": {"spec": pod()}},
        },
        "runPolicy": {"activeDeadlineSeconds": 60},
    }
    assert workload_of("PyTorchJob", {"spec": spec}, TERMS).chips == {"H100 SXM": 24}
    spec["elasticPolicy"] = {"maxReplicas": 4}
    assert workload_of("PyTorchJob", {"spec": spec}, TERMS).chips == {"H100 SXM": 64}


def test_a_pod_counts_all_its_containers() -> None:
    spec = pod(activeDeadlineSeconds=60)
    spec["initContainers"] = spec["containers"]
    assert workload_of("Pod", {"spec": spec}, TERMS).chips == {"H100 SXM": 16}


def test_what_has_no_accelerators_needs_no_time_limit() -> None:
    found = workload_of("Pod", {"spec": {"containers": [{"name": "web"}]}}, TERMS)
    assert (found.chips, found.time_limit_s) == ({}, None)


@pytest.mark.parametrize(
    ("found", "error"),
    [
        (job(activeDeadlineSeconds=None), SchedulerMalformed),
        (job(activeDeadlineSeconds="60"), SchedulerMalformed),
        (job(activeDeadlineSeconds=-1), SchedulerMalformed),
        (job(parallelism=-1), SchedulerMalformed),
        (job(parallelism=True), SchedulerMalformed),
        (job(parallelism=10**9), SchedulerMalformed),
        (job(pod(nodeSelector={})), ChipsUnnamed),
        (job(pod(nodeSelector={"nvidia.com/gpu.product": "B300"})), ChipsUnnamed),
        (job(pod(nodeSelector={"nvidia.com/gpu.product": [1]})), ChipsUnnamed),
        (job(pod(resourceClaims=[{"name": "gpu"}])), ChipsUnnamed),
        (job(pod("8k")), SchedulerMalformed),
        (job(pod(1.5)), SchedulerMalformed),
        (job(pod(terminationGracePeriodSeconds=86_400)), SchedulerMalformed),
        (job(pod(containers={})), SchedulerMalformed),
        (job(pod(containers=["x"])), SchedulerMalformed),
        (
            {**job(), "metadata": {"annotations": {"assent/permit": 1}}},
            SchedulerMalformed,
        ),
        (
            {**job(), "metadata": {"annotations": {"assent/permit": "a b"}}},
            ClaimMalformed,
        ),
        (
            {**job(), "metadata": {"annotations": {"assent/flop-max": "x"}}},
            ClaimMalformed,
        ),
        (None, None),
        ([], SchedulerMalformed),
    ],
)
def test_refuses_what_it_cannot_count(
    found: object, error: type[AssentError] | None
) -> None:
    if error is None:
        assert not workload_of("Job", found, TERMS).chips
        return
    with pytest.raises(error) as refused:
        workload_of("Job", found, TERMS)
    assert refused.value.remedy


def test_refuses_an_accelerator_of_an_unknown_vendor_and_other_kinds() -> None:
    other = {"containers": [{"resources": {"limits": {"google.com/tpu": "4"}}}]}
    with pytest.raises(ChipsUnnamed):
        workload_of("Job", job(other), TERMS)
    requests = {"containers": [{"resources": {"requests": {"google.com/tpu": "4"}}}]}
    with pytest.raises(ChipsUnnamed):
        workload_of("Job", job(requests), TERMS)
    with pytest.raises(SchedulerUnknown):
        workload_of("Deployment", {"spec": {}}, TERMS)


@pytest.mark.parametrize(
    ("kind", "status", "over"),
    [
        ("Pod", {"phase": "Running"}, False),
        ("Pod", {"phase": "Failed"}, True),
        ("Job", {}, False),
        ("Job", {"conditions": [{"type": "Suspended", "status": "True"}]}, False),
        ("Job", {"conditions": [{"type": "Complete", "status": "False"}]}, False),
        ("Job", {"conditions": [{"type": "Complete", "status": "True"}]}, True),
        (
            "Job",
            {"active": 1, "conditions": [{"type": "Failed", "status": "True"}]},
            False,
        ),
    ],
)
def test_knows_what_is_over(kind: str, status: object, over: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_finished(kind, {"status": status}) is over


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        _nested(100_000),
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}',
        b'{"kind":"Pod","apiVersion":"admission.k8s.io/v1"}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":[]}',
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":'
            b'{"uid":"a b","operation":"CREATE"}}'
        ),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":'
            b'{"uid":"a","operation":"PATCH"}}'
        ),
        b" " * 7_000_001,
    ],
)
def test_refuses_what_is_no_review(data: bytes) -> None:
    with pytest.raises(SchedulerMalformed) as refused:
        parse_review(data)
    assert refused.value.remedy


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "spec",
                    "template",
                    "containers",
                    "resources",
                    "limits",
                    "nvidia.com/gpu",
                    "parallelism",
                    "metadata",
                    "annotations",
                    "replicatedJobs",
                    "pytorchReplicaSpecs",
                    "nodeSelector",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["Job", "JobSet", "PyTorchJob", "Pod"]), _JSON)
def test_any_object_is_counted_or_refused(kind: str, found: object) -> None:
    try:
        workload_of(kind, found, TERMS)
    except AssentError as error:
        assert error.remedy
