"""`assent gate slurm install`, `watch`: Slurm asks the gate, and stops what must stop.

gate's folder -> hooks;  gate's jobs + Slurm's -> signals, settlements
"""

import logging
import signal
import threading
from pathlib import Path

from assent.adapters.gate import open_gate_folder
from assent.adapters.gate.slurm import SlurmCommands, install_hooks
from assent.adapters.packaged import packaged_accelerators
from assent.apps.cli.output.speaking import show
from assent.apps.gate import ClusterMonitor, MonitoredGate
from assent.supervision.schedulers import SchedulerUnknown, slurm_prefix
from assent.wiring.agency.open import now
from assent.wiring.gate import leases_at_hand
from assent.wiring.runs import load_rulebook_named


def install(folder: Path, socket: Path | None, out: Path, conf: Path) -> None:
    """Write the hooks."""
    place = open_gate_folder(folder)
    written = install_hooks(socket or place.socket, out, conf)
    show(*map(str, written))


def watch(folder: Path, socket: Path | None, cluster: str, every_s: float) -> None:
    """Stop what has to stop, until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    place = open_gate_folder(folder)
    terms = place.site(load_rulebook_named, packaged_accelerators()).slurm
    if terms is None:
        raise SchedulerUnknown(
            f"{folder} has no settings for Slurm.",
            remedy="Write a part `slurm` into gate.yaml; docs/gate.md says how.",
        )
    gate = MonitoredGate(
        socket=socket or place.socket,
        prefix=slurm_prefix(cluster),
        kill_wait_s=terms.kill_wait_s,
        job_end=leases_at_hand(folder).job_end,
    )
    until = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: until.set())
    show(f"The jobs of {cluster} are looked at every {every_s:g} s.")
    monitor = ClusterMonitor(SlurmCommands(cluster, terms.signal), gate)
    monitor.watch(now, every_s, until)
