"""Counts are exact: no double, no 64-bit integer, no rounding at a threshold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.vocabulary import (
    COUNT_MAX,
    Interval,
    QuantityInvalid,
    format_count,
    format_interval,
    parse_count,
)

counts = st.integers(0, COUNT_MAX)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (8_030_261_248, 8_030_261_248),
        ("8030261248", 8_030_261_248),
        ("15_600_000_000_000", 15_600_000_000_000),
        ("3.8e25", 38 * 10**24),
        ("1E26", 10**26),
        ("1e+26", 10**26),
        (1.5e13, 15 * 10**12),
        ("10000000000000000000000001", 10**25 + 1),
        (" 12 ", 12),
        (0, 0),
    ],
    ids=repr,
)
def test_reads_every_way_of_writing_a_count_exactly(
    written: object, count: int
) -> None:
    assert parse_count(written) == count


@pytest.mark.parametrize(
    "written",
    [
        *(-1, "-1", 1.5, "1.5", "1e-3", "nan", "inf", float("nan"), float("inf")),
        *(True, "1e99", COUNT_MAX + 1, "", "twelve", None, [], "1__0", "٣"),
        *("9" * 65, "0x10"),
    ],
    ids=repr,
)
def test_refuses_what_is_no_count(written: object) -> None:
    with pytest.raises(QuantityInvalid) as caught:
        parse_count(written)
    assert caught.value.remedy


@given(counts)
def test_a_count_survives_being_written_out(count: int) -> None:
    assert parse_count(str(count)) == count
    assert parse_count(count) == count


@given(counts)
def test_a_formatted_count_is_within_half_a_digit(count: int) -> None:
    shown = parse_count(format_count(count))
    assert abs(shown - count) * 200 <= count


def test_formats_with_three_digits() -> None:
    assert format_count(10**25 + 1) == "1.00e+25"
    assert format_count(0) == "0"
    assert format_interval(Interval(1000, 2000)) == "1.00e+3 – 2.00e+3"
    assert format_interval(Interval.point(1000)) == "1.00e+3"


def test_an_interval_holds_its_ends_and_nothing_beyond() -> None:
    interval = Interval(3, 5)
    assert 3 in interval
    assert 5 in interval
    assert 6 not in interval
    assert not interval.is_point
    assert interval + Interval.point(1) == Interval(4, 6)


def test_refuses_an_interval_that_holds_nothing() -> None:
    with pytest.raises(QuantityInvalid):
        Interval(5, 3)
    with pytest.raises(QuantityInvalid):
        Interval(-1, 3)
