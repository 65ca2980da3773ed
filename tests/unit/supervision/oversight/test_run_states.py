"""Every pair of a state of a run and a step, against a table written down apart."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.application import TransitionRefused
from assent.supervision.oversight import RunUnknown
from assent.supervision.oversight.run import (
    FINAL,
    RUN_TABLE,
    WHO,
    Happening,
    RunState,
    RunStep,
    Sign,
    run_standing,
)
from assent.testing.trust import NOW

PAGE = Path(__file__).parents[4] / "docs" / "run-states.md"

# One line for each state: what may happen in it, and to which state it leads; `.` is
# the same state.
EXPECTED = """
- | applied planned
planned | refused not_permitted | permitted authorised | terminated terminated
not_permitted | applied planned
authorised | started running | paused paused | terminated terminated | completed completed
running | point_reached stopped_at_point | paused paused | terminated terminated | completed completed
stopped_at_point | reported . | point_passed running | paused paused | terminated terminated | completed completed
paused | paused . | appealed appealed | resumed running | released authorised | terminated terminated | completed completed
appealed | paused . | appeal_decided paused | resumed running | released authorised | terminated terminated | completed completed
terminated
completed
"""  # noqa: E501 - a table


def _expected() -> dict[tuple[str, str], str]:
    found = {}
    for line in EXPECTED.strip().splitlines():
        state, *cells = (cell.strip() for cell in line.split("|"))
        for cell in cells:
            step, target = cell.split()
            found[state, step] = state if target == "." else target
    return found


@pytest.mark.parametrize(
    ("state", "step"), list(product([None, *RunState], RunStep)), ids=str
)
def test_every_step_in_every_state_does_what_the_table_says(
    state: RunState | None, step: RunStep
) -> None:
    target = _expected().get(("-" if state is None else state.value, step.value))
    if target is not None:
        assert RUN_TABLE.next_state(state, step) is RunState(target)
        return
    with pytest.raises(TransitionRefused, match=step.value):
        RUN_TABLE.next_state(state, step)


def test_the_expectation_names_every_state_and_step() -> None:
    lines = [line.split("|")[0].strip() for line in EXPECTED.strip().splitlines()]
    assert lines == ["-", *(state.value for state in RunState)]
    assert {step for _, step in _expected()} == {step.value for step in RunStep}
    assert set(WHO) == set(RunStep)


def test_nothing_follows_on_what_is_final() -> None:
    assert [state for state in RunState if not RUN_TABLE.possible(state)] == [*FINAL]


def test_the_page_shows_the_diagram_of_the_table() -> None:
    assert f"```mermaid\n{RUN_TABLE.diagram()}```" in PAGE.read_text()


def at(minute: int, sign: Sign, name: str = "") -> Happening:
    words = f"{sign.value} {name}"
    return Happening(
        time=NOW + timedelta(minutes=minute), sign=sign, words=words, name=name
    )


LATER = NOW + timedelta(days=1)
BEGUN = [at(0, Sign.APPLIED), at(1, Sign.PERMITTED), at(2, Sign.STARTED)]


def state(*more: Happening) -> RunState:
    return run_standing([*BEGUN, *more], LATER).state


def test_a_run_goes_on_when_the_last_hold_ends() -> None:
    held = [at(3, Sign.HELD, "a"), at(4, Sign.HELD, "b"), at(5, Sign.FREED, "a")]
    assert state(*held) is RunState.PAUSED
    assert state(*held, at(6, Sign.FREED, "b")) is RunState.RUNNING


def test_a_shut_point_still_stops_a_run_that_was_resumed() -> None:
    reached = [at(3, Sign.POINT_REACHED, "p"), at(4, Sign.HELD, "a")]
    assert state(*reached, at(5, Sign.FREED, "a")) is RunState.STOPPED_AT_POINT
    passed = [*reached, at(5, Sign.POINT_PASSED, "p"), at(6, Sign.FREED, "a")]
    assert state(*passed) is RunState.RUNNING


def test_a_run_that_never_started_is_released_and_does_not_run() -> None:
    standing = run_standing(
        [*BEGUN[:2], at(3, Sign.HELD, "a"), at(4, Sign.FREED, "a")], LATER
    )
    assert standing.state is RunState.AUTHORISED
    assert standing.moved[-1].step is RunStep.RELEASED


def test_what_was_suspended_before_the_log_held_it_is_paused_then() -> None:
    standing = run_standing(
        [at(0, Sign.APPLIED), at(1, Sign.HELD, "s"), at(2, Sign.PERMITTED)], LATER
    )
    assert (standing.state, standing.held_by) == (RunState.PAUSED, ("held s",))


def test_an_appeal_against_one_of_two_holds_ends_with_it() -> None:
    held = [at(3, Sign.HELD, "a"), at(4, Sign.HELD, "b"), at(5, Sign.APPEALED, "a")]
    assert state(*held) is RunState.APPEALED
    assert state(*held, at(6, Sign.FREED, "a")) is RunState.PAUSED


def test_a_run_that_was_terminated_stays_so_whatever_comes() -> None:
    over = [at(3, Sign.HELD, "a"), at(4, Sign.TERMINATED)]
    after = [at(5, sign, "a") for sign in Sign]
    assert state(*over, *after) is RunState.TERMINATED


def test_what_is_to_come_has_not_happened() -> None:
    standing = run_standing([*BEGUN, at(9, Sign.HELD, "a")], NOW + timedelta(minutes=8))
    assert standing.state is RunState.RUNNING
    assert standing.since == NOW + timedelta(minutes=2)
    assert "started" in standing.why


def test_nothing_is_a_run_that_nobody_applied_for() -> None:
    with pytest.raises(RunUnknown):
        run_standing([at(0, Sign.HELD, "a")], LATER)


happening = st.builds(
    at, st.integers(0, 30), st.sampled_from(Sign), st.sampled_from(["a", "b"])
)


@given(st.lists(happening, max_size=40))
def test_any_sequence_of_happenings_leads_along_the_table(
    more: list[Happening],
) -> None:
    standing = run_standing([*BEGUN, *more], LATER)
    led: RunState | None = None
    for moved in standing.moved:
        led = RUN_TABLE.next_state(led, moved.step)
    assert led is standing.state
    open_holds: set[str] = set()
    for one in sorted(more, key=lambda one: one.time):
        if one.sign is Sign.HELD:
            open_holds.add(one.name)
        elif one.sign is Sign.FREED:
            open_holds.discard(one.name)
    if standing.state not in FINAL:
        is_paused = standing.state in {RunState.PAUSED, RunState.APPEALED}
        assert is_paused == bool(open_holds)
