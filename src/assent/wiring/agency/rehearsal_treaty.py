"""The treaty of a rehearsal: states that decide by quorum, within days.

public keys by name + what the machines are known by -> the treaty's document
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from assent.vocabulary import format_instant
from assent.wiring.agency.create import Prepared

AGENCY = "rehearsal.example"
ORIGIN = "rehearsal.example/log"
STATES = ("AUS", "BRA", "CAN", "DEU", "FRA", "GHA", "IND", "JPN", "KEN")
BOARD = tuple(f"expert-{number}" for number in range(1, 7))
PANEL = tuple(f"judge-{number}" for number in range(1, 4))
DIRECTOR = "director-general"
INSPECTOR = "inspector-1"  # whom secret fields are disclosed to, by the name of a key
INSPECTOR_SIGNS = "inspector-1-signs"  # the key of the same person's reports
PAUSABLE = ("run", "developer", "site", "party", "class", "everything")
YEARS_AROUND = 3
_TERMS = {"review_working_days": 5, "vote_working_days": 3}


def rehearsal_form(  # noqa: PLR0913, PLR0917 - all that a treaty is made of
    public: Mapping[str, str],
    states: Sequence[str],
    needed: int,
    prepared: Prepared,
    policy_digest: str,
    time: datetime,
) -> dict[str, Any]:
    """Return the document of a rehearsal's treaty.

    Args:
        public: the public keys of members and of the inspector, by name.
        states: the codes of the parties.
        needed: how many of them grant a permit.
        prepared: the agency's machines and log.
        policy_digest: of the review policy.
        time: now; keys are in force from the beginning of that day.

    """
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    since, today = format_instant(midnight), midnight.date().isoformat()

    def keys(text: str) -> list[dict[str, str]]:
        return [{"public": text, "since": since}]

    def member(name: str, **more: str) -> dict[str, Any]:
        title = name.replace("-", " ").capitalize() if name.islower() else name
        return {"name": name, "title": title, "keys": keys(public[name]), **more}

    return {
        "assent": "treaty/1",
        "title": "REHEARSAL of a treaty on the authorization of training",
        "agency": AGENCY,
        "version": 1,
        "log_policy": prepared.log_policy,
        "calendar": _calendar(midnight.year),
        "parties": [_party(code, today) for code in states],
        "members": [
            *[member(code, party=code) for code in states],
            *[member(name) for name in (*BOARD, *PANEL, DIRECTOR)],
        ],
        "organs": _organs(states, needed),
        "matters": _matters(),
        "services": {role: keys(prepared.keys[role]) for role in ("status", "lease")},
        "inspectors": [_inspector(public, since)],
        "terms": _terms(),
        "review_policy": policy_digest,
    }


def _party(code: str, today: str) -> dict[str, Any]:
    return {"code": code, "title": f"State {code}", "in_force": today}


def _inspector(public: Mapping[str, str], since: str) -> dict[str, Any]:
    return {
        "name": INSPECTOR,
        "title": "Inspector 1",
        "recipient": public[INSPECTOR],
        "keys": [{"public": public[INSPECTOR_SIGNS], "since": since}],
        "since": since,
    }


def _terms() -> dict[str, Any]:
    day_s = int(timedelta(days=1).total_seconds())
    return {
        "status_uri": f"https://{AGENCY}/status.jwt",
        "max_staleness_s": day_s,
        "lease_s": day_s,
    }


def _calendar(year: int) -> dict[str, Any]:
    return {
        "title": "Weekends only",
        "weekend": ["saturday", "sunday"],
        "closed": [],
        "first": f"{year - YEARS_AROUND}-01-01",
        "last": f"{year + YEARS_AROUND}-12-31",
    }


def _organs(states: Sequence[str], needed: int) -> list[dict[str, Any]]:
    def organ(name: str, members: Sequence[str], enough: int) -> dict[str, Any]:
        return {
            "name": name,
            "title": name.replace("-", " ").capitalize(),
            "members": list(members),
            "approve": f"group enough {enough} {' '.join(members)}\nquorum enough\n",
        }

    return [
        organ("council", states, needed),
        organ("assembly", states, len(states)),
        organ("board", BOARD, 4),
        organ("appeals-panel", PANEL, 2),
        organ("director", (DIRECTOR,), 1),
    ]


def _matters() -> dict[str, dict[str, Any]]:
    def by(*organs: str, **more: object) -> dict[str, Any]:
        return {"organs": list(organs), **_TERMS, **more}

    return {
        "permit": by("council", flop_max="1e26"),
        "horizon-exception": by("board", "assembly"),
        "variation": by("council"),
        "suspension": by("council"),
        "reinstatement": by("council"),
        "revocation": by("council"),
        "emergency-suspension": by("director", lapses_after_days=30),
        "appeal": by("appeals-panel", excludes_deciders=True),
        **{f"pause-{scope}": by("council") for scope in PAUSABLE},
        "emergency-pause": by("director", lapses_after_days=14),
        "inspector-pause": by(lapses_after_days=14),
        "resume": by("council"),
        "termination": by("council"),
    }
