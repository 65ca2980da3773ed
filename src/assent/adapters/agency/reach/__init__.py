"""How far an agency's orders reach: gates and acknowledgements kept, orders posted.

path -> SqliteReachStore;  FeedItem + gates' URLs -> Webhooks
"""

from assent.adapters.agency.reach.reach_store import SqliteReachStore
from assent.adapters.agency.reach.webhooks import Webhooks

__all__ = ["SqliteReachStore", "Webhooks"]
