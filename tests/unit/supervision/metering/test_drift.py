"""Counted FLOP are held against the chips and the time that readings name."""

import pytest

from assent.adapters.packaged import packaged_accelerators
from assent.compute.hardware import Verdict
from assent.supervision.metering import (
    Hardware,
    HardwareUnknown,
    check_drift,
    flop_ceiling_of,
)
from assent.testing.supervision.metering import next_reading

ACCELERATORS = packaged_accelerators()
H100 = ACCELERATORS.find("H100 SXM")
HELD = Hardware(chips={"H100 SXM": 8}, wall_ms=10_000)
BF16_FLOP = 80 * H100.peak_16_bit.flop_per_s  # 8 chips for ten seconds


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.05, Verdict.IMPLAUSIBLE),
        (0.40, Verdict.CONSISTENT),
        (1.50, Verdict.IMPLAUSIBLE),
        (2.10, Verdict.IMPOSSIBLE),
    ],
)
def test_the_verdict_follows_the_utilisation(share: float, verdict: Verdict) -> None:
    flop = int(BF16_FLOP * share)
    readings = [next_reading(flop=flop, flop_total=flop, hardware=HELD)] * 3
    found = check_drift(readings, ACCELERATORS)
    assert found is not None
    assert found.verdict is verdict
    assert float(found.mfu_16_bit.low) == pytest.approx(share, rel=1e-6)


def test_charged_flop_are_left_out() -> None:
    charged = next_reading(
        flop=BF16_FLOP * 9, flop_total=BF16_FLOP * 9, flop_charged=BF16_FLOP * 9
    )
    half = BF16_FLOP * 2 // 5
    counted = next_reading(flop=half, flop_total=half, hardware=HELD)
    found = check_drift([charged, counted], ACCELERATORS)
    assert found is not None
    assert found.flop_architecture.high == half


def test_without_chips_nothing_is_said() -> None:
    bare = next_reading(hardware=Hardware(chips={}, wall_ms=1))
    assert check_drift([bare], ACCELERATORS) is None
    assert check_drift([], ACCELERATORS) is None
    assert flop_ceiling_of([bare.hardware], ACCELERATORS) is None


def test_refuses_chips_nobody_knows() -> None:
    unknown = Hardware(chips={"Abacus 9000": 8}, wall_ms=10_000)
    with pytest.raises(HardwareUnknown):
        check_drift([next_reading(hardware=unknown)], ACCELERATORS)


def test_the_ceiling_is_chips_times_seconds_times_peak() -> None:
    peak = H100.peak_training().flop_per_s
    assert flop_ceiling_of([HELD, HELD], ACCELERATORS) == 2 * 80 * peak
