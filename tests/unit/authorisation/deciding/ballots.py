"""Proposals and votes that the tests of deciding start from.

SimulatedTreaty -> Proposal, ReceivedVote
"""

from datetime import UTC, datetime
from typing import Any

from assent.authorisation.review.deciding import (
    Choice,
    Paper,
    Proposal,
    ReceivedVote,
    cast_vote,
)
from assent.authorisation.treaty import Matter
from assent.testing.states import SeededSigner

OPENS = datetime(2026, 4, 1, 9, tzinfo=UTC)
NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 20, 23, 59, 59, tzinfo=UTC)
LATER = datetime(2026, 4, 21, tzinfo=UTC)
PAPER = Paper("application/vnd.assent.permit+json", {"flop": str(10**25)})
APPROVE, REJECT, ABSTAIN, RECUSE = Choice


def proposal(**fields: Any) -> Proposal:  # noqa: ANN401 - any field
    return Proposal(
        **{
            "agency": "agency.example",
            "decision_id": "decision-2026-0001",
            "matter": Matter.PERMIT,
            "case_id": "application-2026-0001",
            "case_digest": "sha256:" + "1" * 64,
            "title": "Permit for a run",
            "treaty_version": 1,
            "treaty_digest": "sha256:" + "2" * 64,
            "review_digest": "sha256:" + "3" * 64,
            "reasons": ("It is safe.",),
            "provisos": (),
            "opens": OPENS,
            "closes": CLOSES,
            "paper": PAPER,
            **fields,
        }
    )


def ballot(
    asked: Proposal,
    member: str,
    choice: Choice = APPROVE,
    *,
    signer: str | None = None,
    received: datetime = NOON,
) -> ReceivedVote:
    vote = cast_vote(
        asked,
        member=member,
        choice=choice,
        reason="I read it.",
        time=received,
        signer=SeededSigner(signer or member),
    )
    return ReceivedVote(vote, received)
