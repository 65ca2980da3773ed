"""Split views: a log that shows one history to some and another to others.

two tree heads -> nothing, or SplitView with evidence -> facts that anybody can verify

`history` finds a contradiction, `evidence` is the file that proves it.
"""

from assent.translog.split_view.evidence import (
    EVIDENCE_BYTES_MAX,
    FILE_SUFFIX,
    Evidence,
    SplitViewFacts,
    parse_evidence,
    verify_evidence,
)
from assent.translog.split_view.history import (
    verify_same_root,
    verify_start,
    verify_successor,
)

__all__ = [
    "EVIDENCE_BYTES_MAX",
    "FILE_SUFFIX",
    "Evidence",
    "SplitViewFacts",
    "parse_evidence",
    "verify_evidence",
    "verify_same_root",
    "verify_start",
    "verify_successor",
]
