"""Decide whether a witness cosigns: all of its honesty, without a wire or a disk.

    CosignRequest + keys of the log + the head it holds  ->  Cosign, or Refusal
    SubtreeRequest + keys of the log + its own keys      ->  CosignSubtree, or Refusal

The checks of C2SP tlog-witness in its order. `cosign_next` decides, keeps and signs,
for `apps.witness` and the fake in `testing`; their `WitnessMemory` holds off every
other decision about the same log until the head is kept durably.

What no witness can show: that entries are true, that nobody else was shown another head
(other witnesses must tell), or anything of a log's past before the first head it saw.
"""

from assent.translog.witness.cosign_head import Cosign, decide_cosign
from assent.translog.witness.cosign_next import cosign_next
from assent.translog.witness.cosign_subtree import CosignSubtree, decide_subtree
from assent.translog.witness.memory import HeadDecision, WitnessMemory
from assent.translog.witness.refusal import Doubt, Reason, Refusal, refuse_malformed

__all__ = [
    "Cosign",
    "CosignSubtree",
    "Doubt",
    "HeadDecision",
    "Reason",
    "Refusal",
    "WitnessMemory",
    "cosign_next",
    "decide_cosign",
    "decide_subtree",
    "refuse_malformed",
]
