"""Counting: against a slow oracle that tries everything that may still come."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.deciding.ballots import (
    ABSTAIN,
    APPROVE,
    CLOSES,
    LATER,
    NOON,
    RECUSE,
    REJECT,
    proposal,
)

from assent.authorisation.review.deciding import (
    Choice,
    Outcome,
    Proposal,
    Tally,
    VotedTwice,
    tally,
)
from assent.authorisation.review.deciding.vote import Vote
from assent.authorisation.treaty import Matter, MatterUnknown, Treaty
from assent.testing.states import SimulatedTreaty

STATES = ("AUS", "BRA", "CAN")
EXPERTS = ("expert-1", "expert-2", "expert-3")
ASKED = {
    Matter.PERMIT: proposal(),
    Matter.HORIZON_EXCEPTION: proposal(matter=Matter.HORIZON_EXCEPTION),
}


@cache
def treaty_with(block: int) -> Treaty:
    """Return one of three states: two grant; two experts and all states except."""
    made = SimulatedTreaty(states=STATES, needed=2)
    organs = {organ["name"]: organ for organ in made.form["organs"]}
    organs["board"]["members"] = list(EXPERTS)
    organs["board"]["approve"] = f"group q 2 {' '.join(EXPERTS)}\nquorum q\n"
    if block:
        lines = f"group b {block} {' '.join(STATES)}\nquorum b\n"
        organs["council"]["block"] = organs["assembly"]["block"] = lines
    return made.treaty


def vote(member: str, choice: Choice) -> Vote:
    return Vote(
        member=member,
        choice=choice,
        reason="",
        time=NOON,
        key_id="",
        paper_signature=None,
    )


def count(
    choices: Mapping[str, Choice],
    asked: Proposal,
    block: int = 0,
    *,
    late: bool = False,
) -> Tally:
    cast = [vote(member, choice) for member, choice in choices.items()]
    return tally(cast, asked, treaty_with(block), LATER if late else NOON)


def at_the_deadline(choices: Mapping[str, Choice], asked: Proposal, block: int) -> bool:
    """Count by hand what the treaty above asks for."""
    yes = {m for m, c in choices.items() if c is APPROVE} - asked.excluded.keys()
    no = {m for m, c in choices.items() if c is REJECT} - asked.excluded.keys()
    if block and len(no & set(STATES)) >= block:
        return False
    if asked.matter is Matter.PERMIT:
        return len(yes & set(STATES)) >= 2
    return len(yes & set(STATES)) == 3 and len(yes & set(EXPERTS)) >= 2


def completions(
    choices: Mapping[str, Choice], voters: tuple[str, ...]
) -> Iterator[dict[str, Choice]]:
    silent = [member for member in voters if member not in choices]
    for rest in itertools.product([*Choice, None], repeat=len(silent)):
        come = {m: c for m, c in zip(silent, rest, strict=True) if c is not None}
        yield {**choices, **come}


def expected(choices: Mapping[str, Choice], asked: Proposal, block: int) -> Outcome:
    voters = STATES if asked.matter is Matter.PERMIT else STATES + EXPERTS
    open_to = tuple(member for member in voters if member not in asked.excluded)
    ends = {
        at_the_deadline(possible, asked, block)
        for possible in completions(choices, open_to)
    }
    if ends == {True}:
        return Outcome.GRANTED
    return Outcome.REFUSED if ends == {False} else Outcome.OPEN


@pytest.mark.parametrize("block", [0, 1, 2, 3])
@pytest.mark.parametrize("excluded", [(), ("AUS",), ("AUS", "CAN")])
def test_every_state_of_a_small_council_comes_out_as_the_oracle_says(
    block: int, excluded: tuple[str, ...]
) -> None:
    asked = proposal(excluded=dict.fromkeys(excluded, "owns shares"))
    members = tuple(member for member in STATES if member not in excluded)
    for choices in completions({}, members):
        assert count(choices, asked, block).outcome is expected(choices, asked, block)


six = st.dictionaries(
    st.sampled_from(STATES + EXPERTS), st.sampled_from(Choice), min_size=2
)


@given(six, st.integers(0, 3), st.sets(st.sampled_from(STATES + EXPERTS), max_size=2))
def test_a_board_and_all_states_come_out_as_the_oracle_says(
    choices: dict[str, Choice], block: int, excluded: set[str]
) -> None:
    asked = proposal(
        matter=Matter.HORIZON_EXCEPTION,
        excluded=dict.fromkeys(sorted(excluded), "owns shares"),
    )
    choices = {m: c for m, c in choices.items() if m not in excluded}
    assert count(choices, asked, block).outcome is expected(choices, asked, block)
    late = count(choices, asked, block, late=True)
    assert (late.outcome is Outcome.GRANTED) == at_the_deadline(choices, asked, block)
    assert late.is_final
    assert not late.pending


@given(six, st.integers(0, 3), st.sampled_from(Matter), st.data())
def test_one_more_approval_never_turns_granted_into_refused(
    choices: dict[str, Choice], block: int, matter: Matter, data: st.DataObject
) -> None:
    asked = ASKED.get(matter, ASKED[Matter.HORIZON_EXCEPTION])
    member = data.draw(st.sampled_from(STATES + EXPERTS))
    for late in (False, True):
        before = count(choices, asked, block, late=late).outcome
        after = count({**choices, member: APPROVE}, asked, block, late=late).outcome
        order = [Outcome.REFUSED, Outcome.OPEN, Outcome.GRANTED]
        assert order.index(after) >= order.index(before)


@given(six, st.integers(0, 3), st.data())
def test_what_ends_early_ends_as_it_would_at_the_deadline(
    choices: dict[str, Choice], block: int, data: st.DataObject
) -> None:
    asked = ASKED[data.draw(st.sampled_from(sorted(ASKED)))]
    early = count(choices, asked, block)
    rest = data.draw(
        st.dictionaries(st.sampled_from(STATES + EXPERTS), st.sampled_from(Choice))
    )
    if early.is_final:
        late = count({**rest, **choices}, asked, block, late=True)
        assert late.outcome is early.outcome


def test_silence_is_refusal_once_the_vote_is_closed() -> None:
    asked = ASKED[Matter.PERMIT]
    last = tally([], asked, treaty_with(0), CLOSES)
    assert last.outcome is Outcome.OPEN
    assert last.pending == set(STATES)
    over = tally([], asked, treaty_with(0), CLOSES + timedelta(seconds=1))
    assert over.outcome is Outcome.REFUSED
    assert "out of reach" in over.reason


def test_members_who_stand_aside_can_break_a_quorum() -> None:
    asked = ASKED[Matter.PERMIT]
    one = count({"AUS": RECUSE}, asked)
    assert (one.outcome, set(one.absent)) == (Outcome.OPEN, {"AUS"})
    two = count({"AUS": RECUSE, "BRA": RECUSE}, asked)
    assert two.outcome is Outcome.REFUSED
    assert "out of reach" in two.reason
    excluded = proposal(excluded={"AUS": "x", "BRA": "y"})
    assert count({}, excluded).outcome is Outcome.REFUSED
    assert count({"CAN": APPROVE}, excluded).absent == {"AUS", "BRA"}


def test_two_thirds_of_the_board_do_not_replace_one_state() -> None:
    asked = ASKED[Matter.HORIZON_EXCEPTION]
    board = dict.fromkeys(EXPERTS, APPROVE)
    states = dict.fromkeys(STATES, APPROVE)
    without = {**board, **states, "CAN": ABSTAIN}
    assert count(without, asked).outcome is Outcome.REFUSED
    one_expert = {**states, "expert-1": APPROVE, "expert-2": REJECT}
    assert count(one_expert, asked).outcome is Outcome.OPEN
    enough = {**one_expert, "expert-3": APPROVE}
    assert count(enough, asked).outcome is Outcome.GRANTED


def test_a_quorum_waits_for_those_who_could_still_block() -> None:
    asked = ASKED[Matter.PERMIT]
    two = {"AUS": APPROVE, "BRA": APPROVE}
    waits = count(two, asked, block=1)
    assert waits.outcome is Outcome.OPEN
    assert "could still be blocked" in waits.reason
    blocked = count({**two, "CAN": REJECT}, asked, block=1)
    assert blocked.outcome is Outcome.REFUSED
    assert "blocked" in blocked.reason
    assert count(two, asked, block=1, late=True).outcome is Outcome.GRANTED


def test_a_member_counts_once() -> None:
    twice = [vote("AUS", APPROVE), vote("AUS", REJECT)]
    with pytest.raises(VotedTwice, match="AUS voted twice"):
        tally(twice, ASKED[Matter.PERMIT], treaty_with(0), NOON)


def test_what_nobody_may_decide_is_refused() -> None:
    made = SimulatedTreaty(states=STATES, needed=2)
    del made.form["matters"]["revocation"]
    asked = proposal(matter=Matter.REVOCATION)
    with pytest.raises(MatterUnknown, match="lets nobody decide"):
        tally([], asked, made.treaty, NOON)


def test_who_leaves_after_the_deadline_takes_no_decision_back() -> None:
    made = SimulatedTreaty(states=STATES, needed=2)
    made.form["parties"][0]["withdrawn"] = "2026-04-21"
    votes = [vote("AUS", APPROVE), vote("BRA", APPROVE)]
    late = tally(votes, ASKED[Matter.PERMIT], made.treaty, LATER)
    assert late.outcome is Outcome.GRANTED
    made.form["parties"][0]["withdrawn"] = "2026-04-20"
    gone = tally(votes, ASKED[Matter.PERMIT], made.treaty, LATER)
    assert (gone.outcome, set(gone.approve)) == (Outcome.REFUSED, {"BRA"})
