"""A run stops before the step that would cross a line, and says which."""

from datetime import timedelta

import pytest

from assent.supervision.metering import Allowance, StopKind, decide_stop
from assent.testing.supervision.metering import BEGAN

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ALLOWANCE = Allowance(
    flop_max=1_000,
    oversight_flop=600,
    evaluations=("cyber-offence",),
    expires=BEGAN + DAY,
    permit_ends=BEGAN + 2 * DAY,
    weights_max=50,
)


def kind_at(flop_total: int, flop_next_step: int, **changes: int) -> StopKind | None:
    given = Allowance(flop_max=changes.get("flop_max", 1_000), oversight_flop=600)
    stop = decide_stop(given, flop_total, flop_next_step, BEGAN)
    return None if stop is None else stop.kind


@pytest.mark.parametrize(
    ("flop_total", "kind"), [(499, None), (500, None), (501, StopKind.OVERSIGHT_POINT)]
)
def test_a_step_may_reach_an_oversight_point_and_not_pass_it(
    flop_total: int, kind: StopKind | None
) -> None:
    assert kind_at(flop_total, 100) is kind


@pytest.mark.parametrize(("flop_total", "kind"), [(400, None), (401, StopKind.CAP)])
def test_refuses_one_flop_more_than_the_cap(
    flop_total: int, kind: StopKind | None
) -> None:
    assert kind_at(flop_total, 100, flop_max=500) is kind


def test_stops_when_the_lease_lapses_and_not_before() -> None:
    assert ALLOWANCE.expires is not None
    assert decide_stop(ALLOWANCE, 0, 1, ALLOWANCE.expires - SECOND) is None
    stop = decide_stop(ALLOWANCE, 0, 1, ALLOWANCE.expires)
    assert stop is not None
    assert stop.kind is StopKind.LEASE_LAPSED


def test_stops_for_an_order_and_for_too_many_weights() -> None:
    ordered = ALLOWANCE.updated(Allowance(flop_max=10**30, order="order-2026-0001"))
    stop = decide_stop(ordered, 0, 1, BEGAN)
    assert stop is not None
    assert stop.kind is StopKind.PAUSE_ORDER
    assert "order-2026-0001" in stop.words
    assert decide_stop(ALLOWANCE, 0, 1, BEGAN, weights=50) is None
    heavy = decide_stop(ALLOWANCE, 0, 1, BEGAN, weights=51)
    assert heavy is not None
    assert heavy.kind is StopKind.WEIGHTS_CAP


def test_the_words_say_what_is_due() -> None:
    stop = decide_stop(ALLOWANCE, 600, 1, BEGAN)
    assert stop is not None
    assert "cyber-offence" in stop.remedy


def test_stops_when_the_permit_ends_whatever_the_lease() -> None:
    ended = ALLOWANCE.updated(Allowance(flop_max=1_000, expires=BEGAN + 9 * DAY))
    assert decide_stop(ended, 0, 1, BEGAN + 2 * DAY - SECOND) is None
    stop = decide_stop(ended, 0, 1, BEGAN + 2 * DAY)
    assert stop is not None
    assert "permit ended" in stop.words


def test_a_gate_renews_leases_and_unlocks_points_and_widens_no_cap() -> None:
    said = Allowance(
        flop_max=2_000,
        oversight_flop=900,
        evaluations=("autonomy",),
        expires=BEGAN + 9 * DAY,
        permit_ends=BEGAN + 99 * DAY,
        weights_max=99,
    )
    updated = ALLOWANCE.updated(said)
    assert (updated.oversight_flop, updated.evaluations) == (900, ("autonomy",))
    assert updated.expires == BEGAN + 9 * DAY
    assert updated.permit_ends == ALLOWANCE.permit_ends
    assert (updated.flop_max, updated.weights_max) == (1_000, 50)
    narrowed = ALLOWANCE.updated(Allowance(flop_max=10, weights_max=5))
    assert (narrowed.flop_max, narrowed.weights_max) == (10, 5)
    assert narrowed.expires == ALLOWANCE.expires  # silence renews nothing
