"""Orders to pause, on a gate's side: its memory of them, and the agency's feed.

path -> GateRegister;  URL -> OrderFeed -> FeedItem
"""

from assent.adapters.gate.orders.gate_register import GateRegister
from assent.adapters.gate.orders.order_feed import (
    FeedUnreachable,
    NotTaken,
    OrderFeed,
)

__all__ = ["FeedUnreachable", "GateRegister", "NotTaken", "OrderFeed"]
