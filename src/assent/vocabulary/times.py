"""Instants in signed documents: UTC, to the second, in one spelling.

aware datetime <-> "2026-03-01T12:00:00Z"
"""

import re
from datetime import UTC, datetime, timedelta

from assent.vocabulary.errors import QuantityInvalid

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def format_instant(instant: datetime) -> str:
    """Write an aware time in UTC, to the second; parts of a second are dropped.

    Raises:
        QuantityInvalid: if it has no time zone, or no year of four digits in UTC.

    """
    if instant.utcoffset() is None:
        raise QuantityInvalid(
            f"{instant.isoformat()} has no time zone.", remedy="Give the time in UTC."
        )
    try:
        whole = instant.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    except OverflowError:
        raise QuantityInvalid(
            f"{instant.isoformat()} is in no year that UTC can write.",
            remedy="Give a time between the years 1 and 9999.",
        ) from None
    return f"{whole.isoformat()}Z"


def parse_instant(text: object) -> datetime:
    """Return the aware UTC time that a text says.

    Raises:
        QuantityInvalid: if it is no text of that form, or no such time exists.

    """
    is_spelt_so = isinstance(text, str) and _INSTANT.fullmatch(text) is not None
    try:
        return datetime.fromisoformat(str(text) if is_spelt_so else "")
    except ValueError:
        raise QuantityInvalid(
            f"{text!r:.60} is no time.",
            remedy="Write it in UTC to the second: 2026-03-01T12:00:00Z.",
        ) from None


def from_posix(time_s: int) -> datetime:
    """Return the aware UTC time of POSIX seconds.

    Raises:
        QuantityInvalid: if no calendar goes so far.

    """
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=time_s)
    except OverflowError:
        raise QuantityInvalid(
            f"{time_s} seconds is no time.", remedy="Give POSIX seconds."
        ) from None
