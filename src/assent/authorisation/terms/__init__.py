"""What an application asks for and a permit grants, in the same words.

Developer, Caps, oversight points -> plain values
"""

from assent.authorisation.terms.points import (
    MARKS,
    OversightDate,
    OversightLoss,
    OversightPeriod,
    OversightPoint,
    Point,
    dates_within,
    format_loss,
    mark_of,
    parse_loss,
    where_of,
)
from assent.authorisation.terms.terms import Caps, Developer

__all__ = [
    "MARKS",
    "Caps",
    "Developer",
    "OversightDate",
    "OversightLoss",
    "OversightPeriod",
    "OversightPoint",
    "Point",
    "dates_within",
    "format_loss",
    "mark_of",
    "parse_loss",
    "where_of",
]
