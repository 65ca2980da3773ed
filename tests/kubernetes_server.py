"""An API server of Kubernetes' over TLS, as far as a gate speaks with one.

It keeps objects and their history, lists page by page, watches with bookmarks, forgets
old versions, checks what it is sent by the API's schemas, and lets an account do what
its ClusterRole says. A Job's controller and a kubelet are played along: a Job makes
pods unless it is suspended, and a pod that is deleted is gone when its grace is over,
or at once if it is not deaf.
"""

import copy
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from jsonschema import Draft202012Validator, ValidationError
from tests.certificates import Authority
from tests.kubernetes_api import CHANGES, DELETE_OPTIONS

BEARER = "a-bearer-secret"
BOOKMARK_S = 0.1
PAGE_MAX = 3  # so that every list of a test has pages
GROUPS = {
    "batch": "v1",
    "jobset.x-k8s.io": "v1alpha2",
    "kubeflow.org": "v1",
    "kueue.x-k8s.io": "v1beta1",
}
Json = dict[str, Any]


class Refused(Exception):
    """The server answers with a status and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        """Refuse so."""
        super().__init__(reason)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "reason": reason,
            "message": reason,
            "code": code,
        }


@dataclass
class ApiServer:
    """The server; tests create and read objects directly.

    Attributes:
        admit: asked about each Job and Pod that users create or change; raises Refused.
        absent: groups that the cluster does not have.
        seen: verb and resource of each question that was let in.

    """

    admit: Callable[[Json, Json | None], None] = lambda _new, _old: None
    absent: set[str] = field(default_factory=set)
    seen: list[tuple[str, str]] = field(default_factory=list)
    version: int = 100
    oldest: int = 0
    is_cut: bool = False
    objects: dict[tuple[str, str], Json] = field(default_factory=dict)
    history: list[tuple[int, str, str, Json]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    # -- what users and controllers do -------------------------------------------------

    def create(self, plural: str, found: Json, *, by_user: bool = True) -> str:
        """Create an object, and return its uid."""
        with self.changed:
            uid = f"u-{self.version}"
            found = copy.deepcopy(found)
            found["metadata"] = {
                "namespace": "training",
                "name": f"{plural}-{self.version}",
                **found.get("metadata", {}),
                "uid": uid,
                "resourceVersion": str(self.version),
            }
        if by_user:
            self.admit(found, None)
        self._put(plural, found, "ADDED")
        if plural == "jobs":
            self._reconcile(found)
        return uid

    def change(self, plural: str, uid: str, patch: Json) -> Json:
        """Merge a patch into an object."""
        old = self.get(plural, uid)
        new = _merged(old, patch)
        if plural == "jobs":
            self.admit(new, old)
        self._put(plural, new, "MODIFIED")
        if plural == "jobs":
            self._reconcile(new)
        return new

    def remove(self, plural: str, uid: str) -> None:
        """Delete an object at once; what it made stays."""
        with self.changed:
            found = self.objects.pop((plural, uid), None)
            if found is not None:
                self._note(plural, found, "DELETED")

    def stop_pod(self, uid: str, grace_s: float) -> None:
        """Have a pod stop: at once if it hears, else when its grace is over."""
        with self.changed:
            found = copy.deepcopy(self.objects.get(("pods", uid)))
        if found is None:
            return
        metadata = found["metadata"]
        had_s = metadata.get("deletionGracePeriodSeconds", grace_s)
        metadata |= {
            "deletionTimestamp": "2026-06-01T12:00:00Z",
            "deletionGracePeriodSeconds": min(had_s, grace_s),
        }
        self._put("pods", found, "MODIFIED")
        is_deaf = "deaf" in metadata.get("labels", {})
        after_s = grace_s if is_deaf else 0.05
        timer = threading.Timer(after_s, self.remove, ("pods", uid))
        timer.daemon = True
        timer.start()

    def get(self, plural: str, uid: str) -> Json:
        """Return an object."""
        with self.changed:
            if (plural, uid) not in self.objects:
                raise Refused(404, "NotFound")
            return copy.deepcopy(self.objects[plural, uid])

    def all(self, plural: str) -> list[Json]:
        """Return all objects of a kind."""
        with self.changed:
            return [
                copy.deepcopy(one)
                for (kind, _), one in sorted(self.objects.items())
                if kind == plural
            ]

    def forget(self) -> None:
        """Forget what happened before now, and end all watches."""
        with self.changed:
            self.version += 1
            self.oldest = self.version
            self.history.clear()
        self.cut()

    def cut(self) -> None:
        """Break off all watches."""
        with self.changed:
            self.is_cut = True
            self.changed.notify_all()
        time.sleep(3 * BOOKMARK_S)
        with self.changed:
            self.is_cut = False

    # -- inside ------------------------------------------------------------------------

    def _put(self, plural: str, found: Json, event: str) -> None:
        with self.changed:
            self.version += 1
            found["metadata"]["resourceVersion"] = str(self.version)
            self.objects[plural, found["metadata"]["uid"]] = found
            self._note(plural, found, event)

    def _note(self, plural: str, found: Json, event: str) -> None:
        if event == "DELETED":
            self.version += 1
            found = _merged(found, {"metadata": {"resourceVersion": str(self.version)}})
        self.history.append((self.version, plural, event, copy.deepcopy(found)))
        self.changed.notify_all()

    def _reconcile(self, job: Json) -> None:
        """Do what a Job's controller does: make its pods, or delete them."""
        uid, spec = job["metadata"]["uid"], job["spec"]
        owner = {"kind": "Job", "name": "x", "uid": uid, "controller": True}
        pods = [
            pod
            for pod in self.all("pods")
            if owner["uid"]
            in [o["uid"] for o in pod["metadata"].get("ownerReferences", [])]
        ]
        if spec.get("suspend"):
            grace_s = spec["template"]["spec"].get("terminationGracePeriodSeconds", 30)
            for pod in pods:
                self.stop_pod(pod["metadata"]["uid"], grace_s)
        elif not pods:
            labels = spec["template"].get("metadata", {}).get("labels", {})
            for _ in range(spec.get("parallelism", 1)):
                pod = {
                    "metadata": {
                        "ownerReferences": [owner],
                        "labels": {**labels, "batch.kubernetes.io/controller-uid": uid},
                    },
                    "spec": spec["template"]["spec"],
                    "status": {"phase": "Running"},
                }
                self.create("pods", pod, by_user=False)


def _merged(found: Json, patch: Json) -> Json:
    """Return what a merge patch makes of an object (RFC 7386)."""
    merged = dict(copy.deepcopy(found))
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            before = merged.get(name)
            merged[name] = _merged(before if isinstance(before, dict) else {}, value)
        else:
            merged[name] = value
    return merged


@contextmanager
def api_server(
    authority: Authority, role: Path, server: ApiServer
) -> Iterator[tuple[ApiServer, str]]:
    """Serve on the loopback; yield the server and its URL."""
    certificate, key = authority.issue("api")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    https = _Https(("127.0.0.1", 0), _Handler)
    https.api, https.rules = server, _rules(role)
    https.socket = context.wrap_socket(https.socket, server_side=True)
    thread = threading.Thread(target=https.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server, f"https://127.0.0.1:{https.server_port}"
    finally:
        server.cut()
        https.shutdown()
        thread.join()
        https.server_close()


def _rules(role: Path) -> set[tuple[str, str, str]]:
    documents = list(yaml.safe_load_all(role.read_text()))
    (found,) = [one for one in documents if one["kind"] == "ClusterRole"]
    return {
        (group, resource, verb)
        for rule in found["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


class _Https(ThreadingHTTPServer):
    daemon_threads = True
    api: ApiServer
    rules: set[tuple[str, str, str]]


class _Handler(BaseHTTPRequestHandler):
    server: _Https
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_PATCH(self) -> None:
        self._answer(self._patch)

    def do_DELETE(self) -> None:
        self._answer(self._delete)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, handle: Callable[[], Json | None]) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.body = self.rfile.read(length)
        if self.headers.get("Authorization") != f"Bearer {BEARER}":
            self._say(401, Refused(401, "Unauthorized").status)
            return
        try:
            said = handle()
        except Refused as error:
            self._say(error.code, error.status)
        else:
            if said is not None:
                self._say(200, said)

    def _say(self, code: int, said: Json) -> None:
        data = json.dumps(said).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _let_in(self, verb: str) -> tuple[str, str]:
        """Return the plural and the name in the path, if the account may."""
        parts = urlsplit(self.path).path.strip("/").split("/")
        group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
        if group in self.server.api.absent:
            raise Refused(404, "NotFound")
        if group and parts[2:3] != [GROUPS.get(group)]:
            raise Refused(404, "NotFound")
        plural, name = (rest[2], rest[3]) if rest[0] == "namespaces" else (rest[0], "")
        if (group, plural, verb) not in self.server.rules:
            raise Refused(403, "Forbidden")
        self.server.api.seen.append((verb, plural))
        return plural, name

    def _get(self) -> Json | None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        parts = url.path.strip("/").split("/")
        if parts[0] == "apis" and len(parts) == 2:  # discovery, open to all accounts
            if parts[1] in self.server.api.absent or parts[1] not in GROUPS:
                raise Refused(404, "NotFound")
            version = {"version": GROUPS[parts[1]]}
            return {"kind": "APIGroup", "name": parts[1], "preferredVersion": version}
        if query.get("watch") == "true":
            plural, _ = self._let_in("watch")
            self._watch(plural, int(query["resourceVersion"]))
            return None
        plural, _ = self._let_in("list")
        return self._list(plural, query)

    def _list(self, plural: str, query: dict[str, str]) -> Json:
        found = self.server.api.all(plural)
        first = int(query.get("continue", "0"))
        last = first + min(int(query["limit"]), PAGE_MAX)
        metadata = {"resourceVersion": str(self.server.api.version)}
        if last < len(found):
            metadata["continue"] = str(last)
        return {"kind": "List", "metadata": metadata, "items": found[first:last]}

    def _watch(self, plural: str, version: int) -> None:
        api = self.server.api
        if version < api.oldest:
            raise Refused(410, "Expired")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = version
        while True:
            with api.changed:
                api.changed.wait(BOOKMARK_S)
                events = [one for one in api.history if one[0] > sent]
                sent, is_cut, oldest = api.version, api.is_cut, api.oldest
            for _, kind, event, found in events:
                if kind == plural:
                    self._chunk({"type": event, "object": found})
            if is_cut:
                if version < oldest:
                    self._chunk(
                        {"type": "ERROR", "object": Refused(410, "Gone").status}
                    )
                self.close_connection = True
                return  # without the last chunk: the connection breaks
            mark = {"kind": "x", "metadata": {"resourceVersion": str(sent)}}
            self._chunk({"type": "BOOKMARK", "object": mark})

    def _chunk(self, event: Json) -> None:
        data = json.dumps(event).encode() + b"\n"
        try:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _patch(self) -> Json:
        plural, name = self._let_in("patch")
        if self.headers.get("Content-Type") != "application/merge-patch+json":
            raise Refused(415, "UnsupportedMediaType")
        patch = self._checked(CHANGES[plural])
        return self.server.api.change(plural, self._uid(plural, name), patch)

    def _delete(self) -> Json:
        plural, name = self._let_in("delete")
        options = self._checked(DELETE_OPTIONS)
        uid = self._uid(plural, name)
        self.server.api.stop_pod(uid, options["gracePeriodSeconds"])
        return self.server.api.get(plural, uid)

    def _uid(self, plural: str, name: str) -> str:
        for found in self.server.api.all(plural):
            if found["metadata"]["name"] == name:
                uid: str = found["metadata"]["uid"]
                return uid
        raise Refused(404, "NotFound")

    def _checked(self, schema: Json) -> Json:
        try:
            said: Json = json.loads(self.body)
            Draft202012Validator(schema).validate(said)
        except (ValueError, ValidationError) as error:
            raise Refused(422, f"Invalid: {error!s:.200}") from None
        return said
