"""Counts of operations, weights and tokens: exact integers, and intervals of them.

    "1.5e25" -> 15000000000000000000000000        (`parse_count`)
    15 * 10**24 -> "1.50e+25"                     (`format_count`)

FLOP outgrow 64-bit integers and the 53 bits of a double (10**25 + 1 equals 10**25 as a
double), and a threshold is exceeded by one operation, so a count is always a Python
`int`. `flop` is a count, `flop_per_s` a rate.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from assent.vocabulary.errors import QuantityInvalid

# A count beyond this is a typing error or an attack: all the operations that every
# computer on Earth could do in a century stay below 10**32.
COUNT_EXPONENT_MAX = 36
COUNT_MAX: int = 10**COUNT_EXPONENT_MAX
COUNT_TEXT_LENGTH_MAX = 64

_COUNT = re.compile(r"\d+(?:_\d+)*(?:\.\d+)?(?:[eE]\+?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """All whole numbers from `low` to `high`, both included; a point when equal."""

    low: int
    high: int

    def __post_init__(self) -> None:
        """Refuse an interval that holds nothing or falls below zero."""
        if not 0 <= self.low <= self.high:
            raise QuantityInvalid(
                f"An interval from {self.low} to {self.high} holds nothing.",
                remedy="Give 0 ≤ low ≤ high.",
            )

    def __add__(self, other: "Interval") -> "Interval":
        """Add end to end: both quantities are at their low, or both at their high."""
        return Interval(self.low + other.low, self.high + other.high)

    def __contains__(self, count: int) -> bool:
        """Say whether the count lies within, ends included."""
        return self.low <= count <= self.high

    @property
    def is_point(self) -> bool:
        """Say whether there is no uncertainty left."""
        return self.low == self.high

    @property
    def is_open(self) -> bool:
        """Say whether only the low end is known."""
        return self.high >= COUNT_MAX

    @staticmethod
    def at_least(low: int) -> "Interval":
        """Hold a count of which only a lower bound is known."""
        return Interval(low, max(low, COUNT_MAX))

    @staticmethod
    def point(count: int) -> "Interval":
        """Hold one count known exactly."""
        return Interval(count, count)


def parse_count(value: object, *, name: str = "count") -> int:
    """Return the whole number that an int, a whole float or a text denotes, exactly.

    Texts such as `8030261248`, `1_000_000`, `3.8e25` and `15e12` are read as decimals,
    never through a float.

    Raises:
        QuantityInvalid: if negative, not whole, not a number, or above 10**36.

    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _invalid(value, name)
    if isinstance(value, int):
        if not 0 <= value <= COUNT_MAX:
            raise _invalid("number outside 0 to 10**36", name)
        return value
    text = repr(value) if isinstance(value, float) else value.strip()
    if len(text) > COUNT_TEXT_LENGTH_MAX or not _COUNT.fullmatch(text):
        raise _invalid(text[:COUNT_TEXT_LENGTH_MAX], name)
    number = Decimal(text.replace("_", ""))
    if number > COUNT_MAX or number != number.to_integral_value():
        raise _invalid(text, name)
    return int(number)


def format_count(count: int, digits: int = 3) -> str:
    """Return a count in scientific notation with so many significant digits, or 0."""
    if count == 0:
        return "0"
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(count)
    return f"{rounded:.{digits - 1}e}"


def format_interval(interval: Interval, digits: int = 3) -> str:
    """Return `3.38e+24`, `3.38e+24 – 4.10e+24`, or `at least 3.38e+24`."""
    if interval.is_open:
        low = format_count(interval.low, digits)
        return f"at least {low}" if interval.low else "undisclosed"
    low, high = format_count(interval.low, digits), format_count(interval.high, digits)
    return low if low == high else f"{low} – {high}"


def _invalid(value: object, name: str) -> QuantityInvalid:
    return QuantityInvalid(
        f"{name} is {value!r}, which is not a whole number from 0 to 10**36.",
        remedy="Write a whole number such as 15000000000000, 15e12 or 3.8e25.",
    )
