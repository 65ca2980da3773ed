"""What a running job may have used by now, and when it has to stop.

Admission + what its meter vouched for + now -> FLOP at most, Stop

Whoever hears no meter assumes the most: every chip at its peak since the last reading.
So a job that declared less than its chips can do runs on only while its meter speaks. A
meter is silent between readings, and before the first; for so long it is believed. What
the chips could do in that time is what a job can use beyond its maximum before it is
stopped; it is charged all the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from assent.supervision.admission.admission import Admission, Hold
from assent.vocabulary import format_count, format_instant


class StopKind(StrEnum):
    """Why a job has to stop."""

    PAUSED = "paused"
    TERMINATED = "terminated"
    PERMIT_ENDED = "permit_ended"
    LEASE_LAPSED = "lease_lapsed"
    POINT_REACHED = "point_reached"
    ALLOWANCE_USED = "allowance_used"
    TIME_OVER = "time_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A job has to stop: why, and how long it has to write a checkpoint."""

    kind: StopKind
    words: str
    grace_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What a job's meter vouched for: so many FLOP until then; nothing at first."""

    flop: int
    until: datetime


def flop_at_most(admission: Admission, vouched: Vouched | None, now: datetime) -> int:
    """Return what a job may have used by now."""
    flop, since = 0, admission.admitted
    if vouched is not None:
        flop, since = vouched.flop, max(vouched.until, admission.admitted)
    unseen_s = ceil(max((now - since).total_seconds(), 0))
    return flop + admission.flop_per_s * unseen_s


def decide_stop(  # noqa: PLR0913 - what a decision rests on, each by its name
    admission: Admission,
    *,
    vouched: Vouched | None,
    lease_expires: datetime | None,
    holds: tuple[Hold, ...],
    grace_s: int,
    silence_s: int,
    now: datetime,
) -> Stop | None:
    """Return why a job has to stop now; None if it may go on.

    Args:
        admission: the job's.
        vouched: what its meter vouched for last.
        lease_expires: of the newest lease of its permit; None if it needs none.
        holds: pause orders in force that cover it.
        grace_s: the time it has to write a checkpoint, unless an order says another.
        silence_s: for how long its meter may be silent.
        now: the instant.

    """
    used = _used(admission, vouched, grace_s, silence_s, now)
    found = _reason(admission, used, lease_expires, holds, grace_s, now)
    if found is None:
        return None
    kind, words = found
    graces = [hold.grace_s for hold in holds if hold.grace_s is not None]
    return Stop(kind=kind, words=words, grace_s=min(graces, default=grace_s))


def _used(
    admission: Admission,
    vouched: Vouched | None,
    grace_s: int,
    silence_s: int,
    now: datetime,
) -> int:
    """Return what a job has used, or could have by the time it is stopped."""
    flop = 0 if vouched is None else vouched.flop
    heard = admission.admitted if vouched is None else vouched.until
    if now <= heard + timedelta(seconds=silence_s):
        return flop
    last = min(now + timedelta(seconds=grace_s), admission.ends_by)
    return flop_at_most(admission, vouched, last)


def _reason(  # noqa: PLR0913, PLR0917 - as `decide_stop`
    admission: Admission,
    used: int,
    lease_expires: datetime | None,
    holds: tuple[Hold, ...],
    grace_s: int,
    now: datetime,
) -> tuple[StopKind, str] | None:
    grace = timedelta(seconds=grace_s)
    if holds:
        is_over = any(hold.is_final for hold in holds)
        words = " ".join(hold.words for hold in holds)
        return StopKind.TERMINATED if is_over else StopKind.PAUSED, words
    # The lease has to last for the checkpoint as well: afterwards nothing may run.
    if lease_expires is not None and now >= lease_expires - grace:
        ends = format_instant(lease_expires)
        return StopKind.LEASE_LAPSED, f"The lease ends {ends}, and no later one came."
    if used > admission.flop_reserved:
        reserved = format_count(admission.flop_reserved)
        words = (
            f"The job may have used {format_count(used)} of the {reserved} FLOP"
            " reserved for it by the time it has written a checkpoint."
        )
        return StopKind.ALLOWANCE_USED, words
    if now >= admission.ends_by:
        return (
            StopKind.TIME_OVER,
            f"The job's time limit ended {format_instant(admission.ends_by)}.",
        )
    return None
