"""Start a treaty: a commented document, for one state alone or for several.

agency + title + year -> YAML text that parses

The text holds no key: a key that stands in a public template would be everybody's. So
it parses, `summarise` warns of all that is missing, and nothing can be decided by it.
"""

import json
import re

from assent.authorisation.treaty.errors import TreatyInvalid

YEARS = 5  # for which the calendar is drawn up
YEAR_MIN, YEAR_MAX = 1970, 9_990  # dates have four digits
_AGENCY = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")

_HEAD = """\
# A treaty, as assent applies it. `assent treaty check THIS_FILE` tells what it says and
# what is missing; docs/treaty.md explains every field. Every new version has a higher
# number, and is signed by the states: `assent treaty bytes` writes what they sign.
assent: treaty/1
title: {title}
agency: {agency}
version: 1

# Whom a verifier believes about the public log: the lines `assent log init` prints as
# its policy, with a witness for each state. `quorum none` asks for nobody.
log_policy: |
  quorum none

# The working days by which deadlines run. `assent treaty calendar COUNTRY YEAR` prints
# this block with a country's holidays; what stands here decides, not that list.
calendar:
  title: Secretariat
  weekend: [saturday, sunday]
  closed: ["{first_year}-01-01", "{first_year}-12-25"]
  first: "{first_year}-01-01"
  last: "{last_year}-12-31"

# `in_force` is the date from which a state is bound, and votes.
parties:
{parties}
# Whoever votes. `keys` is empty: fill in what `assent key show` prints, such as
#   keys: [{{public: "64 hexadecimal digits", since: "{first_year}-01-01T00:00:00Z"}}]
members:
{members}
# Who is enough: `group NAME all|any|NUMBER MEMBERS…`, then `quorum NAME`.
organs:
{organs}
# What is not named here, nobody may decide: it stays forbidden.
matters:
{matters}
# Keys of the agency's machines, in the same form. They let nobody train.
services:
  status: []
  lease: []

# To whom secret fields of an application may be disclosed (age public keys).
inspectors: []

# What every permit carries: where the list of revoked permits is, how old it may be,
# and how long a lease lasts before a run must stop.
terms:
  status_uri: https://{agency}/status/1
  max_staleness_s: 86400
  lease_s: 86400

# Other agencies whose permits count here:
#   - {{agency: other.example, root_digest: "sha256:…", flop_max: "1e26",
#      since: "{first_year}-01-01T00:00:00Z"}}
recognises: []
"""
_TERMS = "review_working_days: 20, vote_working_days: 10"
_MONTH = "lapses_after_days: 30"
_FORTNIGHT = "lapses_after_days: 14"
_DECIDED = (
    "variation",
    "suspension",
    "reinstatement",
    "revocation",
    "pause-run",
    "pause-developer",
    "pause-site",
    "pause-party",
    "pause-class",
    "pause-everything",
    "resume",
    "termination",
)


def scaffold_national(agency: str, title: str, first_year: int) -> str:
    """Return the text of a treaty for one state alone.

    Raises:
        TreatyInvalid: if the agency or the year can not stand in a treaty.

    """
    matters = [
        f'permit: {{organs: [authority], {_TERMS}, flop_max: "1e26"}}',
        *(f"{matter}: {{organs: [authority], {_TERMS}}}" for matter in _DECIDED),
        f"emergency-suspension: {{organs: [minister], {_TERMS}, {_MONTH}}}",
        f"emergency-pause: {{organs: [minister], {_TERMS}, {_FORTNIGHT}}}",
        f"inspector-pause: {{{_TERMS}, {_FORTNIGHT}}}",
        f"appeal: {{organs: [panel], {_TERMS}, excludes_deciders: true}}",
    ]
    members = ("authority-a", "authority-b", "authority-c", "minister")
    judges = ("judge-1", "judge-2", "judge-3")
    return _compose(
        agency,
        title,
        first_year,
        parties=[_party("KEN", first_year)],
        members=[
            *(
                f"{{name: {name}, title: {name}, party: KEN, keys: []}}"
                for name in members
            ),
            *(f"{{name: {name}, title: {name}, keys: []}}" for name in judges),
        ],
        organs=[
            _organ("authority", members[:3], 2),
            _organ("minister", members[3:], 1),
            _organ("panel", judges, 2),
        ],
        matters=matters,
    )


def scaffold_wider(agency: str, title: str, first_year: int) -> str:
    """Return the text of a treaty of several states.

    Raises:
        TreatyInvalid: if the agency or the year can not stand in a treaty.

    """
    states = ("FRA", "GHA", "KEN", "NOR", "URY")
    experts = tuple(f"expert-{number}" for number in range(1, 7))
    judges = tuple(f"judge-{number}" for number in range(1, 4))
    matters = [
        f'permit: {{organs: [council], {_TERMS}, flop_max: "1e26"}}',
        "# Beyond that: two thirds of the board, and every state.",
        f"horizon-exception: {{organs: [board, assembly], {_TERMS}}}",
        *(f"{matter}: {{organs: [council], {_TERMS}}}" for matter in _DECIDED),
        f"emergency-suspension: {{organs: [director], {_TERMS}, {_MONTH}}}",
        f"emergency-pause: {{organs: [director], {_TERMS}, {_FORTNIGHT}}}",
        f"inspector-pause: {{{_TERMS}, {_FORTNIGHT}}}",
        f"appeal: {{organs: [panel], {_TERMS}, excludes_deciders: true}}",
    ]
    delegates = [
        f"{{name: {code}, title: Delegate of {code}, party: {code}, keys: []}}"
        for code in states
    ]
    others = [
        f"{{name: {name}, title: {name}, keys: []}}"
        for name in (*experts, *judges, "director-general")
    ]
    return _compose(
        agency,
        title,
        first_year,
        parties=[_party(code, first_year) for code in states],
        members=[*delegates, *others],
        organs=[
            _organ("council", states, 3),
            _organ("assembly", states, len(states)),
            _organ("board", experts, 4),
            _organ("panel", judges, 2),
            _organ("director", ("director-general",), 1),
        ],
        matters=matters,
    )


def _compose(  # noqa: PLR0913 - the parts of a document
    agency: str,
    title: str,
    first_year: int,
    *,
    parties: list[str],
    members: list[str],
    organs: list[str],
    matters: list[str],
) -> str:
    if _AGENCY.fullmatch(agency) is None:
        raise TreatyInvalid(
            f"{agency!r:.80} can not name an agency.",
            remedy="Write a domain name in lower case: agency.example.",
        )
    if not YEAR_MIN <= first_year <= YEAR_MAX:
        raise TreatyInvalid(
            f"{first_year} is no year to begin in.",
            remedy=f"Give a year from {YEAR_MIN} to {YEAR_MAX}.",
        )
    return _HEAD.format(
        title=json.dumps(title[:300]),
        agency=agency,
        first_year=first_year,
        last_year=first_year + YEARS - 1,
        parties="".join(f"  - {line}\n" for line in parties),
        members="".join(f"  - {line}\n" for line in members),
        organs="".join(organs),
        matters="".join(f"  {line}\n" for line in matters),
    )


def _party(code: str, year: int) -> str:
    return f'{{code: {code}, title: State {code}, in_force: "{year}-01-01"}}'


def _organ(name: str, members: tuple[str, ...], needed: int) -> str:
    return (
        f"  - name: {name}\n"
        f"    title: {name.capitalize()}\n"
        f"    members: [{', '.join(members)}]\n"
        "    approve: |\n"
        f"      group enough {needed} {' '.join(members)}\n"
        "      quorum enough\n"
    )
