"""Write numbers, shares and dates for people.

    42644154152386560000000000 -> "4.26 × 10²⁵"
    date(2026, 11, 22)         -> "22 November 2026"

Every figure on the page is written here. Nothing is rounded for a decision: decisions
were taken before, on exact counts.
"""

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction

from assent.rulebook import FactValue, Unit
from assent.vocabulary import Interval, format_count

SPACE = "\N{NO-BREAK SPACE}"
GROUPED_BELOW = 10**6  # smaller counts are written out
GROUPED_RATIO = 1000  # larger ratios have no decimals
DIGITS = 3
LEAST = Fraction(1, 1000)  # smaller ratios are called less than it
DIGITS_MAX = 12  # beyond, a count that lies next to a threshold is written out

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPEN = "undisclosed"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_COUNT = re.compile(r"(\d(?:\.\d+)?)e\+(\d+)")
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_BILLION, _MILLION = 10**9, 10**6


def power_text(exponent: int) -> str:
    """Return `10²⁵`."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def count_text(count: int, digits: int = DIGITS) -> str:
    """Return `10²⁵` if exactly that, else `4.26 × 10²⁵`, or `12,345` if small."""
    if count < GROUPED_BELOW:
        return f"{count:,}"
    mantissa, exponent = _parts(count, digits)
    if count == 10 ** int(exponent):
        return power_text(int(exponent))
    return f"{mantissa}{SPACE}×{SPACE}{power_text(int(exponent))}"


def interval_text(interval: Interval, digits: int = DIGITS) -> str:
    """Return `4.55–6.06 × 10²⁵`, one count if both ends read alike, or `at least …`."""
    if interval.is_open:
        return f"at least {count_text(interval.low, digits)}" if interval.low else _OPEN
    low, high = count_text(interval.low, digits), count_text(interval.high, digits)
    if low == high:
        return low
    if min(interval.low, interval.high) >= GROUPED_BELOW:
        first, exponent = _parts(interval.low, digits)
        last, exponent_high = _parts(interval.high, digits)
        if exponent == exponent_high:
            return f"{first}–{last}{SPACE}×{SPACE}{power_text(int(exponent))}"
    return f"{low}{SPACE}– {high}"


def apart_text(interval: Interval, limits: tuple[int, ...]) -> str:
    """Return an interval with as many digits as show on which side of limits it lies.

    `10**25 + 1` beside a limit of `10**25` is written out in full.
    """
    for digits in range(DIGITS, DIGITS_MAX + 1):
        hidden = any(
            end != limit and _parts(end, digits) == _parts(limit, digits)
            for end in (interval.low, interval.high)
            for limit in limits
        )
        if not hidden:
            return interval_text(interval, digits)
    return exact_text(interval)


def exact_text(interval: Interval) -> str:
    """Return an interval to the last digit."""
    if interval.is_open:
        return f"at least {interval.low:,}" if interval.low else _OPEN
    if interval.is_point:
        return f"{interval.low:,}"
    return f"{interval.low:,} – {interval.high:,}"


def words_text(count: int) -> str:
    """Return `70.6 billion`, `124 million`, or the digits of a smaller count."""
    for size, word in ((_BILLION, "billion"), (_MILLION, "million")):
        if count >= size:
            return f"{_significant(Fraction(count, size))}{SPACE}{word}"
    return f"{count:,}"


def value_text(
    value: FactValue | None, unit: Unit | None = None, limits: tuple[int, ...] = ()
) -> str:
    """Return a fact or a legal number with its unit; `not known` for None."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value) or "none"
        case Interval():
            text = apart_text(value, limits)
        case int() if unit is Unit.SHARE:
            text = f"{100 * value}{SPACE}%"
        case int() if unit is Unit.USD or unit is Unit.WEIGHTS:
            text = f"{value:,}"
        case int():
            text = apart_text(Interval.point(value), limits)
        case _ if unit is Unit.SHARE:
            text = f"{float(100 * value):.4g}{SPACE}%"
        case _:
            text = _decimal_text(Fraction(value))
    return text if unit in (None, Unit.SHARE) else f"{text}{SPACE}{unit}"


def percent_text(part: int, whole: int) -> str:
    """Return a share of a whole in percent, with one decimal; `–` if of nothing."""
    if not whole:
        return "–"
    if 0 < 1000 * part < whole:
        return f"<{SPACE}0.1{SPACE}%"
    return f"{100 * part / whole:.1f}{SPACE}%"


def span_text(low: float, high: float) -> str:
    """Return `40 %`, or `40 to 60 %`, of two shares; never 0 or 100 % for neither."""
    ends = [_whole_percent(low), _whole_percent(high)]
    return SPACE.join([" to ".join(dict.fromkeys(ends)), "%"])


def ratio_text(count: Interval, limit: int) -> str:
    """Return how a count compares with a limit: `4.3 × this`, `39 % of this`."""
    if not limit:
        return ""
    if count.is_open:
        return f"at least {ratio_text(Interval.point(count.low), limit)}"
    low, high = Fraction(count.low, limit), Fraction(count.high, limit)
    if low >= GROUPED_RATIO:
        return f"{interval_text(Interval(int(low), int(high)))}{SPACE}× this"
    unit = "× this" if high > 1 else f"%{SPACE}of this"
    ends = [_significant(end if high > 1 else 100 * end) for end in (low, high)]
    return f"{'–'.join(dict.fromkeys(ends))}{SPACE}{unit}"


def date_text(day: date) -> str:
    """Return `22 November 2026`."""
    return f"{day.day}{SPACE}{_MONTHS[day.month - 1]}{SPACE}{day.year}"


def moment_text(moment: datetime) -> str:
    """Return the day, with the time of day in UTC unless it is midnight."""
    day = date_text(moment.date())
    if moment.timetz() == time(tzinfo=UTC):
        return day
    return f"{day}, {moment:%H:%M} UTC"


def sentence_text(text: str) -> str:
    """Return a text of the core with its counts and dates written as on this page."""

    def count(found: re.Match[str]) -> str:
        return f"{found[1]}{SPACE}×{SPACE}{power_text(int(found[2]))}"

    def day(found: re.Match[str]) -> str:
        try:
            return date_text(date.fromisoformat(found[1]))
        except ValueError:
            return found[0]

    return _DAY.sub(day, _COUNT.sub(count, text))


def _parts(count: int, digits: int) -> tuple[str, str]:
    mantissa, _, exponent = format_count(count, digits).partition("e+")
    return mantissa, exponent


def _decimal_text(value: Fraction) -> str:
    if value >= GROUPED_BELOW:
        return count_text(int(value))
    return f"{Decimal(value.numerator) / Decimal(value.denominator):,.7g}"


def _whole_percent(share: float) -> str:
    percent = round(100 * share)
    if percent == 0 and share > 0:
        return "under 1"
    if percent == 100 and share < 1:  # noqa: PLR2004 - a hundred percent
        return "over 99"
    return str(percent)


def _significant(value: Fraction) -> str:
    """Return a number with three significant digits and no exponent."""
    if value < LEAST:
        return f"<{SPACE}{float(LEAST)}" if value else "0"
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(value)))
    return f"{float(value):,.{decimals}f}"
