"""What the books show that somebody should look at."""

from dataclasses import replace
from fractions import Fraction

from tests.unit.supervision.ledger.test_jobs import JOB, at, head

from assent.supervision.ledger import (
    Account,
    Bounds,
    FindingKind,
    check_drift,
    check_idleness,
    check_overruns,
    check_structuring,
    end,
    vouch,
)

BOUNDS = Bounds()


def test_overdrawn_books_and_jobs_are_found() -> None:
    over = replace(JOB, flop_spent=3_600_001)
    found = check_overruns(
        {
            "permit-1": {Account.AVAILABLE: -5},
            "permit-2": {Account.AVAILABLE: 0},
            "exempt:labs": {Account.AVAILABLE: -7},
        },
        [over, replace(JOB, flop_spent=3_600_000), JOB],
    )
    assert [one.about for one in found] == ["permit-1", "4711"]
    assert {one.kind for one in found} == {FindingKind.OVERRUN}


def test_a_meter_that_says_too_little_or_too_much_is_found() -> None:
    def book(metered: int, observed: int) -> dict[Account, int]:
        return {Account.METERED: metered, Account.OBSERVED: observed}

    found = check_drift(
        {
            "low": book(499, 1_000),
            "least": book(500, 1_000),
            "most": book(1_100, 1_000),
            "high": book(1_101, 1_000),
            "silent": book(0, 1_000),
            "unseen": book(1_000, 0),
        },
        BOUNDS,
    )
    assert [one.about for one in found] == ["low", "high", "silent"]


def test_a_meter_that_counts_too_little_for_its_chips_is_found() -> None:
    # An hour of chips that do 1,000 FLOP a second: a twentieth is 180,000.
    honest = end(vouch(JOB, 180_000, head(3_600), at(3_600)), at(3_600), 60)
    liar = end(vouch(JOB, 179_999, head(3_600), at(3_600)), at(3_600), 60)
    short = end(vouch(JOB, 1, head(599), at(599)), at(599), 60)
    unmetered = end(JOB, at(3_600), 60)
    running = vouch(JOB, 1, head(3_600), at(3_600))
    found = check_idleness([honest, liar, short, unmetered, running], BOUNDS)
    assert [one.kind for one in found] == [FindingKind.IDLENESS] * 2
    assert "counted 1.80e+5 FLOP in 3,600 s" in found[0].words


def test_many_undertakings_just_below_the_threshold_are_found() -> None:
    totals = {
        "slices": [90, 99, 80, 3],
        "two": [90, 99],
        "beyond": [100, 100, 100],
        "small": [79, 79, 79, 79],
    }
    (found,) = check_structuring(totals, 100, BOUNDS)
    assert (found.about, found.kind) == ("slices", FindingKind.STRUCTURING)
    strict = Bounds(near=Fraction(7, 10), near_count=4)
    assert [one.about for one in check_structuring(totals, 100, strict)] == ["small"]
