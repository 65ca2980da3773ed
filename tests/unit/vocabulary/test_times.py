"""Instants: one spelling, UTC, to the second."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.vocabulary import QuantityInvalid, format_instant, from_posix, parse_instant


@given(
    st.datetimes(
        min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - likewise
        timezones=st.integers(-1439, 1439).map(
            lambda minutes: timezone(timedelta(minutes=minutes))
        ),
    )
)
def test_what_is_written_is_read_back_to_the_second(instant: datetime) -> None:
    text = format_instant(instant)
    assert len(text) == len("2026-03-01T12:00:00Z")
    assert timedelta(0) <= instant - parse_instant(text) < timedelta(seconds=1)
    assert format_instant(parse_instant(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:00:00.0Z",
        "2026-03-01t12:00:00z",
        "2026-03-01T12:00:00Z\n",
        "2026-02-29T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-03-01T12:00:00Z",
        20260301,
        None,
        True,
        b"2026-03-01T12:00:00Z",
    ],
)
def test_other_spellings_and_no_times_are_refused(text: object) -> None:
    with pytest.raises(QuantityInvalid, match="is no time"):
        parse_instant(text)


@given(st.text(max_size=30) | st.integers() | st.none())
def test_anything_else_is_refused_by_our_error(text: object) -> None:
    try:
        instant = parse_instant(text)
    except QuantityInvalid:
        return
    assert format_instant(instant) == text


def test_a_time_without_a_zone_can_not_be_written() -> None:
    with pytest.raises(QuantityInvalid, match="no time zone"):
        format_instant(datetime(2026, 3, 1))  # noqa: DTZ001 - that is the case


def test_a_time_that_utc_can_not_write_is_refused() -> None:
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(QuantityInvalid, match="no year"):
        format_instant(early)


def test_posix_seconds_are_utc() -> None:
    assert from_posix(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert format_instant(from_posix(1_780_000_000)) == "2026-05-28T20:26:40Z"


@pytest.mark.parametrize("time_s", [10**12, -(10**12), 10**400])
def test_seconds_beyond_any_calendar_are_refused(time_s: int) -> None:
    with pytest.raises(QuantityInvalid):
        from_posix(time_s)
