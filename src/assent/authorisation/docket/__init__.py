"""What happened in a case, in order, for ever: the events that state is derived from.

events -> RecordedEvent, each chained to the one before it
"""

from assent.authorisation.docket.card import Card
from assent.authorisation.docket.event import (
    BODY_BYTES_MAX,
    CASE_ID,
    CaseDamaged,
    Event,
    RecordedEvent,
    chain,
    verify_chain,
)
from assent.authorisation.docket.folding import Folding
from assent.authorisation.docket.ports import Docket, DocketTransaction

__all__ = [
    "BODY_BYTES_MAX",
    "CASE_ID",
    "Card",
    "CaseDamaged",
    "Docket",
    "DocketTransaction",
    "Event",
    "Folding",
    "RecordedEvent",
    "chain",
    "verify_chain",
]
