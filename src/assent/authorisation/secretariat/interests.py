"""The register of interests: who has a stake in which developer.

InterestDeclaration -> a case of one event;  developer + date -> who stands aside

What is declared excludes a member from every vote on that developer from then on,
without anybody having to think of it. What nobody declares, this can not know.
"""

from collections.abc import Sequence
from datetime import date, datetime

from assent.authorisation.docket import Card, DocketTransaction, Event, RecordedEvent
from assent.authorisation.review import (
    InterestDeclaration,
    ReviewPolicy,
    excluded_members,
    interest_declaration_of,
)

KIND = "interest"
_PAGE = 1_000


def declare_interest(
    declaration: InterestDeclaration, actor: str, now: datetime
) -> Event:
    """Return the one event of a declaration's case."""
    return Event(
        kind="interest_declared", time=now, actor=actor, body=declaration.plain
    )


def conflicts(
    transaction: DocketTransaction, developer: str, policy: ReviewPolicy, on: date
) -> dict[str, str]:
    """Return who has to stand aside in a developer's cases, and why."""
    declared = []
    after = ""
    while True:
        cards = transaction.cards(
            kind=KIND, developer=developer, after=after, limit=_PAGE
        )
        for card in cards:
            (recorded,) = transaction.events(card.case_id)
            declared.append(interest_declaration_of(dict(recorded.event.body)))
        if len(cards) < _PAGE:
            return excluded_members(declared, developer, policy, on)
        after = cards[-1].case_id


def interest_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a declaration."""
    (recorded,) = events
    said = interest_declaration_of(dict(recorded.event.body))
    return Card(
        case_id=recorded.case_id,
        kind=KIND,
        state="declared",
        title=f"{said.member}: {said.kind.value.replace('_', ' ')}",
        developer=said.developer,
        waiting_for="nobody",
        due=None,
        opened=recorded.event.time,
        updated=recorded.event.time,
        events=1,
        details={"member": said.member},
    )
