"""An application is read strictly, and written the same way by everybody."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.application.cases import SHA, application, document

from assent.authorisation.application import (
    APPLICATION_BYTES_MAX,
    application_of,
    evidence_of,
    parse_application,
)
from assent.authorisation.treaty import Matter
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    DocumentTooLarge,
    canonical_bytes,
    parse_canonical,
)


def test_counts_and_times_are_read_exactly() -> None:
    read = application()
    assert read.requested is not None
    assert read.requested.flop == 4 * 10**25
    assert read.requested.chips == {"h100_sxm": 1024}
    assert read.requested.not_before == datetime(2026, 6, 1, tzinfo=UTC)
    assert read.matter is Matter.PERMIT


def test_what_was_written_is_read_back_the_same() -> None:
    written = application()
    stored = parse_canonical(canonical_bytes(written.plain))
    assert application_of(stored) == written
    assert application_of(stored).digest == written.digest


def test_counts_are_decimal_strings_in_the_document() -> None:
    plain: Any = application().plain
    assert plain["requested"]["flop"] == "40000000000000000000000000"
    assert plain["requested"]["weights"] == "405000000000"
    assert plain["assessment"]["flop_high"] == "39000000000000000000000000"


def test_yaml_and_json_say_the_same() -> None:
    short = {"assent": "application/1", "title": "A run", "run_id": "run-1"}
    key = "ab" * 32
    from_json = parse_application(
        json.dumps({**short, "developer": {"name": "Labs", "key": key}})
    )
    from_yaml = parse_application(
        "assent: application/1\ntitle: A run\nrun_id: run-1\n"
        f'developer: {{name: Labs, key: "{key}"}}\n'
    )
    assert from_json == from_yaml
    assert from_json.practices == {}


def test_another_digest_for_every_other_document() -> None:
    assert application().digest != application(purpose="Another.").digest


def test_fractions_in_mappings_become_texts() -> None:
    read = application(run_properties={"rl-share": 0.25})
    assert read.run_properties == {"rl-share": "0.25"}


def test_an_error_names_the_line_and_the_field() -> None:
    text = "assent: application/1\ntitle: A\nrun_id: r\nrequested: {flop: many}\n"
    with pytest.raises(DocumentInvalid) as refusal:
        parse_application(text)
    assert "line 4: requested.flop" in refusal.value.message


NESTED: Any = []
for _ in range(60):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"assent": "application/2"}, "assent"),
        ({"surprise": 1}, "surprise"),
        ({"matter": "revocation"}, "matter"),
        ({"matter": ["permit"]}, "matter"),
        ({"developer": {"name": "Labs", "key": "ab"}}, "developer.key"),
        ({"developer": {"name": "La\nbs", "key": "ab" * 32}}, "developer.name"),
        ({"title": "Trailing line\n"}, "title"),
        ({"title": "turned \u202e around"}, "title"),
        ({"purpose": "x" * 20_001}, "purpose"),
        ({"cloned_from": "permit"}, "cloned_from"),
        ({"consultation": {"case_id": "consultation-2026-0001"}}, "digest"),
        ({"practices": ["a"]}, "practices"),
        ({"practices": {"deep": NESTED}}, "practices"),
        ({"practices": {1: "a key that is no text"}}, "practices"),
        ({"safety_case": {"half": "\ud800"}}, "safety_case"),
        ({"safety_case": {"bytes": b"no"}}, "safety_case"),
        ({"oversight": {"flop_share_ppm": 1_000_001, "points": []}}, "oversight"),
        ({"oversight": {"flop_share_ppm": True, "points": []}}, "oversight"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_refuses_what_does_not_fit(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentInvalid, match=place):
        application_of(document(**changes))


def test_refuses_an_assessment_whose_bounds_are_crossed() -> None:
    crossed = document()["assessment"] | {"flop_low": "5e25"}
    with pytest.raises(DocumentInvalid, match="flop_low is above flop_high"):
        application(assessment=crossed)


ODD = ("\u061c", "\u200e", "\u200f", "\u2028", "\u202e", "\u2066", "\ufeff", "\n")


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_no_name_is_taken_that_a_permit_could_not_say(odd: str) -> None:
    name = f"a{odd}b"
    given, caps = document(), document()["requested"]
    for changes in (
        {"developer": {**given["developer"], "name": name}},
        {"run_id": name},
        {"title": name},
        {"provider": name},
        {"requested": {**caps, "sites": [name]}},
        {"requested": {**caps, "chips": {name: 1}}},
        {"assessment": {**given["assessment"], "rulebook_title": name}},
    ):
        with pytest.raises(DocumentInvalid):
            application(**changes)


def test_what_a_permit_could_not_hold_is_refused_at_once() -> None:
    given, caps = document(), document()["requested"]
    points = [{"at_flop": "1e20", "evaluations": ["Cyber Offence"]}]
    twice = [{"at_flop": "1e20", "evaluations": ["cyber", "cyber"]}]
    for changes in (
        {"developer": {**given["developer"], "name": "x" * 201}},
        {"run_id": "x" * 201},
        {"requested": {**caps, "sites": ["x" * 201]}},
        {"requested": {**caps, "sites": ["a", "a"]}},
        {"requested": {**caps, "chips": {"x" * 201: 1}}},
        {"oversight": {"flop_share_ppm": 1, "points": points}},
        {"oversight": {"flop_share_ppm": 1, "points": twice}},
    ):
        with pytest.raises(DocumentInvalid):
            application(**changes)


def test_refuses_a_date_that_no_calendar_has() -> None:
    with pytest.raises(DocumentInvalid, match=r"assessment\.on"):
        application(assessment=document()["assessment"] | {"on": "2026-02-30"})


def test_refuses_two_documents_of_one_id() -> None:
    twice = document()["evidence"] * 2
    with pytest.raises(DocumentInvalid, match="an id stands twice"):
        application(evidence=twice)


def test_refuses_an_application_that_no_event_could_hold() -> None:
    long = {f"part-{number}": "x" * 10_000 for number in range(90)}
    with pytest.raises(DocumentTooLarge, match=f"{APPLICATION_BYTES_MAX:,}"):
        application(declaration=long)


def test_refuses_a_reference_that_is_no_digest() -> None:
    with pytest.raises(DocumentInvalid, match="digest"):
        evidence_of({**document()["evidence"][0], "digest": SHA.upper()})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(document())), JSON)
def test_nothing_but_our_errors_comes_out_of_any_field(field: str, value: Any) -> None:  # noqa: ANN401 - any value
    try:
        read = application_of(document(**{field: value}))
    except AssentError:
        return
    assert application_of(parse_canonical(canonical_bytes(read.plain))) == read


@given(JSON)
def test_nothing_but_our_errors_comes_out_of_any_value(value: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(DocumentInvalid):
        application_of(value)
