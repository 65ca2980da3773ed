"""Public holidays of a country, from the `holidays` library, to draw up a calendar.

country + first year + number of years -> HolidayCalendar -> a `calendar:` block in YAML

The library is a help for whoever writes a treaty. It guesses some dates (those that
follow the moon), knows no closed days of an office, and later releases correct earlier
ones. So a deadline never runs by it: the dates that the parties wrote down decide.
"""

import warnings
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

import holidays

from assent.vocabulary import NotFound, QuantityInvalid

YEARS_MAX = 25  # the law of holidays changes; nobody knows it for longer
YEAR_MIN, YEAR_MAX = 1970, 2100  # what the library computes
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCalendar:
    """What the library says: days of the week (0 for Monday), dates and their names."""

    country: str
    weekend: tuple[int, ...]
    closed: tuple[tuple[date, str], ...]
    first: date
    last: date
    source: str

    @property
    def yaml(self) -> str:
        """The `calendar:` block of a treaty, with the holidays' names as comments."""
        weekend = ", ".join(_WEEK[day] for day in self.weekend)
        closed = "".join(f'\n    - "{day}"  # {name}' for day, name in self.closed)
        return (
            f"# From {self.source}; check every date.\n"
            "# A deadline runs by what the treaty says, whatever the library says.\n"
            "calendar:\n"
            f"  title: Public holidays of {self.country}\n"
            f"  weekend: [{weekend}]\n"
            f'  first: "{self.first}"\n'
            f'  last: "{self.last}"\n'
            f"  closed:{closed or ' []'}\n"
        )


def holiday_calendar(country: str, first_year: int, years: int = 1) -> HolidayCalendar:
    """Return a country's public holidays of some years.

    Args:
        country: its ISO 3166-1 code of two or three letters.
        first_year: the first of the years.
        years: how many.

    Raises:
        NotFound: if the library knows no holidays of that country in one of the years.
        QuantityInvalid: if these are no years it computes.

    """
    last_year = first_year + years - 1
    if not (
        1 <= years <= YEARS_MAX and YEAR_MIN <= first_year <= last_year <= YEAR_MAX
    ):
        raise QuantityInvalid(
            f"No calendar is drawn up for {years} years from {first_year}.",
            remedy=f"Ask for up to {YEARS_MAX} years, from {YEAR_MIN} to {YEAR_MAX}.",
        )
    source = f"the Python library holidays, release {version('holidays')}"
    unknown = NotFound(
        f"There are no holidays of {country!r:.20} in {source}.",
        remedy="Give a code such as KE or KEN, or write the closed days down yourself.",
    )
    if country not in holidays.list_supported_countries(include_aliases=True):
        raise unknown
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years it lacks, which are looked for below
        found = holidays.country_holidays(
            country, years=range(first_year, last_year + 1), language="en_US"
        )
    if {day.year for day in found} < set(range(first_year, last_year + 1)):
        raise unknown
    return HolidayCalendar(
        country=country,
        weekend=tuple(sorted(found.weekend)),
        closed=tuple(
            (day, _one_line(found[day]))
            for day in sorted(found)
            if first_year <= day.year <= last_year
        ),
        first=date(first_year, 1, 1),
        last=date(last_year, 12, 31),
        source=source,
    )


def _one_line(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())
