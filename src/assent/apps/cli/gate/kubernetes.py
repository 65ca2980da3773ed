"""`assent gate kubernetes serve`, `manifest`: Kubernetes asks the gate.

gate's folder + certificate -> a webhook;  its address -> a manifest
"""

import logging
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.adapters.gate import open_gate_folder
from assent.adapters.packaged import packaged_accelerators
from assent.apps.cli.output.speaking import tell
from assent.apps.gate import GateClient
from assent.apps.gate.webhook import Tls, decide, manifest, serve_webhook
from assent.supervision.schedulers import SchedulerUnknown, parse_review
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
    terms = place.site(load_rulebook_named, packaged_accelerators()).kubernetes
    if terms is None:
        raise SchedulerUnknown(
            f"{folder} has no settings for Kubernetes.",
            remedy="Write a part `kubernetes` into gate.yaml; docs/gate.md says how.",
        )
    path = socket or place.socket

    def ask(verb: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        with GateClient(path, timeout_s=_ASK_S_MAX) as gate:
            return gate.ask(verb, **question)

    host, port = address
    certificate, key, client_authority = pem
    tls = Tls(certificate=certificate, key=key, client_authority=client_authority)
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
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
