"""Ask the witnesses of a policy over HTTP, all at once (C2SP tlog-witness).

origin -> the tree heads they hold
signed tree head -> cosignatures that verify, and why others gave none

Each witness is asked in a thread of its own that does nothing but the exchange
(`endpoint`); what comes back is judged, one answer after the other, in the thread that
called (`asking`). So proofs are made where the log's database is open, and a witness
that is slow, dead, lying or endless costs itself its turn and nobody else's.
"""

from assent.adapters.translog.witness_client.collect import (
    TOLERANCE_S,
    WAIT_S,
    HttpWitnesses,
)

__all__ = ["TOLERANCE_S", "WAIT_S", "HttpWitnesses"]
