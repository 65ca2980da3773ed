"""Versions of an application: how many, what changed, and a grant that was void."""

import sys
from datetime import timedelta
from types import FrameType

import pytest
from tests.unit.authorisation.application.cases import (
    TREATY,
    Case,
    application,
    drafted,
    submitted,
    under_review,
)

from assent.authorisation.application import (
    AMENDMENTS_MAX,
    EDITS_MAX,
    State,
    TransitionRefused,
    amend,
    appeal,
    edit,
    fold,
    submit,
    void_grant,
    withdraw,
)
from assent.authorisation.docket import CaseDamaged
from assent.vocabulary import DocumentInvalid, NotAllowed


def test_what_was_amended_often_enough_is_amended_no_more() -> None:
    case = submitted()
    for number in range(AMENDMENTS_MAX):
        case.do(amend, application(purpose=f"Another {number}."), "-", treaty=TREATY)
    with pytest.raises(NotAllowed, match="50 times") as refusal:
        case.do(amend, application(purpose="One more."), "-", treaty=TREATY)
    assert "clone" in refusal.value.remedy
    case.do(withdraw, "Too much.")
    [one, *_] = case.folded.versions[1:]
    assert [change.path for change in one.changes] == ["/purpose"]
    assert one.changes is one.changes


def test_a_draft_that_was_changed_often_enough_is_changed_no_more() -> None:
    case = drafted()
    for number in range(EDITS_MAX):
        case.do(edit, application(purpose=f"Another {number}."))
    with pytest.raises(NotAllowed, match="50 times"):
        case.do(edit, application(purpose="One more."))
    case.do(submit, TREATY)
    assert case.folded.state is State.SUBMITTED


def test_reading_a_case_compares_no_versions() -> None:
    case = submitted()
    many = {f"k{number}": {"a": str(number)} for number in range(3_000)}
    for turn in range(3):
        declared = {"run": {"id": "run-1"}, "x": {**many, "turn": str(turn)}}
        case.do(amend, application(declaration=declared), "-", treaty=TREATY)
    compared = []

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == "diff":
            compared.append(frame.f_code.co_filename)

    sys.setprofile(count)
    try:
        folded = fold(list(case.history))
        assert not compared
        assert folded.versions[1].changes
    finally:
        sys.setprofile(None)
    assert len(compared) == 1


def test_a_grant_that_makes_no_permit_is_taken_up_again() -> None:
    case = under_review()
    with pytest.raises(TransitionRefused):
        case.do(void_grant, "A key ended.")
    case.happen("proposed", "decision_granted")
    issued = Case(list(case.history))
    with pytest.raises(DocumentInvalid):
        case.do(void_grant, " ")
    case.do(void_grant, "A key ended before the decision was logged.")
    assert case.folded.state is State.UNDER_REVIEW
    issued.happen("permit_issued")
    with pytest.raises(NotAllowed, match="was issued"):
        issued.do(void_grant, "A key ended.")
    with pytest.raises(CaseDamaged, match="the permit was issued"):
        issued.happen("grant_voided", reason="A key ended.")


def test_a_refusal_after_a_grant_that_was_void_can_be_appealed_in_time() -> None:
    case = under_review()
    case.happen("refused_by_rule")
    case.do(appeal, "You are wrong.", treaty=TREATY)
    case.happen("proposed", "decision_granted")
    case.do(void_grant, "A key ended.")
    case.now += timedelta(days=120)
    case.happen("refused_by_rule")
    case.do(appeal, "You are wrong again.", treaty=TREATY)
    assert case.folded.state is State.UNDER_APPEAL
