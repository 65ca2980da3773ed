"""The register of interests: who has a stake in which developer.

InterestDeclaration -> a case of one event;  developer + date -> who stands aside

What is declared excludes a member from every vote on that developer that is opened from
then on, without anybody having to think of it. A vote that is open already goes on: its
members voted on a proposal that says who is excluded. `affected` names such cases, and
an officer withdraws the proposal and puts it to the vote again. What nobody declares,
this can not know.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from assent.authorisation.docket import Card, DocketTransaction, Event, RecordedEvent
from assent.authorisation.review import (
    InterestDeclaration,
    ReviewPolicy,
    ballot_of,
    excluded_members,
    folded_name,
    interest_declaration_of,
)

KIND = "interest"
_VOTED_ON = ("put_to_vote", "put_to_appeal")
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
    for card in _cards(transaction, KIND):
        if folded_name(card.developer) == folded_name(developer):
            (recorded,) = transaction.events(card.case_id)
            declared.append(interest_declaration_of(dict(recorded.event.body)))
    return excluded_members(declared, developer, policy, on)


def affected(
    transaction: DocketTransaction, declaration: InterestDeclaration
) -> list[str]:
    """Return the cases of a developer that are voted on and do not exclude the member.

    A declaration changes no vote that is open: an officer withdraws each proposal, if
    the policy excludes for such an interest, and proposes anew.
    """
    found = []
    developer = folded_name(declaration.developer)
    for kind in ("application", "measure"):
        for card in _cards(transaction, kind, *_VOTED_ON):
            if folded_name(_developer(transaction, card)) != developer:
                continue
            proposal = ballot_of(transaction.events(card.case_id)).open_proposal
            if declaration.member not in proposal.excluded:
                found.append(card.case_id)
    return found


def _developer(transaction: DocketTransaction, card: Card) -> str:
    """Return whose case it is; a measure's is that of the permit it concerns."""
    concerned = transaction.card(str(card.details.get("concerns", "")))
    return card.developer if concerned is None else concerned.developer


def _cards(transaction: DocketTransaction, kind: str, *states: str) -> Iterator[Card]:
    after = ""
    while True:
        cards = transaction.cards(kind=kind, states=states, after=after, limit=_PAGE)
        yield from cards
        if len(cards) < _PAGE:
            return
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
