"""Find what is wrong with a log, mend what can be, make its public files again.

database + public files + keys + policy -> Defects; Defects -> mended, or LogDamaged

The entries and the tree heads that were signed are the log. Everything else, the keys
that find entries, the tiles, each public file, follows from them and is made again. An
entry that is gone, or is not the one that was signed, is never made up: a log that
lacks one is refused whole, and the remedy is a backup that catches up with a mirror.

`assent log fsck`, `rebuild`, `catch-up` and `audit` call this.
"""

from assent.translog.keeping.fsck.catch_up import catch_up
from assent.translog.keeping.fsck.check import check_log
from assent.translog.keeping.fsck.defect import Defect, Severity
from assent.translog.keeping.fsck.rebuild import rebuild
from assent.translog.keeping.fsck.remote import check_remote
from assent.translog.keeping.fsck.repair import Repaired, repair_log

__all__ = [
    "Defect",
    "Repaired",
    "Severity",
    "catch_up",
    "check_log",
    "check_remote",
    "rebuild",
    "repair_log",
]
