"""Run a witness: a state's own promise that a log only ever grew.

    folder + a clock  ->  a server that cosigns tree heads (C2SP tlog-witness)

`create_witness` makes a folder with keys, `trust_logs` names logs to follow, also while
the witness runs, and `serve` answers until it is told to stop. TLS and a public address
are left to a proxy in front.

Run a folder once and never from a copy: two of one name that do not know of each other
can be made to cosign two histories.
"""

from assent.apps.witness.answer import Answer, OpenWitness
from assent.apps.witness.folder import create_witness, open_witness
from assent.apps.witness.operate import (
    export_refusals,
    followed_logs,
    kept_refusals,
    trust_log,
    trust_logs,
    untrust_log,
)
from assent.apps.witness.server import PORT, make_app, serve

__all__ = [
    "PORT",
    "Answer",
    "OpenWitness",
    "create_witness",
    "export_refusals",
    "followed_logs",
    "kept_refusals",
    "make_app",
    "open_witness",
    "serve",
    "trust_log",
    "trust_logs",
    "untrust_log",
]
