"""Every pair of a state and an event, against a table that was written down apart."""

from itertools import product
from pathlib import Path

import pytest

from assent.authorisation.application import (
    APPLICATION_TABLE,
    CONSULTATION_TABLE,
    ConsultationKind,
    ConsultationState,
    Kind,
    State,
    TransitionRefused,
    diagram,
    next_state,
)
from assent.vocabulary import NotAllowed

PAGE = Path(__file__).parents[4] / "docs" / "application-states.md"

# One line for each state: what may happen in it, and to which state it leads; `.` is
# the same state.
EXPECTED = """
- | drafted draft
draft | edited . | submitted submitted | withdrawn withdrawn
submitted | review_started under_review | amended . | document_added . | disclosed . | note_added . | recused . | withdrawn withdrawn
under_review | information_requested information_requested | amended . | document_added . | disclosed . | practice_assessed . | finding_recorded . | safety_case_judged . | recused . | note_added . | proposed put_to_vote | refused_by_rule refused | withdrawn withdrawn
information_requested | information_requested . | information_provided . | request_withdrawn . | information_complete under_review | amended . | document_added . | disclosed . | practice_assessed . | finding_recorded . | safety_case_judged . | recused . | note_added . | withdrawn withdrawn
put_to_vote | amended under_review | disclosed . | note_added . | proposal_withdrawn under_review | vote_received . | vote_voided . | decision_granted granted | decision_refused refused | withdrawn withdrawn
granted | permit_issued . | grant_voided under_review
refused | appealed under_appeal
under_appeal | disclosed . | note_added . | proposed put_to_appeal
put_to_appeal | proposal_withdrawn under_appeal | vote_received . | vote_voided . | decision_granted granted | decision_refused refused_finally
refused_finally
withdrawn
"""  # noqa: E501 - a table


def _expected() -> dict[tuple[str, str], str]:
    found = {}
    for line in EXPECTED.strip().splitlines():
        state, *cells = (cell.strip() for cell in line.split("|"))
        for cell in cells:
            kind, target = cell.split()
            found[state, kind] = state if target == "." else target
    return found


@pytest.mark.parametrize(
    ("state", "kind"), list(product([None, *State], Kind)), ids=str
)
def test_every_event_in_every_state_does_what_the_table_says(
    state: State | None, kind: Kind
) -> None:
    target = _expected().get(("-" if state is None else state.value, kind.value))
    if target is not None:
        assert next_state(state, kind) is State(target)
        return
    with pytest.raises(TransitionRefused) as refusal:
        next_state(state, kind)
    assert isinstance(refusal.value, NotAllowed)
    assert kind.value in refusal.value.message
    assert ("does not exist" if state is None else state.value) in refusal.value.message
    for possible in APPLICATION_TABLE.possible(state):
        assert possible.value in refusal.value.remedy


def test_the_expectation_names_every_state_and_kind() -> None:
    lines = [line.split("|")[0].strip() for line in EXPECTED.strip().splitlines()]
    assert lines == ["-", *(state.value for state in _in_order(lines))]
    assert {kind for _, kind in _expected()} == {kind.value for kind in Kind}


def _in_order(lines: list[str]) -> list[State]:
    states = [State(line) for line in lines[1:]]
    assert set(states) == set(State)
    return states


CONSULTATION = {
    (None, "consultation_opened"): "open",
    ("open", "consultation_asked"): "open",
    ("open", "consultation_answered"): "answered",
    ("open", "consultation_closed"): "closed",
    ("answered", "consultation_asked"): "open",
    ("answered", "consultation_answered"): "answered",
    ("answered", "consultation_closed"): "closed",
}


@pytest.mark.parametrize(
    ("state", "kind"),
    list(product([None, *ConsultationState], ConsultationKind)),
    ids=str,
)
def test_every_event_of_a_consultation_does_what_its_table_says(
    state: ConsultationState | None, kind: ConsultationKind
) -> None:
    target = CONSULTATION.get((state, kind.value))
    if target is not None:
        assert CONSULTATION_TABLE.next_state(state, kind) == target
    else:
        with pytest.raises(TransitionRefused, match=kind.value):
            CONSULTATION_TABLE.next_state(state, kind)


def test_a_refusal_says_when_nothing_is_possible_any_more() -> None:
    with pytest.raises(TransitionRefused) as refusal:
        next_state(State.WITHDRAWN, Kind.AMENDED)
    assert refusal.value.remedy == "Possible now: nothing."


def test_the_diagram_draws_every_transition_once() -> None:
    drawn = {
        (source, kind): target
        for line in diagram().splitlines()[1:]
        if ":" in line
        for arrow, kinds in [line.strip().split(": ")]
        for source, target in [arrow.split(" --> ")]
        for kind in kinds.split(", ")
    }
    expected = {
        ("[*]" if source == "-" else source, kind): target
        for (source, kind), target in _expected().items()
    }
    assert drawn == expected


def test_the_page_of_states_is_made_from_the_tables() -> None:
    assert PAGE.read_text() == (
        "# The states of a case\n\n"
        "Made from the tables in `assent.authorisation.application`; a test compares"
        " them. What each state means is in\n[applications](applications.md).\n\n"
        "## Applications\n\n"
        f"```mermaid\n{diagram()}```\n\n"
        "## Consultations\n\n"
        f"```mermaid\n{CONSULTATION_TABLE.diagram()}```\n"
    )
