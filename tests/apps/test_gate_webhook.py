"""Kubernetes asks the gate over TLS: whatever is wrong is a clear no."""

import base64
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.certificates import Authority, make_authority
from tests.kubernetes_api import REQUEST_SCHEMA, RESPONSE_SCHEMA, review
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate, wait_for
from tests.unit.supervision.schedulers.test_kubernetes import TERMS, job, pod

from assent.apps.gate import GateClient
from assent.apps.gate.webhook import Tls, decide, manifest, serve_webhook
from assent.supervision.ledger import JobState
from assent.supervision.schedulers import parse_review
from assent.vocabulary import InputError

HOUR_S = 3_600
CONTROLLER = "system:serviceaccount:kube-system:job-controller"
Say = Callable[..., dict[str, Any]]


def a_job(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    found = job(pod(4), activeDeadlineSeconds=HOUR_S, **changes)
    found["metadata"] |= {"resourceVersion": "41"}
    return found


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SmallGate]:
    with small_gate(tmp_path) as found:
        yield found


@pytest.fixture
def say(gate: SmallGate) -> Say:
    """Return what puts a question, valid by the API's schema, and reads the answer."""

    def ask(verb: str, question: Any) -> Any:  # noqa: ANN401 - JSON
        with GateClient(gate.socket) as client:
            return client.ask(verb, **question)

    def put(found: dict[str, Any] | None, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - any part
        asked = review(found, **parts)
        Draft202012Validator(REQUEST_SCHEMA).validate(asked)
        answer = decide(parse_review(json.dumps(asked).encode()), TERMS, ask)
        said = json.loads(answer)
        Draft202012Validator(RESPONSE_SCHEMA).validate(said)
        assert said["response"]["uid"] == asked["request"]["uid"]
        response: dict[str, Any] = said["response"]
        return response

    return put


def test_a_job_is_reserved_for_when_it_is_created(say: Say, gate: SmallGate) -> None:
    said = say(a_job())

    assert said["allowed"]
    assert "may start under" in said["warnings"][0]
    assert gate.balance().flop_reserved == 4 * RATE * HOUR_S
    assert [one.job_id for one in gate.jobs()] == ["k8s/u-1/0"]


def test_asked_again_it_is_reserved_for_once(say: Say, gate: SmallGate) -> None:
    assert say(a_job())["allowed"]
    assert say(a_job())["allowed"]
    assert gate.balance().flop_reserved == 4 * RATE * HOUR_S


def test_a_dry_run_reserves_nothing(say: Say, gate: SmallGate) -> None:
    assert say(a_job(), dry_run=True)["allowed"]
    assert not say(a_job(parallelism=3), dry_run=True)["allowed"]
    assert not gate.jobs()


def test_a_job_without_a_permit_is_refused_with_the_remedy(say: Say) -> None:
    found = a_job()
    del found["metadata"]["annotations"]
    said = say(found)
    assert not said["allowed"]
    assert said["status"]["code"] == 403
    assert "names no permit" in said["status"]["message"]
    assert "Apply for a permit" in said["status"]["message"]


def test_a_job_without_a_time_limit_is_refused(say: Say) -> None:
    said = say(job(pod(4), activeDeadlineSeconds=None))
    assert not said["allowed"]
    assert "activeDeadlineSeconds" in said["status"]["message"]


def test_a_gate_that_does_not_answer_means_no(say: Say, gate: SmallGate) -> None:
    gate.stop()
    said = say(a_job())
    assert not said["allowed"]
    assert "does not answer" in said["status"]["message"]
    assert say({"spec": {"containers": []}}, kind="Pod")["allowed"]


@pytest.mark.parametrize(
    "change",
    [
        {"parallelism": 2},
        {"parallelism": 0},
        {"activeDeadlineSeconds": 2 * HOUR_S},
        {"activeDeadlineSeconds": None},
    ],
)
def test_what_runs_does_not_change(say: Say, change: dict[str, Any]) -> None:
    assert say(a_job())["allowed"]
    new = a_job()
    new["spec"] |= change
    assert not say(new, operation="UPDATE", old=a_job())["allowed"]
    assert say(a_job(backoffLimit=3), operation="UPDATE", old=a_job())["allowed"]


def test_a_queued_job_is_reserved_for_when_it_is_resumed(
    say: Say, gate: SmallGate
) -> None:
    queued, resumed = a_job(suspend=True), a_job(suspend=False)
    assert say(queued)["allowed"]
    assert not gate.jobs()

    assert say(resumed, operation="UPDATE", old=queued)["allowed"]
    assert [one.job_id for one in gate.jobs(JobState.RUNNING)] == ["k8s/u-1/41"]

    assert say(queued, operation="UPDATE", old=resumed)["allowed"]
    queued["metadata"]["resourceVersion"] = "57"
    assert say(resumed, operation="UPDATE", old=queued)["allowed"]
    assert [one.job_id for one in gate.jobs(JobState.RUNNING)] == ["k8s/u-1/57"]
    assert gate.balance().flop_reserved == 4 * RATE * HOUR_S


def test_pods_of_an_admitted_job_need_nothing_of_their_own(
    say: Say, gate: SmallGate
) -> None:
    owner = {"kind": "Job", "name": "train", "uid": "u-1", "controller": True}
    child = {"metadata": {"uid": "p-1", "ownerReferences": [owner]}, "spec": pod(4)}
    assert say(child, kind="Pod", user=CONTROLLER)["allowed"]
    assert not gate.jobs()

    assert not say(child, kind="Pod", user="ada")["allowed"]
    owner["kind"] = "ReplicaSet"
    assert not say(child, kind="Pod", user=CONTROLLER)["allowed"]


def test_a_finished_job_is_settled_if_its_controller_says_so(
    say: Say, gate: SmallGate
) -> None:
    assert say(a_job())["allowed"]
    gate.clock.turn(60)
    over = a_job()
    over["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    parts: dict[str, Any] = {
        "operation": "UPDATE",
        "old": a_job(),
        "subresource": "status",
    }

    assert say(over, user="ada", **parts)["allowed"]
    assert gate.balance().flop_spent == 0
    assert say(over, user=CONTROLLER, **parts)["allowed"]
    balance = gate.balance()
    assert balance.flop_reserved == 0
    assert 60 * 4 * RATE <= balance.flop_spent <= 120 * 4 * RATE


def test_a_deleted_job_stays_reserved_for(say: Say, gate: SmallGate) -> None:
    assert say(a_job())["allowed"]
    assert say(None, operation="DELETE", old=a_job())["allowed"]
    assert gate.balance().flop_reserved == 4 * RATE * HOUR_S


@pytest.mark.parametrize(
    ("found", "parts"),
    [
        (a_job(), {"operation": "CONNECT"}),
        (a_job(), {"subresource": "scale"}),
        (
            {
                **a_job(),
                "metadata": {"annotations": a_job()["metadata"]["annotations"]},
            },
            {},
        ),
        ({**a_job(), "metadata": {**a_job()["metadata"], "uid": "a/b"}}, {}),
        (a_job(parallelism=10**6), {}),
    ],
)
def test_refuses_what_it_does_not_understand(
    say: Say, gate: SmallGate, found: dict[str, Any], parts: dict[str, Any]
) -> None:
    said = say(found, **parts)
    assert not said["allowed"]
    assert said["status"]["message"]
    assert not gate.jobs()


# -- over TLS --------------------------------------------------------------------------


@dataclass(frozen=True)
class Webhook:
    """A webhook that answers, and how it is reached."""

    port: int
    context: ssl.SSLContext

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of an answer."""
        line = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context, timeout=10
        )
        try:
            line.request("POST", "/", body, headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def webhook(gate: SmallGate, authority: Authority) -> Iterator[Webhook]:
    certificate, key = authority.issue("webhook")
    (authority.folder / "authority.crt").write_bytes(authority.pem)
    tls = Tls(
        certificate=certificate,
        key=key,
        client_authority=authority.folder / "authority.crt",
    )

    def ask(verb: str, question: Any) -> Any:  # noqa: ANN401 - JSON
        with GateClient(gate.socket) as client:
            return client.ask(verb, **question)

    ports: list[int] = []
    until = threading.Event()
    thread = threading.Thread(
        target=serve_webhook,
        args=("127.0.0.1", 0, tls, lambda data: decide(parse_review(data), TERMS, ask)),
        kwargs={"until": until, "ready": ports.append},
    )
    thread.start()
    try:
        wait_for(lambda: bool(ports))
        context = ssl.create_default_context(cadata=authority.pem.decode())
        context.load_cert_chain(*authority.issue("api-server"))
        yield Webhook(ports[0], context)
    finally:
        until.set()
        thread.join()


pytestmark = pytest.mark.enable_socket


def test_answers_over_tls(webhook: Webhook, gate: SmallGate) -> None:
    status, body = webhook.post(json.dumps(review(a_job())).encode())
    assert status == 200
    assert json.loads(body)["response"]["allowed"]
    assert len(gate.jobs(JobState.RUNNING)) == 1
    assert gate.jobs()[0].admission.permit_id == PERMIT.permit_id


def test_refuses_whoever_has_no_certificate(
    webhook: Webhook, authority: Authority, gate: SmallGate
) -> None:
    stranger = ssl.create_default_context(cadata=authority.pem.decode())
    with pytest.raises(OSError):  # noqa: PT011 - TLS 1.3 says it in several ways
        Webhook(webhook.port, stranger).post(json.dumps(review(a_job())).encode())
    assert not gate.jobs()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (json.dumps({**review(a_job()), "apiVersion": "v2"}).encode(), {}, 400),
        (b"{}", {"Content-Length": "7000001"}, 413),
        (b"{}", {"Content-Length": "-1"}, 411),
        (b"{}", {"Content-Length": "x"}, 411),
    ],
)
def test_says_what_is_wrong_with_a_question(
    webhook: Webhook, body: bytes, headers: dict[str, str], status: int
) -> None:
    said, text = webhook.post(body, **headers)
    assert said == status
    assert text


def test_strangers_and_silence_do_not_keep_others_waiting(webhook: Webhook) -> None:
    with socket.create_connection(("127.0.0.1", webhook.port)) as silent:
        with socket.create_connection(("127.0.0.1", webhook.port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            status, _ = webhook.post(json.dumps(review(a_job())).encode())
        assert status == 200
        silent.settimeout(15)
        assert silent.recv(100) == b""


def test_on_other_addresses_than_the_loopback_askers_need_a_certificate(
    authority: Authority,
) -> None:
    certificate, key = authority.issue("webhook")
    tls = Tls(certificate=certificate, key=key, client_authority=None)
    with pytest.raises(InputError, match="anybody could ask"):
        serve_webhook("0.0.0.0", 0, tls, bytes, until=threading.Event())  # noqa: S104 - that is refused
    wrong = Tls(certificate=key, key=certificate, client_authority=None)
    with pytest.raises(InputError, match="cannot be used"):
        serve_webhook("127.0.0.1", 0, wrong, bytes, until=threading.Event())


def test_the_manifest_fails_closed(authority: Authority) -> None:
    said = yaml.safe_load(manifest("https://gate.example:8443/", authority.pem))
    start, *ends = said["webhooks"]
    assert said["kind"] == "ValidatingWebhookConfiguration"
    assert start["failurePolicy"] == "Fail"
    assert {one["failurePolicy"] for one in ends} == {"Ignore"}
    assert [rule["resources"] for rule in start["rules"]] == [
        ["jobs"],
        ["jobsets"],
        ["pytorchjobs"],
        ["pods"],
    ]
    assert base64.b64decode(start["clientConfig"]["caBundle"]) == authority.pem
    with pytest.raises(InputError):
        manifest("http://gate.example", authority.pem)
    with pytest.raises(InputError):
        manifest("https://gate.example", b"-----BEGIN PRIVATE KEY-----")
