"""Orders to pause in the world: a gate's memory, the agency's acknowledgements, HTTP.

paths, URLs -> GateRegister, SqliteReachStore; the agency's feed -> FeedItem
"""

from assent.adapters.pause.gate_register import GateRegister
from assent.adapters.pause.order_feed import FeedUnreachable, OrderFeed
from assent.adapters.pause.reach_store import SqliteReachStore
from assent.adapters.pause.webhooks import Webhooks

__all__ = [
    "FeedUnreachable",
    "GateRegister",
    "OrderFeed",
    "SqliteReachStore",
    "Webhooks",
]
