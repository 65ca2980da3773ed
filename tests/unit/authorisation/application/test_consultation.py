"""A consultation is asked and answered in confidence, and named by its digest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.authorisation.application.cases import (
    DAY,
    DEVELOPER,
    NOW,
    OFFICER,
    document,
)

from assent.authorisation.application import (
    Consultation,
    ConsultationState,
    TransitionRefused,
    answer_consultation,
    application_of,
    ask_further,
    close_consultation,
    consultation_card,
    fold_consultation,
    open_consultation,
)
from assent.authorisation.docket import CaseDamaged, Event, RecordedEvent, chain
from assent.vocabulary import DocumentInvalid, NotFound

CASE = "consultation-2026-0001"


def opened() -> list[RecordedEvent]:
    events = open_consultation(
        DEVELOPER,
        "A plan",
        "What would you ask?",
        {"flop": "4e25"},
        actor="Ada",
        now=NOW,
    )
    return chain(CASE, [], events)


def then(
    history: Sequence[RecordedEvent], verb: Callable[..., list[Event]], text: str
) -> list[RecordedEvent]:
    """Let a verb happen a day later."""
    events = verb(fold_consultation(history), text, actor=OFFICER, now=NOW + DAY)
    return [*history, *chain(CASE, history, events)]


def test_what_is_asked_and_answered_stays() -> None:
    history = then(opened(), answer_consultation, "Who holds the weights?")
    history = then(history, ask_further, "Is SL3 enough?")
    history = then(history, answer_consultation, "We cannot say yet.")
    history = then(history, close_consultation, "Thank you.")
    found = fold_consultation(history)
    assert found.state is ConsultationState.CLOSED
    assert [(one.text, one.is_answer) for one in found.remarks] == [
        ("What would you ask?", False),
        ("Who holds the weights?", True),
        ("Is SL3 enough?", False),
        ("We cannot say yet.", True),
        ("Thank you.", False),
    ]
    assert found.plan == {"flop": "4e25"}


def test_its_digest_travels_into_the_application() -> None:
    found = fold_consultation(then(opened(), answer_consultation, "Nothing."))
    reference = found.reference
    named = {"case_id": reference.case_id, "digest": reference.digest}
    made = application_of(document(consultation=named))
    assert made.consultation == reference


def test_another_answer_is_another_digest() -> None:
    yes, no = (
        fold_consultation(then(opened(), answer_consultation, text)).digest
        for text in ("Yes.", "No.")
    )
    assert yes != no


@pytest.mark.parametrize("verb", [ask_further, answer_consultation, close_consultation])
def test_nothing_is_said_after_the_end(verb: Callable[..., list[Event]]) -> None:
    closed = then(opened(), close_consultation, "Not needed.")
    with pytest.raises(TransitionRefused, match="closed"):
        then(closed, verb, "One more thing.")


@pytest.mark.parametrize("text", ["", " ", "x" * 20_001])
def test_words_say_something_and_end(text: str) -> None:
    with pytest.raises(DocumentInvalid):
        then(opened(), answer_consultation, text)


def test_the_card_says_who_has_to_act() -> None:
    history = opened()
    card = consultation_card(history)
    assert (card.kind, card.state, card.waiting_for) == (
        "consultation",
        "open",
        "officer",
    )
    assert (card.title, card.developer, card.due) == ("A plan", DEVELOPER, None)
    answered = then(history, answer_consultation, "Nothing.")
    assert consultation_card(answered).waiting_for == "applicant"
    closed = consultation_card(then(answered, close_consultation, "Thanks."))
    assert (closed.waiting_for, closed.events) == ("nobody", 3)


def test_the_card_shows_nothing_of_what_was_said() -> None:
    assert "ask" not in str(dict(consultation_card(opened()).details))


def test_no_events_are_no_consultation() -> None:
    with pytest.raises(NotFound):
        fold_consultation([])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("consultation_asked", {"text": "First?"}),
        ("drafted", {}),
        ("consultation_opened", {}),
        (
            "consultation_opened",
            {"text": "a", "plan": [], "developer": "b", "title": "c"},
        ),
        (
            "consultation_opened",
            {"text": 1, "plan": {}, "developer": "b", "title": "c"},
        ),
    ],
    ids=["asked first", "another kind", "empty", "plan is a list", "text is a number"],
)
def test_what_cannot_have_happened_means_damage(
    kind: str, body: dict[str, Any]
) -> None:
    event = Event(kind=kind, time=NOW, actor="Ada", body=body)
    with pytest.raises(CaseDamaged, match=CASE):
        fold_consultation(chain(CASE, [], [event]))


def test_a_missing_event_means_damage() -> None:
    history = then(opened(), answer_consultation, "Nothing.")
    with pytest.raises(CaseDamaged):
        fold_consultation(history[1:])


def test_a_changed_answer_means_damage() -> None:
    history = then(opened(), answer_consultation, "We would ask about containment.")
    history = then(history, close_consultation, "Thanks.")
    softened = replace(history[1].event, body={"text": "We would ask nothing."})
    history[1] = replace(history[1], event=softened)
    with pytest.raises(CaseDamaged):
        fold_consultation(history)


def test_a_consultation_is_what_its_events_say() -> None:
    found = fold_consultation(opened())
    assert isinstance(found, Consultation)
    assert (found.opened, found.updated, found.events) == (NOW, NOW, 1)


def test_a_plan_is_plain_and_not_too_deep() -> None:
    nested: Any = []
    for _ in range(2_000):
        nested = [nested]
    for plan in ({"deep": nested}, {"bytes": b"no"}, {"half": "\ud800"}):
        with pytest.raises(DocumentInvalid, match="cannot be written down"):
            open_consultation(DEVELOPER, "A", "What?", plan, actor="Ada", now=NOW)
    share: dict[str, Any] = {"share": 0.5}
    [event] = open_consultation(DEVELOPER, "A", "What?", share, actor="Ada", now=NOW)
    assert event.body["plan"] == {"share": "0.5"}
