"""A hundred gates in processes of their own acknowledge an order within seconds."""

import asyncio
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bench.lapse import lapse_of
from bench.pause import TARGET_S, real_arrivals
from bench.pause_chart import Axis, draw
from bench.pause_simulated import direct_arrivals, relayed_arrivals

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
GATES = 40


def test_every_gate_acknowledges_and_admits_nothing_after_it(tmp_path: Path) -> None:
    found = real_arrivals(tmp_path, GATES, 2)
    assert len(found.arrivals) == GATES
    assert found.arrivals[0] > 0
    assert found.arrivals[-1] < 4 * TARGET_S  # a machine that does much else besides
    assert found.admitted >= GATES
    assert found.held >= GATES


def test_a_simulated_agency_counts_every_gate(tmp_path: Path) -> None:
    found = relayed_arrivals(tmp_path, GATES, 3)
    assert len(found.delivered) == len(found.sworn) == GATES
    assert found.sworn[0] > found.relay_s > 0
    assert found.verified_s > found.sworn[-1] > found.delivered[-1]
    assert len(asyncio.run(direct_arrivals(GATES))) == GATES


def test_with_the_agency_killed_all_jobs_stop_within_one_lease(tmp_path: Path) -> None:
    found = lapse_of(tmp_path, GATES, 2, lease_s=6)
    assert len(found.stopped_s) == GATES
    assert found.stopped_s[-1] < found.lease_ended_s <= 6
    assert found.would_admit == 0


@pytest.mark.parametrize("times_s", [(0.1, 1.0, 10.0), (0.0, 5.0, 10.0)])
def test_the_chart_shows_each_curve(tmp_path: Path, times_s: tuple[float, ...]) -> None:
    path = tmp_path / "chart.svg"
    axis = Axis(
        title="A share",
        under="seconds",
        times_s=times_s,
        mark_s=5.0,
        mark="target",
    )
    draw({"one": [0.5, 0.7, 2.0], "other": [1.0]}, path, axis)
    root = ET.fromstring(path.read_text())  # noqa: S314 - what we wrote
    lines = [one for one in root if one.tag.endswith("polyline")]
    assert len(lines) == 2
    assert len(lines[0].attrib["points"].split()) == 3
