"""A made-up treaty of states whose keys a test holds.

how many states, what quorum -> SimulatedTreaty: its document, and every key

The keys come from the names: they are as public as this file, and good for tests and
rehearsals only.
"""

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.authorisation.treaty import Treaty, treaty_of
from assent.testing.small_log import SmallLog
from assent.vocabulary.envelope import PublicKey

STATES = ("AUS", "BRA", "CAN", "DEU", "FRA", "GHA", "IND", "JPN", "KEN", "NOR")
BOARD = tuple(f"expert-{number}" for number in range(1, 7))
PANEL = tuple(f"judge-{number}" for number in range(1, 4))
DIRECTOR = "director-general"
SINCE = "2026-01-01T00:00:00Z"
PAUSABLE = ("run", "developer", "site", "party", "class", "everything")
_CALENDAR = {
    "title": "Secretariat",
    "weekend": ["saturday", "sunday"],
    "closed": ["2026-01-01", "2026-12-25", "2027-01-01"],
    "first": "2025-01-01",
    "last": "2030-12-31",
}


@dataclass(frozen=True, slots=True)
class SeededSigner:
    """A key made from a name, for tests."""

    name: str

    @property
    def private(self) -> Ed25519PrivateKey:
        """The private half, which no real member shows."""
        return _key_of(self.name)

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self.private.sign(message)


@cache
def _key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def key_form(name: str, since: str = SINCE, until: str | None = None) -> dict[str, Any]:
    """Return the key of a name as a treaty's document states it."""
    form = {"public": SeededSigner(name).key.text, "since": since}
    return form if until is None else {**form, "until": until}


@dataclass
class SimulatedTreaty:
    """States that decide by quorum, a board, a panel for appeals, a director-general.

    `form` is the document; a test may change it before it asks for `treaty`.
    """

    states: tuple[str, ...] = STATES[:5]
    needed: int = 3
    log_policy: str = field(default_factory=SmallLog().policy.encoded.decode)
    form: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Write the document."""
        self.form = {
            "assent": "treaty/1",
            "title": "Treaty on the Authorization of Training",
            "agency": "agency.example",
            "version": 1,
            "log_policy": self.log_policy,
            "calendar": copy.deepcopy(_CALENDAR),
            "parties": [
                {
                    "code": code,
                    "title": f"State {code}",
                    "signed": "2025-06-01",
                    "ratified": "2025-10-01",
                    "in_force": "2026-01-01",
                }
                for code in self.states
            ],
            "members": [
                *[_member(code, f"Delegate of {code}", code) for code in self.states],
                *[_member(name, f"Expert {name}") for name in (*BOARD, *PANEL)],
                _member(DIRECTOR, "Director-general"),
            ],
            "organs": _organs(self.states, self.needed),
            "matters": _matters(),
            "services": {
                "status": [key_form("service-status")],
                "lease": [key_form("service-lease")],
            },
            "inspectors": [],
            "terms": {
                "status_uri": "https://agency.example/status/1",
                "max_staleness_s": 86_400,
                "lease_s": 86_400,
            },
        }

    @property
    def treaty(self) -> Treaty:
        """Return the treaty that the document is now."""
        return treaty_of(json.loads(json.dumps(self.form)))

    def signer(self, name: str) -> SeededSigner:
        """Return the key of a member, or of `service-status` and `service-lease`."""
        return SeededSigner(name)


def _member(name: str, title: str, party: str | None = None) -> dict[str, Any]:
    form = {"name": name, "title": title, "keys": [key_form(name)]}
    return form if party is None else {**form, "party": party}


def _organs(states: tuple[str, ...], needed: int) -> list[dict[str, Any]]:
    council = " ".join(states)
    return [
        _organ("council", states, f"group q {needed} {council}"),
        _organ("assembly", states, f"group q all {council}"),
        _organ("board", BOARD, f"group q 4 {' '.join(BOARD)}"),
        _organ("appeals-panel", PANEL, f"group q 2 {' '.join(PANEL)}"),
        _organ("director", (DIRECTOR,), f"group q 1 {DIRECTOR}"),
    ]


def _matters() -> dict[str, dict[str, Any]]:
    def by(*organs: str, **more: object) -> dict[str, Any]:
        terms = {"review_working_days": 20, "vote_working_days": 10}
        return {"organs": list(organs), **terms, **more}

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


def _organ(name: str, members: tuple[str, ...], group: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "members": list(members),
        "approve": f"{group}\nquorum q\n",
    }
