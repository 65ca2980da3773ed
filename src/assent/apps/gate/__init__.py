"""The gate beside a scheduler: it answers on a socket, and stops what must stop.

folder + a clock -> a server on a Unix socket;  scheduler or job -> `ask`
"""

from assent.apps.gate.answer import answer
from assent.apps.gate.client import GateClient, GateRefused
from assent.apps.gate.monitor import (
    ALONE_GRACE_S,
    ClusterMonitor,
    JobEnd,
    MonitoredGate,
)
from assent.apps.gate.order_follower import Acknowledging, Following, OrderFollower
from assent.apps.gate.server import serve

__all__ = [
    "ALONE_GRACE_S",
    "Acknowledging",
    "ClusterMonitor",
    "Following",
    "GateClient",
    "GateRefused",
    "JobEnd",
    "MonitoredGate",
    "OrderFollower",
    "answer",
    "serve",
]
