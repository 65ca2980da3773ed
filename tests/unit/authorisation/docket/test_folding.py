"""A case that is read from where it was last read is the one its events tell."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assent.authorisation.docket import Event, Folding, RecordedEvent, chain

CASE = "application-2026-0001"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def recorded(*words: str, case_id: str = CASE) -> list[RecordedEvent]:
    return chain(
        case_id,
        [],
        [
            Event(kind="noted", time=NOON, actor="officer", body={"word": word})
            for word in words
        ],
    )


class Counting:
    """Joins the words of events, and counts its steps."""

    def __init__(self) -> None:
        """Begin with no steps."""
        self.steps = 0
        self.folding = Folding(self.step)

    def step(self, before: str | None, one: RecordedEvent) -> str:
        """Take a step."""
        self.steps += 1
        word = str(one.event.body["word"])
        if word == "broken":
            raise ValueError(word)
        return f"{before or ''}{word}"


def test_nothing_is_made_of_no_events() -> None:
    assert Counting().folding.of([]) is None


def test_each_event_is_taken_once() -> None:
    made = Counting()
    events = recorded("a", "b", "c")
    assert [made.folding.of(events[:end]) for end in (2, 3, 3)] == ["ab", "abc", "abc"]
    assert made.steps == 3


def test_a_case_with_another_beginning_is_read_anew() -> None:
    made = Counting()
    assert made.folding.of(recorded("a", "b")) == "ab"
    assert made.folding.of(recorded("x", "b", "c")) == "xbc"
    assert made.folding.of(recorded("a")) == "a"


def test_an_event_that_says_something_else_under_the_same_digest_is_read_anew() -> None:
    made = Counting()
    (event,) = recorded("a")
    assert made.folding.of([event]) == "a"
    other = replace(event, event=replace(event.event, body={"word": "x"}))
    object.__setattr__(other, "digest", event.digest)
    assert made.folding.of([other]) == "x"


def test_what_failed_leaves_what_was_known_before() -> None:
    made = Counting()
    events = recorded("a", "broken")
    assert made.folding.of(events[:1]) == "a"
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            made.folding.of(events)
    assert made.folding.of(events[:1]) == "a"
    assert made.steps == 3


def test_a_very_long_case_and_the_least_recent_of_many_are_not_kept() -> None:
    made = Counting()
    long = recorded("a" * 100_001)
    for _ in range(2):
        made.folding.of(long)
    assert made.steps == 2
    cases = [recorded("a", case_id=f"permit-2026-{n:04}") for n in range(257)]
    for events in cases:
        made.folding.of(events)
    made.folding.of(cases[1])
    assert made.steps == 2 + 257
    made.folding.of(cases[0])
    assert made.steps == 2 + 258
