"""Organs and procedures: who decides a matter, and how many of them it takes.

signers + Procedure + Treaty -> enough, or what they lack

Each organ has a quorum in the grammar of C2SP tlog-policy. A procedure names the organs
that must each agree: two for an exception that takes a supermajority of experts *and*
all states.
"""

from dataclasses import dataclass
from enum import StrEnum

from assent.translog.formats.quorum import Quorum


class Matter(StrEnum):
    """What can be decided. A treaty that gives nobody a matter forbids it."""

    PERMIT = "permit"
    HORIZON_EXCEPTION = "horizon-exception"
    VARIATION = "variation"
    SUSPENSION = "suspension"
    EMERGENCY_SUSPENSION = "emergency-suspension"
    REINSTATEMENT = "reinstatement"
    REVOCATION = "revocation"
    APPEAL = "appeal"
    PAUSE_RUN = "pause-run"
    PAUSE_DEVELOPER = "pause-developer"
    PAUSE_SITE = "pause-site"
    PAUSE_PARTY = "pause-party"
    PAUSE_CLASS = "pause-class"
    PAUSE_EVERYTHING = "pause-everything"
    EMERGENCY_PAUSE = "emergency-pause"
    INSPECTOR_PAUSE = "inspector-pause"
    RESUME = "resume"
    TERMINATION = "termination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """A body with a quorum.

    Attributes:
        name: as procedures call it.
        title: as people call it.
        members: those who vote in it, by name.
        approve: which of them are enough to approve.
        block: which of them are enough to prevent it whatever the others say; None if
            nobody can.

    """

    name: str
    title: str
    members: tuple[str, ...]
    approve: Quorum
    block: Quorum | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How one matter is decided.

    Attributes:
        matter: the matter.
        organs: each of these must approve; none for what an inspector does alone.
        review_working_days: within which an application must be decided.
        vote_working_days: for which a vote is open; silence then is refusal.
        flop_max: the largest cap on FLOP that may be permitted so; None for any.
        excludes_deciders: whether those who voted on what is appealed against are out.
        lapses_after_days: after which the measure ends by itself; None if it does not.

    """

    matter: Matter
    organs: tuple[str, ...]
    review_working_days: int
    vote_working_days: int
    flop_max: int | None = None
    excludes_deciders: bool = False
    lapses_after_days: int | None = None
