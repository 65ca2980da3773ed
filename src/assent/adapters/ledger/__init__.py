"""A site's books, in a database that survives a power cut.

path -> Ledger
"""

from assent.adapters.ledger.sqlite import SqliteLedger, open_ledger

__all__ = ["SqliteLedger", "open_ledger"]
