"""Precedents: the same list for everybody, the nearest first, each with reasons."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import ON

from assent.authorisation.review import PastDecision, similar
from assent.authorisation.review.precedents import milli_log10

NOW = PastDecision(
    case_id="application-2026-0009",
    developer="Example Labs",
    flop=10**25,
    features=frozenset({"open_tools"}),
    outcome="",
    decided=ON,
)


def _past(number: int, flop: int = 10**25, **other: object) -> PastDecision:
    case_id = f"application-2025-{number:04}"
    changed = replace(NOW, case_id=case_id, flop=flop, outcome="granted")
    return replace(changed, **{"developer": "Other Labs", **other})  # type: ignore[arg-type]


def test_the_nearest_comes_first_with_its_reasons() -> None:
    far = _past(1, 10**23)
    near = _past(2, 2 * 10**25)
    odd = _past(3, features=frozenset({"acts_unattended"}))
    found = similar([far, odd, near], NOW)
    assert [precedent.past for precedent in found] == [near, far, odd]
    assert found[0].reasons == (
        "0.301 orders of magnitude apart in FLOP",
        "both: open_tools",
    )
    assert "only one of them: acts_unattended, open_tools" in found[2].reasons


def test_the_same_developer_is_nearer() -> None:
    other, same = _past(1), _past(2, developer="Example Labs")
    found = similar([other, same], NOW)
    assert found[0].past == same
    assert "the same developer" in found[0].reasons


def test_neither_the_case_itself_nor_a_later_decision_is_a_precedent() -> None:
    later = _past(1, decided=ON + timedelta(days=1))
    assert similar([NOW, later], NOW) == []


def test_there_is_a_limit() -> None:
    many = [_past(number) for number in range(30)]
    assert len(similar(many, NOW)) == 10
    assert len(similar(many, NOW, limit=3)) == 3
    assert similar(many, NOW, limit=-1) == []


@given(st.permutations([_past(number, 10 ** (20 + number)) for number in range(6)]))
def test_the_order_of_what_is_given_changes_nothing(past: list[PastDecision]) -> None:
    in_order = sorted(past, key=lambda decision: decision.case_id)
    assert similar(past, NOW) == similar(in_order, NOW)


@given(st.integers(min_value=2, max_value=10**36))
def test_the_logarithm_is_rounded_down_exactly(count: int) -> None:
    milli = milli_log10(count)
    assert 10**milli <= count**1000 < 10 ** (milli + 1)


def test_nothing_has_no_logarithm_and_gives_nought() -> None:
    assert milli_log10(0) == milli_log10(1) == 0
    assert milli_log10(10**36) == 36_000
