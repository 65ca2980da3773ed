"""Events of a case, and the chain that shows any change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assent.authorisation.docket import (
    BODY_BYTES_MAX,
    CaseDamaged,
    Event,
    RecordedEvent,
    chain,
    verify_chain,
)
from assent.vocabulary import DocumentInvalid, DocumentTooLarge, QuantityInvalid

CASE = "application-2026-0001"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

bodies = st.dictionaries(
    st.text("abc", max_size=3),
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("xyz", max_size=3),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=4,
    ),
    max_size=3,
)
events = st.builds(
    Event,
    kind=st.sampled_from(["drafted", "edited", "submitted"]),
    time=st.integers(0, 1_000).map(lambda s: NOW + timedelta(seconds=s)),
    actor=st.sampled_from(["KEN", "Example Labs"]),
    body=bodies,
)
histories = st.lists(events, min_size=1, max_size=6).map(
    lambda found: chain(CASE, [], found)
)


FIELDS = ("kind", "time", "actor", "body")


def _mixed(one: Event, other: Event, name: str) -> Event:
    """Return one event with a single field of another."""
    return event(**{f: getattr(other if f == name else one, f) for f in FIELDS})


def event(**fields: Any) -> Event:  # noqa: ANN401 - any field
    return Event(**{"kind": "drafted", "time": NOW, "actor": "KEN", **fields})


@given(histories)
def test_a_chain_holds_and_can_be_made_in_steps(history: list[RecordedEvent]) -> None:
    verify_chain(history)
    made: list[RecordedEvent] = []
    for recorded in history:
        made += chain(CASE, made[-1:], [recorded.event])
    assert made == history


@given(histories, st.data())
def test_any_single_change_before_the_end_is_found(
    history: list[RecordedEvent], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(history) - 1))
    was = history[place]
    changed = data.draw(
        st.one_of(
            events.map(lambda new: replace(was, event=new)),
            st.tuples(events, st.sampled_from(FIELDS)).map(
                lambda new: replace(was, event=_mixed(was.event, *new))
            ),
            st.integers(-1, 9).map(lambda number: replace(was, number=number)),
            st.just(replace(was, previous="sha256:" + "1" * 64)),
            st.just(replace(was, case_id="application-2026-0002")),
        )
    )
    assume(changed != was)
    known = history[-1].digest  # what the reader, or the public log, remembers
    history[place] = changed
    try:
        verify_chain(history)
    except CaseDamaged:
        return
    assert place == len(history) - 1 or len(history) == 1
    assert history[-1].digest != known


@given(histories, st.data())
def test_what_is_left_out_doubled_or_exchanged_is_found(
    history: list[RecordedEvent], data: st.DataObject
) -> None:
    assume(len(history) > 1)
    place = data.draw(st.integers(0, len(history) - 2))
    wrong = data.draw(
        st.sampled_from(
            [
                history[:place] + history[place + 1 :],
                history[: place + 1] + history[place:],
                [
                    *history[:place],
                    history[place + 1],
                    history[place],
                    *history[place + 2 :],
                ],
            ]
        )
    )
    with pytest.raises(CaseDamaged, match="not the one that was recorded"):
        verify_chain(wrong)


@given(histories, histories)
def test_the_same_events_of_another_case_have_other_digests(
    one: list[RecordedEvent], two: list[RecordedEvent]
) -> None:
    other = chain("permit-2026-0001", [], [recorded.event for recorded in two])
    assert {r.digest for r in one}.isdisjoint(r.digest for r in other)


def test_no_events_are_a_chain() -> None:
    verify_chain([])
    assert chain(CASE, [], []) == []


@pytest.mark.parametrize(
    "case_id",
    ["", "application", "application-26-0001", "Application-2026-0001", f"{CASE}\n"],
)
def test_a_case_has_an_identifier(case_id: str) -> None:
    with pytest.raises(DocumentInvalid, match="is no case"):
        chain(case_id, [], [event()])


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": ""},
        {"kind": "Drafted"},
        {"kind": "x" * 70},
        {"actor": ""},
        {"actor": "two\nlines"},
        {"actor": "turned \u202e round"},
        {"actor": "x" * 201},
    ],
)
def test_names_that_could_mislead_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(DocumentInvalid, match="one line"):
        event(**fields)


def test_a_body_holds_what_can_be_written_down() -> None:
    with pytest.raises(QuantityInvalid, match="no canonical form"):
        event(body={"cost": 0.1})
    with pytest.raises(QuantityInvalid, match="no time zone"):
        event(time=datetime(2026, 3, 1))  # noqa: DTZ001 - that is the case
    with pytest.raises(DocumentTooLarge, match="1,000,000 bytes"):
        event(body={"text": "x" * BODY_BYTES_MAX})


def test_nobody_changes_a_body_afterwards() -> None:
    body = {"a": 1}
    made = event(body=body)
    body["a"] = 2
    assert made.body == {"a": 1}
    with pytest.raises(TypeError):
        made.body["a"] = 3  # type: ignore[index]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "edited"},
        {"time": NOW + timedelta(seconds=1)},
        {"actor": "NOR"},
        {"body": {"a": 1}},
        {"body": {"a": {"b": [1, 3]}}},
    ],
)
def test_every_field_of_an_event_is_part_of_its_digest(fields: dict[str, Any]) -> None:
    was = chain(CASE, [], [event(body={"a": {"b": [1, 2]}}), event()])
    changed = replace(was[0], event=replace(was[0].event, **fields))
    assert changed.digest != was[0].digest
    with pytest.raises(CaseDamaged, match="Event 2"):
        verify_chain([changed, was[1]])
