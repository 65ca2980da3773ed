"""The states of a case, and the one table of what may happen in each.

state + kind of event -> the state after it, or TransitionRefused

Whoever writes an event asks `next_state` first, and whoever reads a case asks it again
for each event, so no case can be in a state that the table does not lead to. The
diagram in the documents is made from the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from assent.vocabulary import NotAllowed


class TransitionRefused(NotAllowed):
    """What was asked for does not happen to a case in this state."""


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    INFORMATION_REQUESTED = "information_requested"
    PUT_TO_VOTE = "put_to_vote"
    GRANTED = "granted"
    REFUSED = "refused"
    UNDER_APPEAL = "under_appeal"
    PUT_TO_APPEAL = "put_to_appeal"
    REFUSED_FINALLY = "refused_finally"
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """What can happen to an application."""

    DRAFTED = "drafted"
    EDITED = "edited"
    SUBMITTED = "submitted"
    REVIEW_STARTED = "review_started"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_PROVIDED = "information_provided"
    REQUEST_WITHDRAWN = "request_withdrawn"
    INFORMATION_COMPLETE = "information_complete"
    AMENDED = "amended"
    DOCUMENT_ADDED = "document_added"
    DISCLOSED = "disclosed"
    PRACTICE_ASSESSED = "practice_assessed"
    FINDING_RECORDED = "finding_recorded"
    SAFETY_CASE_JUDGED = "safety_case_judged"
    RECUSED = "recused"
    NOTE_ADDED = "note_added"
    PROPOSED = "proposed"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    VOTE_RECEIVED = "vote_received"
    VOTE_VOIDED = "vote_voided"
    DECISION_GRANTED = "decision_granted"
    DECISION_REFUSED = "decision_refused"
    REFUSED_BY_RULE = "refused_by_rule"
    APPEALED = "appealed"
    PERMIT_ISSUED = "permit_issued"
    GRANT_VOIDED = "grant_voided"
    WITHDRAWN = "withdrawn"


StateT = TypeVar("StateT", bound=StrEnum)
KindT = TypeVar("KindT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TransitionTable(Generic[StateT, KindT]):
    """For each kind of event, from which states it leads to which; None is no case."""

    rows: Mapping[KindT, Mapping[StateT | None, StateT]]

    def possible(self, state: StateT | None) -> tuple[KindT, ...]:
        """Return the kinds of event that may happen in a state."""
        return tuple(kind for kind, row in self.rows.items() if state in row)

    def next_state(self, state: StateT | None, kind: KindT) -> StateT:
        """Return the state after an event.

        Raises:
            TransitionRefused: if such an event does not happen in that state.

        """
        row: Mapping[StateT | None, StateT] = self.rows.get(kind, {})
        if state in row:
            return row[state]
        where = "does not exist yet" if state is None else f"is {state.value}"
        possible = ", ".join(one.value for one in self.possible(state)) or "nothing"
        raise TransitionRefused(
            f"The case {where}: the event {kind.value} does not happen then.",
            remedy=f"Possible now: {possible}.",
        )

    def diagram(self) -> str:
        """Return the table as the text of a mermaid state diagram."""
        lines = ["stateDiagram-v2", *(f"    {line}" for line in self._arrows())]
        return "\n".join(lines) + "\n"

    def _arrows(self) -> Iterator[str]:
        arrows: dict[tuple[StateT | None, StateT], list[str]] = {}
        for kind, row in self.rows.items():
            for source, target in row.items():
                arrows.setdefault((source, target), []).append(kind.value)
        for (source, target), kinds in arrows.items():
            start = "[*]" if source is None else source.value
            yield f"{start} --> {target.value}: {', '.join(kinds)}"
        left = {source for source, target in arrows if source is not target}
        for state in dict.fromkeys(target for _, target in arrows):
            if state not in left:
                yield f"{state.value} --> [*]"


def _stays(*states: State) -> dict[State | None, State]:
    return {state: state for state in states}


_IN_REVIEW = (State.UNDER_REVIEW, State.INFORMATION_REQUESTED)
_BEFORE_VOTE = (State.SUBMITTED, *_IN_REVIEW)
_AT_ANY_STAGE = (*_BEFORE_VOTE, State.PUT_TO_VOTE, State.UNDER_APPEAL)
VOTED_ON = (State.PUT_TO_VOTE, State.PUT_TO_APPEAL)

APPLICATION_TABLE: TransitionTable[State, Kind] = TransitionTable(
    MappingProxyType(
        {
            Kind.DRAFTED: {None: State.DRAFT},
            Kind.EDITED: _stays(State.DRAFT),
            Kind.SUBMITTED: {State.DRAFT: State.SUBMITTED},
            Kind.REVIEW_STARTED: {State.SUBMITTED: State.UNDER_REVIEW},
            Kind.INFORMATION_REQUESTED: dict.fromkeys(
                _IN_REVIEW, State.INFORMATION_REQUESTED
            ),
            Kind.INFORMATION_PROVIDED: _stays(State.INFORMATION_REQUESTED),
            Kind.REQUEST_WITHDRAWN: _stays(State.INFORMATION_REQUESTED),
            Kind.INFORMATION_COMPLETE: {
                State.INFORMATION_REQUESTED: State.UNDER_REVIEW
            },
            Kind.AMENDED: {
                **_stays(*_BEFORE_VOTE),
                State.PUT_TO_VOTE: State.UNDER_REVIEW,
            },
            Kind.DOCUMENT_ADDED: _stays(*_BEFORE_VOTE),
            Kind.DISCLOSED: _stays(*_AT_ANY_STAGE),
            Kind.PRACTICE_ASSESSED: _stays(*_IN_REVIEW),
            Kind.FINDING_RECORDED: _stays(*_IN_REVIEW),
            Kind.SAFETY_CASE_JUDGED: _stays(*_IN_REVIEW),
            Kind.RECUSED: _stays(*_BEFORE_VOTE),
            Kind.NOTE_ADDED: _stays(*_AT_ANY_STAGE),
            Kind.PROPOSED: {
                State.UNDER_REVIEW: State.PUT_TO_VOTE,
                State.UNDER_APPEAL: State.PUT_TO_APPEAL,
            },
            Kind.PROPOSAL_WITHDRAWN: {
                State.PUT_TO_VOTE: State.UNDER_REVIEW,
                State.PUT_TO_APPEAL: State.UNDER_APPEAL,
            },
            Kind.VOTE_RECEIVED: _stays(*VOTED_ON),
            Kind.VOTE_VOIDED: _stays(*VOTED_ON),
            Kind.DECISION_GRANTED: dict.fromkeys(VOTED_ON, State.GRANTED),
            Kind.DECISION_REFUSED: {
                State.PUT_TO_VOTE: State.REFUSED,
                State.PUT_TO_APPEAL: State.REFUSED_FINALLY,
            },
            Kind.REFUSED_BY_RULE: {State.UNDER_REVIEW: State.REFUSED},
            Kind.APPEALED: {State.REFUSED: State.UNDER_APPEAL},
            Kind.PERMIT_ISSUED: _stays(State.GRANTED),
            Kind.GRANT_VOIDED: {State.GRANTED: State.UNDER_REVIEW},
            Kind.WITHDRAWN: dict.fromkeys(
                (State.DRAFT, *_BEFORE_VOTE, State.PUT_TO_VOTE), State.WITHDRAWN
            ),
        }
    )
)


def next_state(state: State | None, kind: Kind) -> State:
    """Return the state of an application after an event; None is no case yet.

    Raises:
        TransitionRefused: if such an event does not happen in that state.

    """
    return APPLICATION_TABLE.next_state(state, kind)


def diagram() -> str:
    """Return the states of an application as the text of a mermaid diagram."""
    return APPLICATION_TABLE.diagram()
