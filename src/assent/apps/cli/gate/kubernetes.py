"""`assent gate kubernetes serve`, `manifest`, `watch`: Kubernetes asks, and stops jobs.

gate's folder + certificate -> a webhook;  its address -> a manifest
gate's jobs + the cluster's -> suspended, deleted, settled
"""

import logging
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import GateFolder, open_gate_folder
from assent.adapters.gate.kubernetes import (
    KILL_S,
    KubernetesApi,
    KubernetesCluster,
    access_from,
    access_within,
)
from assent.adapters.packaged import packaged_accelerators
from assent.apps.cli.output.speaking import show, tell
from assent.apps.gate import ClusterMonitor, GateClient, MonitoredGate
from assent.apps.gate.webhook import Tls, decide, manifest, serve_webhook
from assent.supervision.schedulers import (
    PREFIX,
    KubernetesTerms,
    SchedulerUnknown,
    parse_review,
)
from assent.wiring.agency.open import now
from assent.wiring.gate import leases_at_hand
from assent.wiring.runs import load_rulebook_named

_ASK_S_MAX = 8.0  # the API server waits ten


def serve(
    folder: Path,
    socket: Path | None,
    address: tuple[str, int],
    pem: tuple[Path, Path, Path | None],
) -> None:
    """Answer until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    place = open_gate_folder(folder)
    terms = _terms(place)
    path = socket or place.socket

    def ask(verb: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        with GateClient(path, timeout_s=_ASK_S_MAX) as gate:
            return gate.ask(verb, **question)

    host, port = address
    certificate, key, client_authority = pem
    tls = Tls(certificate=certificate, key=key, client_authority=client_authority)
    until = _until_interrupted()
    serve_webhook(
        host,
        port,
        tls,
        lambda data: decide(parse_review(data), terms, ask),
        until=until,
        ready=lambda bound: tell(f"The webhook answers at https://{host}:{bound}."),
    )


def write_manifest(url: str, authority: Path) -> None:
    """Print the manifest."""
    sys.stdout.write(manifest(url, read_bytes(authority, FILE_BYTES_MAX)))


def watch(
    folder: Path, socket: Path | None, kubeconfig: Path | None, every_s: float
) -> None:
    """Stop what has to stop, until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    place = open_gate_folder(folder)
    access = access_within() if kubeconfig is None else access_from(kubeconfig)
    gate = MonitoredGate(
        socket=socket or place.socket,
        prefix=PREFIX,
        kill_wait_s=KILL_S,
        job_end=leases_at_hand(folder).job_end,
    )
    until = _until_interrupted()
    with closing(KubernetesCluster(KubernetesApi(access), _terms(place))) as cluster:
        cluster.start()
        show(f"The workloads at {access.server} are looked at every {every_s:g} s.")
        ClusterMonitor(cluster, gate).watch(now, every_s, until)


def _terms(place: GateFolder) -> KubernetesTerms:
    terms = place.site(load_rulebook_named, packaged_accelerators()).kubernetes
    if terms is None:
        raise SchedulerUnknown(
            f"{place.folder} has no settings for Kubernetes.",
            remedy="Write a part `kubernetes` into gate.yaml; docs/gate.md says how.",
        )
    return terms


def _until_interrupted() -> threading.Event:
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
    return until
