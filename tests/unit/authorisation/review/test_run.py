"""Properties of a run: what is not stated is unknown, and unknown is never good."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import FACTS, ON, POLICY, STATED, stated

from assent.authorisation.review import (
    PROPERTIES,
    FindingInvalid,
    Level,
    PropertiesInvalid,
    RunFacts,
    RunFinding,
    RunProperties,
    finding_of,
    judge_run,
    run_properties_of,
)
from assent.authorisation.review.run import settle
from assent.vocabulary import AssentError


def _levels(
    facts: RunFacts = FACTS,
    on: date = ON,
    **changes: Any,  # noqa: ANN401 - any field
) -> dict[str, Level]:
    said = run_properties_of(stated(**changes))
    return {found.about: found.level for found in judge_run(facts, said, POLICY, on)}


def test_every_property_is_judged_once() -> None:
    found = judge_run(FACTS, run_properties_of(STATED), POLICY, ON)
    assert sorted(f.about for f in found) == sorted(PROPERTIES)
    assert max(f.level.rank for f in found) < Level.HIGH.rank


def test_a_run_of_which_nothing_is_stated_is_unknown_in_everything() -> None:
    facts = RunFacts(developer="Example Labs", flop=1, weights=1)
    found = judge_run(facts, RunProperties(), POLICY, ON)
    assert {f.level for f in found} == {Level.UNKNOWN}


@pytest.mark.parametrize("name", [name for name in STATED if name != "traits"])
def test_what_is_left_out_is_unknown(name: str) -> None:
    assert Level.UNKNOWN not in _levels().values()
    without = run_properties_of(stated(**{name: None}))
    found = judge_run(FACTS, without, POLICY, ON)
    assert Level.UNKNOWN in {f.level for f in found}


@pytest.mark.parametrize(
    ("previous", "level"),
    [
        ("4e24", Level.LOW),
        ("2e24", Level.LOW),
        (2 * 10**24 - 1, Level.MODERATE),
        (10**24 - 1, Level.HIGH),
        (4 * 10**23, Level.HIGH),
        (4 * 10**23 - 1, Level.UNACCEPTABLE),
        (0, Level.HIGH),
    ],
)
def test_scale_is_compared_exactly(previous: object, level: Level) -> None:
    assert _levels(previous_run_flop=previous)["scale"] is level


@pytest.mark.parametrize(
    ("flop", "level"),
    [
        (0, Level.NONE),
        (4 * 10**22, Level.LOW),
        (4 * 10**22 + 1, Level.MODERATE),
        (4 * 10**23 + 1, Level.HIGH),
        (4 * 10**24 + 1, Level.UNKNOWN),
    ],
)
def test_reinforcement_learning_is_a_share_of_the_run(flop: int, level: Level) -> None:
    found = _levels(reinforcement_learning_flop=flop)
    assert found["reinforcement_learning"] is level


@pytest.mark.parametrize(
    ("flop", "stated_level", "on", "level"),
    [
        (10**24, 1, ON, Level.LOW),
        (10**24 + 1, 1, ON, Level.UNACCEPTABLE),
        (10**24 + 1, 2, ON, Level.LOW),
        (10**25 + 1, 2, ON, Level.UNACCEPTABLE),
        (10**26 + 1, 4, ON, Level.LOW),
        (10**26 + 1, 4, date(2028, 1, 1), Level.UNACCEPTABLE),
        (10**24 + 1, 3, ON, Level.NONE),
    ],
)
def test_security_is_demanded_by_flop_and_day(
    flop: int, stated_level: int, on: date, level: Level
) -> None:
    facts = replace(FACTS, flop=flop)
    assert _levels(facts, on, security_level=stated_level)["security"] is level


def test_a_measure_that_is_absent_is_unacceptable_and_one_unsaid_unknown() -> None:
    measures = dict(STATED["containment"])
    without = {**measures, "network_isolated": False}
    assert _levels(containment=without)["containment"] is Level.UNACCEPTABLE
    unsaid = {**measures, "network_isolated": None}
    assert _levels(containment=unsaid)["containment"] is Level.UNKNOWN


def test_oversight_needs_its_share_to_the_part_in_a_million() -> None:
    enough = _levels(oversight_flop_share_ppm=10_000)["oversight_share"]
    assert enough is Level.LOW
    less = _levels(oversight_flop_share_ppm=9_999)["oversight_share"]
    assert less is Level.UNACCEPTABLE


@pytest.mark.parametrize(
    ("points", "level"),
    [
        ([25 * 10**22, 10**24], Level.LOW),
        ([25 * 10**22 + 1, 10**24], Level.UNACCEPTABLE),
        ([25 * 10**22, 10**24 + 1], Level.UNACCEPTABLE),
        ([25 * 10**22], Level.UNACCEPTABLE),
        ([], Level.UNACCEPTABLE),
    ],
)
def test_evaluations_lie_no_further_apart_than_the_factor(
    points: list[int], level: Level
) -> None:
    assert _levels(oversight_points_flop=points)["oversight_points"] is level


def test_chips_sites_and_their_provider_are_named() -> None:
    assert _levels(replace(FACTS, chips={}))["hardware"] is Level.UNKNOWN
    assert _levels(replace(FACTS, sites=()))["sites"] is Level.UNKNOWN
    assert _levels(replace(FACTS, provider=None))["sites"] is Level.UNKNOWN


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"trained_for": False, "expected": "none"}, Level.NONE),
        ({"trained_for": True, "expected": "none"}, Level.HIGH),
        ({"trained_for": True, "expected": "unknown"}, Level.UNKNOWN),
        ({"trained_for": None, "expected": "none"}, Level.UNKNOWN),
        ({"trained_for": False}, Level.UNKNOWN),
        ({"expected": "unacceptable"}, Level.UNACCEPTABLE),
        ({"trained_for": False, "expected": "high"}, Level.HIGH),
    ],
    ids=str,
)
def test_a_hazard_is_judged_by_aim_and_expectation(
    said: dict[str, Any], level: Level
) -> None:
    hazards = {**STATED["hazards"], "deception": said}
    assert _levels(hazards=hazards)["hazard_deception"] is level


def _finding(level: Level, about: str = "scale", by: str = "A. Officer") -> RunFinding:
    return RunFinding(about=about, value="seen", level=level, reason="Because.", by=by)


@pytest.mark.parametrize("computed", list(Level))
@pytest.mark.parametrize("said", list(Level))
def test_an_officer_settles_the_unknown_and_never_talks_a_rule_away(
    computed: Level, said: Level
) -> None:
    rule = _finding(computed, by="rules")
    (found,) = settle([rule], {"scale": _finding(said)}).values()
    if computed is Level.UNKNOWN:
        assert found.level is said
    else:
        assert found.level.rank == max(computed.rank, said.rank)


@pytest.mark.parametrize(
    "change",
    [
        {"speed": 3},
        {"security_level": 6},
        {"security_level": "3"},
        {"security_level": True},
        {"previous_run_flop": -1},
        {"previous_run_flop": 2.5},
        {"previous_run_flop": True},
        {"previous_run_flop": "1e99"},
        {"autonomy": "a little"},
        {"hazards": {"boredom": {}}},
        {"traits": {"acts_unattended": "no"}},
        {"oversight_points_flop": [2, 1]},
        {"oversight_points_flop": [1, 1]},
        {"oversight_points_flop": [0]},
        {"oversight_points_flop": list(range(1, 258))},
        {"oversight_flop_share_ppm": 1_000_001},
    ],
    ids=lambda change: str(change)[:60],
)
def test_refuses_a_statement_that_cannot_be_read(change: dict[str, Any]) -> None:
    with pytest.raises(PropertiesInvalid, match=r"\w") as caught:
        run_properties_of({**STATED, **change})
    assert len(caught.value.message) < 600


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.dictionaries(st.sampled_from(sorted(STATED)), JSON))
def test_a_statement_is_read_or_refused_and_nothing_else(value: object) -> None:
    try:
        said = run_properties_of(value)
    except AssentError as error:
        assert error.remedy
    else:
        assert len(judge_run(FACTS, said, POLICY, ON)) == len(PROPERTIES)


def test_a_finding_is_written_and_read_again() -> None:
    finding = _finding(Level.HIGH)
    assert finding_of(finding.plain) == finding


@pytest.mark.parametrize(
    "change", [{"property": "beauty"}, {"level": "fine"}, {"reason": ""}, {"x": 1}]
)
def test_refuses_a_finding_that_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(FindingInvalid):
        finding_of({**_finding(Level.LOW).plain, **change})
