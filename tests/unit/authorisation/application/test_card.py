"""A card says who has to act, by when, and what a case is found by."""

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.application.cases import (
    CASE,
    DEVELOPER,
    NOW,
    OFFICER,
    TREATY,
    Case,
    application,
    drafted,
    submitted,
    under_review,
)

from assent.authorisation.application import (
    amend,
    application_card,
    check_deadlines,
    end_of,
    flop_log10_milli,
    provide_information,
    request_information,
    withdraw,
)
from assent.authorisation.docket import Card
from assent.testing.states import SimulatedTreaty
from assent.vocabulary import canonical_bytes


def card(case: Case) -> Card:
    return application_card(case.history, TREATY)


def test_shows_the_case() -> None:
    case = under_review()
    shown = card(case)
    assert (shown.case_id, shown.kind, shown.state) == (
        CASE,
        "application",
        "under_review",
    )
    assert (shown.title, shown.developer) == ("Llama again", DEVELOPER)
    assert (shown.opened, shown.updated, shown.events) == (NOW, NOW, 3)


def test_details_are_what_similar_cases_are_found_by() -> None:
    case = under_review()
    case.do(amend, application(purpose="Another."), "Why", treaty=TREATY)
    details = card(case).details
    assert details["flop"] == "40000000000000000000000000"
    assert details["flop_log10_milli"] == 25_602
    assert details["matter"] == "permit"
    assert details["family"] == "llama"
    assert details["run_properties"] == ["rl-share", "scale"]
    assert details["versions"] == 2
    assert details["officer"] == OFFICER
    assert details["application_digest"] == case.folded.application.digest
    canonical_bytes(details)


def test_a_bare_draft_has_a_card_too() -> None:
    bare = drafted(requested=None, assessment=None, run_properties={})
    shown = card(bare)
    assert (shown.waiting_for, shown.due) == ("applicant", None)
    assert shown.details["flop"] is None
    assert shown.details["flop_log10_milli"] is None


@pytest.mark.parametrize(
    ("kinds", "waiting_for"),
    [
        ([], "officer"),
        (["proposed"], "members"),
        (["proposed", "decision_granted"], "agency"),
        (["proposed", "decision_granted", "permit_issued"], "nobody"),
        (["refused_by_rule"], "nobody"),
    ],
)
def test_says_who_has_to_act(kinds: list[str], waiting_for: str) -> None:
    case = under_review()
    case.happen(*kinds)
    assert card(case).waiting_for == waiting_for


def test_the_decision_the_answer_and_the_vote_are_due_in_turn() -> None:
    case = submitted()
    assert card(case).waiting_for == "officer"
    assert card(case).due == end_of(date(2026, 3, 30))

    case = under_review()
    for number, days in enumerate((10, 5)):
        case.do(
            request_information,
            f"rfi-{number}",
            "Why?",
            answer_working_days=days,
            treaty=TREATY,
        )
    assert card(case).waiting_for == "applicant"
    assert card(case).due == end_of(date(2026, 3, 9))
    assert card(case).details["requests_open"] == 2
    case.do(provide_information, "rfi-1", "So.")
    assert card(case).due == end_of(date(2026, 3, 16))
    case.do(provide_information, "rfi-0", "So.")
    assert card(case).due == end_of(date(2026, 3, 30))

    case.happen("proposed", proposal={"closes": "2026-03-20T23:59:59Z"})
    assert card(case).due == datetime(2026, 3, 20, 23, 59, 59, tzinfo=UTC)
    case.do(withdraw, "No money.")
    assert (card(case).waiting_for, card(case).due) == ("nobody", None)


def test_a_treaty_that_cannot_say_leaves_the_card_without_a_day() -> None:
    simulated = SimulatedTreaty()
    del simulated.form["matters"]["permit"]
    assert application_card(submitted().history, simulated.treaty).due is None
    simulated = SimulatedTreaty()
    simulated.form["calendar"] |= {"closed": [], "last": "2026-03-10"}
    assert application_card(submitted().history, simulated.treaty).due is None


@pytest.mark.parametrize(
    ("flop", "milli"), [(0, None), (1, 0), (10**25, 25_000), (10**25 - 1, 24_999)]
)
def test_the_logarithm_is_rounded_down(flop: int, milli: int | None) -> None:
    assert flop_log10_milli(flop) == milli


@given(st.integers(1, 10**36))
def test_the_logarithm_is_that_of_the_count(flop: int) -> None:
    milli = flop_log10_milli(flop)
    assert milli is not None
    assert abs(milli + 0.5 - 1000 * math.log10(flop)) <= 0.5 + 1e-6


def test_nothing_is_due_in_a_withdrawn_case_that_was_asked_something() -> None:
    case = under_review()
    case.do(request_information, "rfi-1", "Why?", answer_working_days=5, treaty=TREATY)
    case.do(withdraw, "No money.")
    assert card(case).due is None
    assert card(case).details["requests_open"] == 0
    assert check_deadlines(case.folded, TREATY, date(2026, 12, 1)) == []
