"""A case on one card: what a list or a queue shows of it.

events of a case -> Card; every card can be made again from the events

A card decides nothing. It is kept beside the events, written in the same transaction,
so that lists and searches need not read every case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from assent.vocabulary import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is shown of a case.

    Attributes:
        case_id: the case.
        kind: application, consultation or permit.
        state: where it stands, in the words of its kind's transition table.
        title: what people call it.
        developer: whose it is.
        waiting_for: who has to act next: applicant, officer, members, agency, nobody.
        due: by when, if there is a deadline.
        opened: when its first and its last event happened.
        updated: see `opened`.
        events: how many events it was made from.
        details: what else is searched for, as plain values.

    """

    case_id: str
    kind: str
    state: str
    title: str
    developer: str
    waiting_for: str
    due: datetime | None
    opened: datetime
    updated: datetime
    events: int
    details: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep a copy of the details that nobody can change."""
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))
