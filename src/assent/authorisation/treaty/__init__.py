"""Who is bound, who decides what, and by which keys they speak.

YAML or canonical JSON -> Treaty
"""

from assent.authorisation.treaty.calendar import WorkingCalendar
from assent.authorisation.treaty.errors import (
    CalendarEnds,
    MatterUnknown,
    TreatyInvalid,
)
from assent.authorisation.treaty.organ import Matter, Organ, Procedure
from assent.authorisation.treaty.parse import parse_treaty, treaty_bytes, treaty_of
from assent.authorisation.treaty.party import (
    DatedKey,
    Inspector,
    Member,
    Party,
    PartyStanding,
    Reservation,
)
from assent.authorisation.treaty.treaty import (
    PermitTerms,
    Recognition,
    Service,
    Treaty,
)

__all__ = [
    "CalendarEnds",
    "DatedKey",
    "Inspector",
    "Matter",
    "MatterUnknown",
    "Member",
    "Organ",
    "Party",
    "PartyStanding",
    "PermitTerms",
    "Procedure",
    "Recognition",
    "Reservation",
    "Service",
    "Treaty",
    "TreatyInvalid",
    "WorkingCalendar",
    "parse_treaty",
    "treaty_bytes",
    "treaty_of",
]
