"""Decide whether a witness cosigns: all of its honesty, without a wire or a disk.

    CosignRequest + keys of the log + the head it holds  ->  Cosign, or Refusal
    SubtreeRequest + keys of the log + its own keys      ->  CosignSubtree, or Refusal

The checks of C2SP tlog-witness in its order. Whoever calls (`apps.witness`, the fake in
`testing`) must hold off every other decision about the same log from reading the head
that is held until the new one is kept durably, and only then show what was signed.

What no witness can show: that entries are true, that nobody else was shown another head
(other witnesses must tell), or anything of a log's past before the first head it saw.
"""

from assent.translog.witness.cosign_head import Cosign, decide_cosign
from assent.translog.witness.cosign_subtree import CosignSubtree, decide_subtree
from assent.translog.witness.refusal import Doubt, Reason, Refusal, refuse_malformed

__all__ = [
    "Cosign",
    "CosignSubtree",
    "Doubt",
    "Reason",
    "Refusal",
    "decide_cosign",
    "decide_subtree",
    "refuse_malformed",
]
