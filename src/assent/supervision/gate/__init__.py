"""A gate at work: jobs ask it before they start, and stop when it says so.

scheduler + papers + books + pause orders + now -> Admission, Stop, charge
"""

from assent.supervision.gate.errors import (
    GateUnreachable,
    LeaseRolledBack,
    MeterOfAnother,
    PapersMissing,
    SiteInvalid,
)
from assent.supervision.gate.gate import Gate
from assent.supervision.gate.hearing import allowance, greet, hear
from assent.supervision.gate.looking import check_books
from assent.supervision.gate.papers import PaperDesk, PaperStore
from assent.supervision.gate.site import Site
from assent.supervision.gate.watching import Holds, holds_of

__all__ = [
    "Gate",
    "GateUnreachable",
    "Holds",
    "LeaseRolledBack",
    "MeterOfAnother",
    "PaperDesk",
    "PaperStore",
    "PapersMissing",
    "Site",
    "SiteInvalid",
    "allowance",
    "check_books",
    "greet",
    "hear",
    "holds_of",
]
