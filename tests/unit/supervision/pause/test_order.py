"""An order says one thing in one spelling, and contradicts itself nowhere."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.treaty import Matter
from assent.supervision.pause import (
    FIRST,
    OrderAction,
    OrderMalformed,
    Scope,
    ScopeKind,
    parse_order,
)
from assent.supervision.pause.order import GRACE_S_MAX, ORDER_BYTES_MAX
from assent.testing.supervision.orders import (
    EVERYTHING,
    ISSUED,
    follow,
    make_order,
    resume,
)
from assent.vocabulary import canonical_bytes

ORDER = make_order()
NEXT = follow(ORDER, EVERYTHING, excluded=frozenset({"NOR", "BRA"}))
URGENT = make_order(matter=Matter.EMERGENCY_PAUSE, lapses=ISSUED + timedelta(days=14))
RESUME = resume(ORDER, NEXT)
END = make_order(
    Scope(kind=ScopeKind.RUN, name="example-large-2"),
    action=OrderAction.TERMINATE,
    matter=Matter.TERMINATION,
)
OTHER = f"sha256:{'11' * 32}"


@pytest.mark.parametrize("order", [ORDER, NEXT, URGENT, RESUME, END])
def test_reads_what_it_writes(order: Any) -> None:  # noqa: ANN401 - as parametrized
    assert parse_order(canonical_bytes(order.plain)) == order
    assert parse_order(order.unsigned.payload).digest == order.digest


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "assent-pause-order/2"},
        {"agency": "Agency"},
        {"number": 0},
        {"number": "1"},
        {"number": True},
        {"number": 2},  # with none before it
        {"previous": OTHER},  # of the first
        {"previous": "sha256:"},
        {"action": "stop"},
        {"action": None},
        {"scope": {"kind": "site"}},
        {"scope": {"kind": "class", "flop_above": 5}},
        {"scope": None},
        {"ends": 1},
        {"reason": ""},
        {"reason": "x" * 4_001},
        {"reason": "two\nlines"},
        {"issued": "now"},
        {"effective": "2026-06-01T11:54:59Z"},  # a second before it was drawn up
        {"lapses": "2026-06-01T11:55:00Z"},
        {"grace_s": -1},
        {"grace_s": GRACE_S_MAX + 1},
        {"grace_s": 0.5},
        {"kill_after_s": GRACE_S_MAX + 1},
        {"matter": "whim"},
        {"treaty": {"version": 1}},
        {"treaty": {"version": 0, "digest": OTHER}},
        {"excluded": ["NOR", "BRA"]},
        {"excluded": ["BRA", "BRA"]},
        {"more": 1},
    ],
)
def test_refuses_what_is_none(changes: dict[str, Any]) -> None:
    try:
        data = canonical_bytes({**ORDER.plain, **changes})
    except Exception:  # noqa: BLE001 - a float has no canonical form at all
        data = canonical_bytes(ORDER.plain).replace(b'"grace_s":600', b'"grace_s":0.5')
    with pytest.raises(OrderMalformed):
        parse_order(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"ends": None},
        {"ends": RESUME.number},
        {"ends": RESUME.number + 1},
        {"grace_s": 1},
        {"kill_after_s": 1},
        {"lapses": "2027-06-01T11:55:00Z"},
    ],
)
def test_a_resume_order_ends_one_before_it_and_stops_nothing(
    changes: dict[str, Any],
) -> None:
    with pytest.raises(OrderMalformed):
        parse_order(canonical_bytes({**RESUME.plain, **changes}))


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"x" * (ORDER_BYTES_MAX + 1)]
)
def test_refuses_what_is_no_document(data: bytes) -> None:
    with pytest.raises(OrderMalformed):
        parse_order(data)


@given(st.data())
def test_every_flipped_bit_makes_another_order_or_none(data: st.DataObject) -> None:
    good = canonical_bytes(ORDER.plain)
    place = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 7))
    bad = bytearray(good)
    bad[place] ^= 1 << bit
    try:
        order = parse_order(bytes(bad))
    except OrderMalformed:
        return
    assert order.digest != ORDER.digest


def test_the_first_order_names_none_before_it() -> None:
    assert ORDER.previous == FIRST
    assert NEXT.previous == ORDER.digest
    assert NEXT.order_id == "pause-order-2"


def test_who_signs_does_not_change_its_digest() -> None:
    assert ORDER.digest == replace(ORDER).digest


def test_nobody_is_given_what_nobody_can_read() -> None:
    with pytest.raises(OrderMalformed):
        _ = make_order(reason="a\x1b[2Jb\nc").unsigned


@pytest.mark.parametrize(
    "order",
    [
        replace(END, scope=EVERYTHING),
        replace(END, lapses=ISSUED + timedelta(days=1)),
        replace(END, number=2, previous=OTHER, ends=1),
    ],
)
def test_what_is_terminated_is_one_run_and_for_good(order: Any) -> None:  # noqa: ANN401 - as parametrized
    with pytest.raises(OrderMalformed):
        parse_order(canonical_bytes(order.plain))
