"""What a witness must never forget: whom it follows, and the newest head it cosigned.

path <-> WitnessStore, an SQLite file beside its write-ahead log
"""

from assent.adapters.translog.witness_store.decision import Decision
from assent.adapters.translog.witness_store.refused import Kept
from assent.adapters.translog.witness_store.store import FollowedLog, WitnessStore

__all__ = ["Decision", "FollowedLog", "Kept", "WitnessStore"]
