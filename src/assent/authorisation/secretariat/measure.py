"""A measure: a change to a permit, put to the vote as a case of its own.

proposed -> votes -> granted, refused or withdrawn

Its events are those of any vote, so `review` counts it as it counts an application's.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from assent.authorisation.docket import Card, CaseDamaged, RecordedEvent
from assent.authorisation.review.deciding import Proposal, proposal_of

KIND = "measure"


class MeasureState(StrEnum):
    """Where a measure stands."""

    PUT_TO_VOTE = "put_to_vote"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# From a state (None before the first event), by what happened, to the next.
TRANSITIONS: dict[tuple[MeasureState | None, str], MeasureState] = {
    (None, "proposed"): MeasureState.PUT_TO_VOTE,
    (MeasureState.PUT_TO_VOTE, "vote_received"): MeasureState.PUT_TO_VOTE,
    (MeasureState.PUT_TO_VOTE, "vote_voided"): MeasureState.PUT_TO_VOTE,
    (MeasureState.PUT_TO_VOTE, "proposal_withdrawn"): MeasureState.WITHDRAWN,
    (MeasureState.PUT_TO_VOTE, "decision_granted"): MeasureState.GRANTED,
    (MeasureState.PUT_TO_VOTE, "decision_refused"): MeasureState.REFUSED,
}


def measure_state(events: Sequence[RecordedEvent]) -> MeasureState:
    """Return where a measure stands after its events.

    Raises:
        CaseDamaged: if they cannot follow one another.

    """
    state: MeasureState | None = None
    for recorded in events:
        state = TRANSITIONS.get((state, recorded.event.kind))
        if state is None:
            break
    if state is None:
        raise CaseDamaged(
            "The events of a measure cannot follow one another.",
            remedy="Restore the database from a backup.",
        )
    return state


def measure_proposal(events: Sequence[RecordedEvent]) -> Proposal:
    """Return what the measure proposes.

    Raises:
        CaseDamaged, ProposalMalformed: if the events are no measure's.

    """
    measure_state(events)
    first: Any = events[0].event.body
    return proposal_of(first["proposal"])


def measure_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a measure."""
    state, proposal = measure_state(events), measure_proposal(events)
    is_open = state is MeasureState.PUT_TO_VOTE
    return Card(
        case_id=events[0].case_id,
        kind=KIND,
        state=state.value,
        title=proposal.title,
        developer="",
        waiting_for="members" if is_open else "nobody",
        due=proposal.closes if is_open else None,
        opened=events[0].event.time,
        updated=events[-1].event.time,
        events=len(events),
        details={"concerns": proposal.case_id, "matter": proposal.matter.value},
    )
