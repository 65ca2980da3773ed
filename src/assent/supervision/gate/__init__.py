"""A gate at work: jobs ask it before they start, and stop when it says so.

scheduler + papers + books + pause orders + now -> Admission, Stop, charge
"""

from assent.supervision.gate.errors import (
    GateUnreachable,
    LeaseRolledBack,
    PapersMissing,
    SiteInvalid,
)
from assent.supervision.gate.gate import Gate
from assent.supervision.gate.papers import PaperDesk, PaperStore
from assent.supervision.gate.site import Site
from assent.supervision.gate.watching import HeldFacts, Holds

__all__ = [
    "Gate",
    "GateUnreachable",
    "HeldFacts",
    "Holds",
    "LeaseRolledBack",
    "PaperDesk",
    "PaperStore",
    "PapersMissing",
    "Site",
    "SiteInvalid",
]
