"""What runs in a cluster stops when the gate says so, and is settled when gone."""

import copy
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.certificates import Authority, make_authority
from tests.kubernetes_api import review
from tests.kubernetes_server import BEARER, ApiServer, Refused, api_server
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate, wait_for
from tests.unit.supervision.schedulers.test_kubernetes import TERMS, job, pod

from assent.adapters.gate.kubernetes import (
    KILL_S,
    KubernetesApi,
    KubernetesCluster,
    KubernetesUnavailable,
    access_from,
    access_within,
)
from assent.apps.gate import ClusterMonitor, GateClient, MonitoredGate
from assent.apps.gate.webhook import decide
from assent.supervision.admission import Hold
from assent.supervision.ledger import JobState
from assent.supervision.schedulers import PREFIX, parse_review
from assent.testing.trust import NOW
from assent.vocabulary import InputError
from assent.wiring.gate import leases_at_hand

ROLE = Path(__file__).parents[2] / "examples" / "kubernetes" / "watch.yaml"
HOUR_S = 3_600
GRACE_S = 3
pytestmark = pytest.mark.enable_socket


def a_job(**labels: str) -> dict[str, Any]:
    found = job(pod(2), activeDeadlineSeconds=HOUR_S, parallelism=2)
    found["metadata"].pop("uid")
    found["spec"]["template"]["metadata"] = {"labels": labels}
    return found


@dataclass
class Stage:
    """A cluster behind TLS, its gate, and a monitor that looks when it is asked to."""

    api: ApiServer
    url: str
    gate: SmallGate
    cluster: KubernetesCluster
    monitor: ClusterMonitor

    def look(self, times: int = 1) -> None:
        """Look, once all that happened is known."""
        for _ in range(times):
            wait_for(self._knows_all)
            self.monitor.look(self.gate.clock())

    def look_until_settled(self) -> None:
        """Look until the gate has no open job."""

        def is_so() -> bool:
            self.look()
            return not self.gate.jobs(JobState.RUNNING, JobState.STOPPING)

        wait_for(is_so)

    def stopped(self, plural: str, uid: str) -> Any:  # noqa: ANN401 - JSON
        """Return the annotation that says why something was stopped."""
        notes = self.api.get(plural, uid)["metadata"].get("annotations", {})
        return notes.get("assent/stop")

    def _knows_all(self) -> bool:
        self.cluster.look()
        there = {uid for (_, uid) in self.api.objects}
        return set(self.cluster.seen) == there


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def stage(tmp_path: Path, authority: Authority) -> Iterator[Stage]:
    with small_gate(tmp_path, grace_s=GRACE_S) as gate:
        api = ApiServer(admit=lambda new, old: _ask(gate, new, old))
        with api_server(authority, ROLE, api) as (_, url):
            access = access_from(kubeconfig(tmp_path, url, authority))
            with closing(KubernetesCluster(KubernetesApi(access), TERMS)) as cluster:
                cluster.young_s = 0
                cluster.start()
                wait_for(lambda: _is_ready(cluster))
                monitored = MonitoredGate(
                    socket=gate.socket,
                    prefix=PREFIX,
                    kill_wait_s=KILL_S,
                    job_end=leases_at_hand(tmp_path).job_end,
                )
                monitor = ClusterMonitor(cluster, monitored)
                yield Stage(api, url, gate, cluster, monitor)


def kubeconfig(folder: Path, url: str, authority: Authority, **user: str) -> Path:
    (folder / "ca.crt").write_bytes(authority.pem)
    (folder / "bearer").write_text(f"{BEARER}\n")
    found = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "gate",
        "contexts": [{"name": "gate", "context": {"cluster": "toy", "user": "gate"}}],
        "clusters": [
            {
                "name": "toy",
                "cluster": {"server": url, "certificate-authority": "ca.crt"},
            }
        ],
        "users": [{"name": "gate", "user": user or {"tokenFile": "bearer"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(found))
    return path


def _is_ready(cluster: KubernetesCluster) -> bool:
    try:
        cluster.look()
    except KubernetesUnavailable:
        return False
    return True


def _ask(gate: SmallGate, new: dict[str, Any], old: dict[str, Any] | None) -> None:
    """Ask the gate's webhook, as an API server does."""

    def ask(verb: str, question: Any) -> Any:  # noqa: ANN401 - JSON
        with GateClient(gate.socket) as client:
            return client.ask(verb, **question)

    kind = "Job" if "template" in new["spec"] else "Pod"
    operation = "CREATE" if old is None else "UPDATE"
    if kind == "Pod" and old is not None:
        return
    if "containers" not in new["spec"] and kind == "Pod":
        return  # JobSet, PyTorchJob, Workload: made by hand in these tests
    asked = review(new, kind=kind, operation=operation, old=old)
    said = json.loads(decide(parse_review(json.dumps(asked).encode()), TERMS, ask))
    if not said["response"]["allowed"]:
        raise Refused(403, said["response"]["status"]["message"])


def pause(stage: Stage) -> None:
    stage.gate.orders.append(Hold(order="1", words="Everybody pauses."))
    with GateClient(stage.gate.socket) as client:
        wait_for(lambda: _is_stopping(client))


def _is_stopping(client: GateClient) -> bool:
    return all(one["stop"] for one in client.ask("jobs", prefix=PREFIX)["jobs"])


def test_a_job_that_may_run_is_left_alone(stage: Stage) -> None:
    uid = stage.api.create("jobs", a_job())
    stage.look(3)
    assert len(stage.api.all("pods")) == 2
    assert stage.stopped("jobs", uid) is None
    assert len(stage.gate.jobs(JobState.RUNNING)) == 1


def test_a_paused_job_is_suspended_and_settled_when_its_pods_are_gone(
    stage: Stage,
) -> None:
    uid = stage.api.create("jobs", a_job())
    stage.gate.clock.turn(60)
    pause(stage)
    stage.look()

    assert stage.api.get("jobs", uid)["spec"]["suspend"] is True
    assert "Everybody pauses." in stage.stopped("jobs", uid)
    wait_for(lambda: not stage.api.all("pods"))
    stage.look_until_settled()
    balance = stage.gate.balance()
    assert balance.flop_reserved == 0
    assert 60 * 4 * RATE <= balance.flop_spent <= 120 * 4 * RATE


def test_a_suspended_job_resumes_once_the_pause_is_over_and_not_before(
    stage: Stage,
) -> None:
    uid = stage.api.create("jobs", a_job())
    pause(stage)
    stage.look()
    wait_for(lambda: not stage.api.all("pods"))
    stage.look_until_settled()

    with pytest.raises(Refused, match="Everybody pauses"):
        stage.api.change("jobs", uid, {"spec": {"suspend": False}})
    stage.gate.orders.clear()
    stage.api.change("jobs", uid, {"spec": {"suspend": False}})
    stage.look(3)
    assert len(stage.api.all("pods")) == 2
    assert len(stage.gate.jobs(JobState.RUNNING)) == 1


def test_deaf_pods_are_killed_when_their_grace_is_over(stage: Stage) -> None:
    stage.api.create("jobs", a_job(deaf="yes"))
    pause(stage)
    stage.look()
    assert len(stage.api.all("pods")) == 2
    stage.look()
    assert ("delete", "pods") not in stage.api.seen

    stage.gate.clock.turn(GRACE_S)
    stage.look()
    assert ("delete", "pods") in stage.api.seen
    graces = [one["metadata"] for one in stage.api.all("pods")]
    assert all(one["deletionGracePeriodSeconds"] == KILL_S for one in graces)
    wait_for(lambda: not stage.api.all("pods"))
    stage.look_until_settled()


def test_a_job_whose_lease_lapses_stops(stage: Stage) -> None:
    found = a_job()
    found["spec"]["activeDeadlineSeconds"] = 30 * 24 * HOUR_S
    found["spec"]["parallelism"] = 1
    found["metadata"]["annotations"]["assent/flop-max"] = str(10 * HOUR_S * RATE)
    uid = stage.api.create("jobs", found)
    (admitted,) = stage.gate.jobs()
    assert admitted.admission.lease_expires is not None
    left = admitted.admission.lease_expires - stage.gate.clock()
    stage.gate.clock.turn(left.total_seconds())
    with GateClient(stage.gate.socket) as client:
        wait_for(lambda: _is_stopping(client))
    stage.look()
    assert stage.api.get("jobs", uid)["spec"]["suspend"] is True
    stage.look_until_settled()


def test_a_bare_pod_is_deleted_with_the_gates_grace(stage: Stage) -> None:
    found = {
        "metadata": {
            "annotations": {"assent/permit": PERMIT.permit_id},
            "labels": {"deaf": "yes"},
        },
        "spec": pod(4, activeDeadlineSeconds=HOUR_S),
        "status": {"phase": "Running"},
    }
    uid = stage.api.create("pods", found)
    pause(stage)
    stage.look()
    metadata = stage.api.get("pods", uid)["metadata"]
    assert metadata["deletionGracePeriodSeconds"] == GRACE_S - KILL_S
    stage.gate.clock.turn(GRACE_S)
    stage.look()
    wait_for(lambda: not stage.api.all("pods"))
    stage.look_until_settled()


@pytest.mark.parametrize(
    ("plural", "kind", "suspended"),
    [
        ("jobsets", "JobSet", {"suspend": True}),
        ("pytorchjobs", "PyTorchJob", {"runPolicy": {"suspend": True}}),
    ],
)
def test_what_stands_above_a_job_is_suspended(
    stage: Stage, plural: str, kind: str, suspended: dict[str, Any]
) -> None:
    uid = stage.api.create(plural, {"spec": {}}, by_user=False)
    _admit(stage, uid)
    owner = {"kind": kind, "name": "x", "uid": uid, "controller": True}
    child = a_job()
    child["metadata"]["ownerReferences"] = [owner]
    made = stage.api.create("jobs", child, by_user=False)
    stage.look(2)
    assert stage.stopped(plural, uid) is None

    pause(stage)
    stage.look()
    assert stage.api.get(plural, uid)["spec"] == suspended
    assert stage.stopped("jobs", made) is None
    stage.api.change("jobs", made, {"spec": {"suspend": True}})  # as controllers do
    stage.look_until_settled()


def test_what_kueue_queued_is_deactivated(stage: Stage) -> None:
    uid = stage.api.create("jobs", a_job())
    owner = {"kind": "Job", "name": "x", "uid": uid, "controller": True}
    queued = {"metadata": {"ownerReferences": [owner]}, "spec": {"active": True}}
    workload = stage.api.create("workloads", queued, by_user=False)
    pause(stage)
    stage.look()
    assert stage.api.get("workloads", workload)["spec"]["active"] is False
    assert stage.api.get("jobs", uid)["spec"]["suspend"] is True


def test_a_deleted_job_is_settled_when_its_pods_are_gone_and_not_before(
    stage: Stage,
) -> None:
    uid = stage.api.create("jobs", a_job())
    stage.look()
    stage.api.remove("jobs", uid)
    stage.look(3)
    assert len(stage.gate.jobs(JobState.RUNNING)) == 1
    for one in stage.api.all("pods"):
        stage.api.stop_pod(one["metadata"]["uid"], 1)
    wait_for(lambda: not stage.api.all("pods"))
    stage.look_until_settled()
    assert stage.gate.balance().flop_reserved == 0


def test_pods_that_nobody_admitted_are_killed_when_they_are_seen_twice(
    stage: Stage,
) -> None:
    odd = {"spec": pod(4), "status": {"phase": "Running"}}
    without = {"spec": {"containers": []}, "status": {"phase": "Running"}}
    stage.api.create("pods", odd, by_user=False)
    kept = stage.api.create("pods", without, by_user=False)
    stage.look()
    assert len(stage.api.all("pods")) == 2
    stage.look()
    wait_for(lambda: len(stage.api.all("pods")) == 1)
    assert stage.api.get("pods", kept)


def test_a_pod_cannot_hide_behind_an_owner_that_it_names_itself(stage: Stage) -> None:
    uid = stage.api.create("jobs", a_job())
    owner = {"kind": "Job", "name": "x", "uid": uid, "controller": True}
    forged = {
        "metadata": {"ownerReferences": [owner]},
        "spec": pod(4),
        "status": {"phase": "Running"},
    }
    made = stage.api.create("pods", forged, by_user=False)
    _admit(stage, made)
    stage.look(3)
    assert len(stage.gate.jobs(JobState.RUNNING)) == 2


def test_an_admitted_job_that_never_came_about_is_settled(stage: Stage) -> None:
    _admit(stage, "u-never")
    stage.look_until_settled()


def test_a_young_job_need_not_be_there_yet(stage: Stage) -> None:
    stage.cluster.young_s = 60
    _admit(stage, "u-late")
    stage.look(3)
    assert len(stage.gate.jobs(JobState.RUNNING)) == 1
    stage.gate.clock.turn(61)
    stage.look_until_settled()


def test_watches_that_break_off_miss_nothing(stage: Stage) -> None:
    stage.api.create("jobs", a_job())
    stage.look()
    cutting = threading.Thread(target=stage.api.cut)
    cutting.start()
    for one in stage.api.all("pods"):
        stage.api.remove("pods", one["metadata"]["uid"])
    cutting.join()
    lists = stage.api.seen.count(("list", "pods"))
    stage.look()
    assert stage.api.seen.count(("list", "pods")) == lists


def test_a_version_that_is_gone_is_listed_anew(stage: Stage) -> None:
    stage.api.create("jobs", a_job())
    stage.look()
    lists = stage.api.seen.count(("list", "pods"))
    stage.api.forget()
    for one in stage.api.all("pods"):
        stage.api.remove("pods", one["metadata"]["uid"])
    stage.look()
    assert stage.api.seen.count(("list", "pods")) > lists


def test_it_does_what_its_role_says_and_needs_all_of_it(stage: Stage) -> None:
    owner_job = stage.api.create("jobs", a_job(deaf="yes"))
    owner = {"kind": "Job", "name": "x", "uid": owner_job, "controller": True}
    stage.api.create(
        "workloads", {"metadata": {"ownerReferences": [owner]}, "spec": {}}
    )
    for plural in ("jobsets", "pytorchjobs"):
        _admit(stage, stage.api.create(plural, {"spec": {}}, by_user=False))
    pause(stage)
    stage.look()
    stage.gate.clock.turn(GRACE_S)
    stage.look()
    documents = list(yaml.safe_load_all(ROLE.read_text()))
    (role,) = [one for one in documents if one["kind"] == "ClusterRole"]
    allowed = {
        (verb, plural)
        for rule in role["rules"]
        for plural in rule["resources"]
        for verb in rule["verbs"]
    }
    assert set(stage.api.seen) == allowed


def test_a_gate_that_is_down_leaves_jobs_alone_until_their_leases_end(
    stage: Stage,
) -> None:
    found = a_job()
    found["spec"]["activeDeadlineSeconds"] = 30 * 24 * HOUR_S
    found["metadata"]["annotations"]["assent/flop-max"] = str(10 * HOUR_S * RATE)
    uid = stage.api.create("jobs", found)
    stage.look()
    stage.gate.stop()
    odd = {"spec": pod(4), "status": {"phase": "Running"}}
    stage.api.create("pods", odd, by_user=False)
    stage.look(3)
    assert stage.stopped("jobs", uid) is None
    assert len(stage.api.all("pods")) == 3

    (admitted,) = stage.gate.jobs()
    ends = admitted.admission.lease_expires
    assert ends is not None
    last = stage.gate.renew(NOW + timedelta(seconds=600))
    assert last == ends + timedelta(seconds=600)
    stage.gate.clock.turn(600)
    stage.look()
    stage.monitor.look(ends - timedelta(seconds=29))
    assert stage.stopped("jobs", uid) is None
    stage.monitor.look(last - timedelta(seconds=29))
    assert "does not answer" in stage.stopped("jobs", uid)


def test_says_what_is_wrong_when_the_server_lets_it_not_in(
    tmp_path: Path,
    stage: Stage,
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    access = access_from(kubeconfig(folder, stage.url, authority, token="wrong"))  # noqa: S106 - it is no secret
    with (
        caplog.at_level(logging.WARNING),
        closing(KubernetesCluster(KubernetesApi(access), TERMS)) as cluster,
    ):
        cluster.start()
        wait_for(lambda: "401" in caplog.text)
        with pytest.raises(KubernetesUnavailable, match="is not known"):
            cluster.look()


def test_a_cluster_without_a_kind_has_none_of_it(
    tmp_path: Path, authority: Authority
) -> None:
    api = ApiServer(absent={"kubeflow.org", "kueue.x-k8s.io"})
    with api_server(authority, ROLE, api) as (_, url):
        access = access_from(kubeconfig(tmp_path, url, authority))
        with closing(KubernetesCluster(KubernetesApi(access), TERMS)) as cluster:
            cluster.start()
            wait_for(lambda: _is_ready(cluster))


def test_a_pod_reaches_the_server_by_its_own_account(
    tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    (tmp_path / "token").write_text(BEARER)
    with api_server(authority, ROLE, ApiServer()) as (_, url):
        port = url.rpartition(":")[2]
        within = {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": port,
        }
        api = KubernetesApi(access_within(tmp_path, within))
        assert api.list("/api/v1/pods")[0] == []
    with pytest.raises(InputError, match="no pod"):
        access_within(tmp_path, {})


@pytest.mark.parametrize(
    "user",
    [{"exec": {"command": "sh"}}, {"username": "ada", "password": "x"}],
)
def test_a_kubeconfig_that_runs_programs_is_refused(
    tmp_path: Path, authority: Authority, user: dict[str, Any]
) -> None:
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", authority, **user)
    with pytest.raises(InputError, match="not done here"):
        access_from(path)


def test_a_server_that_nobody_vouches_for_is_refused(
    tmp_path: Path, authority: Authority
) -> None:
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", authority)
    found = yaml.safe_load(path.read_text())
    unsafe = copy.deepcopy(found)
    unsafe["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(yaml.safe_dump(unsafe))
    with pytest.raises(InputError, match="nobody vouches"):
        access_from(path)
    del found["clusters"][0]["cluster"]["certificate-authority"]
    path.write_text(yaml.safe_dump(found))
    with pytest.raises(InputError, match="no certificate-authority"):
        access_from(path)


def _admit(stage: Stage, uid: str) -> None:
    """Have the gate admit a workload of one chip, as its webhook would."""
    question = {
        "job_id": f"{PREFIX}{uid}/0",
        "account": "labs",
        "permit_id": PERMIT.permit_id,
        "chips": {"H100 SXM": "1"},
        "time_limit_s": HOUR_S,
    }
    with GateClient(stage.gate.socket) as client:
        client.ask("admit", job=question)
