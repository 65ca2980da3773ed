"""Orders to pause, on a gate's side: its memory of them, and the agency's feed.

path -> GateRegister;  URL -> OrderFeed -> FeedItem
"""

from assent.adapters.gate.orders.gate_register import GateRegister
from assent.adapters.gate.orders.order_feed import (
    AckNotTaken,
    FeedUnreachable,
    OrderFeed,
)

__all__ = ["AckNotTaken", "FeedUnreachable", "GateRegister", "OrderFeed"]
