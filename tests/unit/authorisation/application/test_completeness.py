"""What an application lacks is named, each with where it is and what to do."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.authorisation.application.cases import (
    NOW,
    TREATY,
    application,
    document,
)

from assent.authorisation.application import (
    ApplicationIncomplete,
    check_completeness,
    verify_completeness,
)
from assent.testing.states import SimulatedTreaty


def lacks(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any plain value
    found = check_completeness(application(**changes), TREATY, NOW)
    assert all(lack.remedy for lack in found)
    return [(lack.path, lack.text) for lack in found]


def requested(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any plain value
    return {**document()["requested"], **changes}


def test_a_complete_application_lacks_nothing() -> None:
    assert lacks() == []
    verify_completeness(application(), TREATY, NOW)


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        ("purpose", "  "),
        ("declaration", None),
        ("assessment", None),
        ("requested", None),
        ("practices", {}),
        ("run_properties", {}),
        ("safety_case", None),
        ("oversight", None),
    ],
)
def test_names_what_is_missing(field: str, empty: object) -> None:
    assert (field, "is missing") in lacks(**{field: empty})


def test_the_cap_covers_the_upper_bound_to_the_last_operation() -> None:
    high = "39000000000000000000000000"
    assert lacks(requested=requested(flop=high)) == []
    [(path, text)] = lacks(requested=requested(flop="38999999999999999999999999"))
    assert path == "requested.flop"
    assert "below" in text


def test_an_open_bound_cannot_be_applied_for() -> None:
    open_ended = document()["assessment"] | {"flop_high": None}
    assert lacks(assessment=open_ended) == [
        ("assessment.flop_high", "the run's compute has no upper bound")
    ]


def test_the_procedure_has_a_ceiling() -> None:
    assert lacks(requested=requested(flop="1e26")) == []
    [(path, text)] = lacks(requested=requested(flop="1.01e26"))
    assert path == "requested.flop"
    assert "that a permit can allow" in text
    assert lacks(requested=requested(flop="1.01e26"), matter="horizon-exception") == []


def test_what_nobody_may_decide_cannot_be_applied_for() -> None:
    simulated = SimulatedTreaty()
    del simulated.form["matters"]["horizon-exception"]
    asked = application(matter="horizon-exception")
    [lack] = check_completeness(asked, simulated.treaty, NOW)
    assert lack.path == "matter"


def test_a_run_ends_after_it_begins_and_not_in_the_past() -> None:
    same = requested(not_after="2026-06-01T00:00:00Z")
    assert lacks(requested=same)[0][1] == "the run would end before it begins"
    past = requested(
        not_before="2025-01-01T00:00:00Z", not_after="2026-03-02T09:00:00Z"
    )
    assert "is past" in lacks(requested=past)[0][1]
    last = check_completeness(
        application(requested=past), TREATY, NOW - timedelta(seconds=1)
    )
    assert last == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"flop": 0}, "requested.flop"),
        ({"weights": 0}, "requested.weights"),
        ({"chips": {}}, "requested.chips"),
        ({"chips": {"h100_sxm": 0}}, "requested.chips.h100_sxm"),
        ({"sites": []}, "requested.sites"),
    ],
)
def test_nothing_cannot_be_asked_for(changes: dict[str, Any], path: str) -> None:
    assert (path, "there is none") in lacks(requested=requested(**changes))


def test_every_reference_to_evidence_leads_somewhere() -> None:
    deep = {"tree": [{"argument": {"evidence": ["plan", "lost"]}}]}
    [(path, text)] = lacks(safety_case=deep)
    assert path == "safety_case"
    assert "'lost'" in text


@pytest.mark.parametrize(
    ("visible_to", "text"),
    [
        ([], "is sealed, and nobody can open it"),
        (["ito", "stranger"], "'stranger' is no inspector in office"),
    ],
)
def test_sealed_evidence_can_be_opened_by_an_inspector(
    visible_to: list[str], text: str
) -> None:
    sealed = document()["evidence"][0] | {"is_sealed": True, "visible_to": visible_to}
    assert lacks(evidence=[sealed]) == [("evidence.plan", text)]


def test_an_inspector_must_be_in_office() -> None:
    sealed = document()["evidence"][0] | {"is_sealed": True, "visible_to": ["ito"]}
    asked = application(evidence=[sealed])
    assert check_completeness(asked, TREATY, NOW) == []
    later = NOW.replace(month=12)
    assert [lack.path for lack in check_completeness(asked, TREATY, later)] == [
        "evidence.plan"
    ]


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([("2e25", ["a"]), ("1e25", ["a"])], "is not after the point before it"),
        ([("1e25", ["a"]), ("1e25", ["a"])], "is not after the point before it"),
        ([("0", ["a"])], "is not after the point before it"),
        ([("4e25", ["a"])], "is not below the FLOP that are asked for"),
        ([("1e25", [])], "no evaluation is due there"),
    ],
)
def test_oversight_points_rise_and_stay_below_the_cap(
    points: list[tuple[str, list[str]]], text: str
) -> None:
    listed = [{"at_flop": flop, "evaluations": due} for flop, due in points]
    found = lacks(oversight={"flop_share_ppm": 1, "points": listed})
    assert [one for _, one in found] == [text]


def test_the_application_is_for_the_run_that_is_declared() -> None:
    assert lacks(run_id="run-2")[0][0] == "run_id"
    assert lacks(run_id="run-2", declaration={"run": {"_sd": ["…"]}}) == []


def test_a_refusal_names_everything_at_once() -> None:
    with pytest.raises(ApplicationIncomplete) as refusal:
        verify_completeness(application(purpose="", oversight=None), TREATY, NOW)
    assert "purpose: is missing" in refusal.value.message
    assert "oversight: is missing" in refusal.value.message
    assert "Say what the run is for." in refusal.value.remedy
