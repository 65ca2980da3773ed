"""docs/applications.md: its example is complete, its tables name all there is."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.authorisation.application.cases import (
    NOW,
    TREATY,
    Case,
    application,
    under_review,
)

from assent.authorisation.application import (
    APPEAL_WORKING_DAYS,
    CHASED_BEFORE_WORKING_DAYS,
    State,
    amend,
    check_completeness,
    decision_clock,
    parse_application,
    provide_information,
    request_information,
)

PAGE = (Path(__file__).parents[4] / "docs" / "applications.md").read_text()
EXAMPLE = PAGE.split("```yaml\n")[1].split("```")[0]


def test_the_example_is_a_complete_application() -> None:
    assert check_completeness(parse_application(EXAMPLE), TREATY, NOW) == []


def test_every_field_is_in_the_example_and_in_the_table() -> None:
    table = PAGE.split("| field |")[1].split("\n\n")[0]
    example = parse_application(EXAMPLE).plain
    parts = ("assessment", "requested", "developer", "oversight")
    evidence: Any = example["evidence"]
    fields: list[Any] = [
        example,
        *(example[part] for part in parts),
        *evidence,
        {"case_id": "", "evaluations": ""},
    ]
    for name in {name for part in fields for name in part} - {"assent"}:
        assert f"`{name}`" in table, name


def test_every_state_is_explained() -> None:
    for state in State:
        assert f"`{state.value}`" in PAGE.split("## For officers")[1]


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"within {APPEAL_WORKING_DAYS} working days" in PAGE
    assert CHASED_BEFORE_WORKING_DAYS == (5, 1)
    assert "reminded five and one working days before" in PAGE


def _answered_after(days: int) -> Case:
    case = under_review()
    case.do(request_information, "rfi-1", "Why?", answer_working_days=9, treaty=TREATY)
    case.now += timedelta(days=days)
    case.do(provide_information, "rfi-1", "So.")
    return case


def _amended() -> Case:
    case = under_review()
    case.now += timedelta(days=1)
    case.do(amend, application(purpose="Another."), "Why", treaty=TREATY)
    return case


@pytest.mark.parametrize(
    ("case", "row"),
    [
        (under_review(), "submitted on Monday 2 March 2026"),
        (_answered_after(1), "… asked on the 2nd, answered on Tuesday the 3rd"),
        (_answered_after(5), "… asked on the 2nd, answered on Saturday the 7th"),
        (_amended(), "… amended on the 3rd, nothing asked"),
    ],
    ids=["plain", "a day", "a weekend", "amended"],
)
def test_the_table_of_days_is_what_the_clock_says(case: Case, row: str) -> None:
    clock = decision_clock(case.folded, TREATY, date(2026, 3, 10))
    assert clock is not None
    due = f"{clock.due:%A} {clock.due.day} {clock.due:%B}"
    assert re.search(re.escape(f"| {row} | {due} |"), PAGE)
