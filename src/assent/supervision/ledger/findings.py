"""What the books show that somebody should look at.

balances, jobs -> Finding, each with its figures and its reason

A finding accuses nobody: a meter that counts the model's operations and a collector
that counts the chips' differ by what the chips did besides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from assent.supervision.ledger.entry import Account
from assent.supervision.ledger.job import Job
from assent.vocabulary import format_count


class FindingKind(StrEnum):
    """What is odd."""

    OVERRUN = "overrun"
    DRIFT = "drift"
    IDLENESS = "idleness"
    STRUCTURING = "structuring"
    STALE = "stale"  # what the agency told of other sites
    # What only all sites together show, at an agency.
    UNKNOWN_PERMIT = "unknown permit"
    BELOW_METERS = "below the meters"
    FORK = "fork"
    GAP = "gap"
    SILENCE = "silence"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something odd, of a book or an owner, in words."""

    kind: FindingKind
    about: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From where on something is odd; a site's or an agency's own numbers.

    Attributes:
        drift_low: the meter's count over the collector's, at least.
        drift_high: the same, at most.
        used_least: of what chips can do, the share that a meter should count at least;
            public runs lie between a quarter and a half.
        used_after_s: for how long a job has to run before that is asked.
        near: a share of the threshold, from which on a total is near it.
        near_count: so many totals of one group near it are odd.

    """

    drift_low: Fraction = Fraction(1, 2)
    drift_high: Fraction = Fraction(11, 10)
    used_least: Fraction = Fraction(1, 20)
    used_after_s: int = 600
    near: Fraction = Fraction(8, 10)
    near_count: int = 3


Balances = Mapping[str, Mapping[Account, int]]  # by book


def check_overruns(balances: Balances, jobs: Iterable[Job]) -> list[Finding]:
    """Return books that are overdrawn, and jobs that used more than reserved."""
    found = [
        Finding(
            kind=FindingKind.OVERRUN,
            about=book,
            words=f"{book} is overdrawn by {format_count(-left)} FLOP.",
        )
        for book, accounts in balances.items()
        if not book.startswith("exempt:")
        and (left := accounts.get(Account.AVAILABLE, 0)) < 0
    ]
    for job in jobs:
        spent, reserved = job.flop_spent or 0, job.admission.flop_reserved
        if spent > reserved:
            found.append(
                Finding(
                    kind=FindingKind.OVERRUN,
                    about=job.job_id,
                    words=f"Job {job.job_id} used {format_count(spent)} FLOP of"
                    f" {format_count(reserved)} that were reserved for it.",
                )
            )
    return found


def check_drift(balances: Balances, bounds: Bounds) -> list[Finding]:
    """Return the books in which meter and collector say too different things."""
    found = []
    for book, accounts in balances.items():
        metered = accounts.get(Account.METERED, 0)
        observed = accounts.get(Account.OBSERVED, 0)
        if not observed:
            continue
        ratio = Fraction(metered, observed)
        if not bounds.drift_low <= ratio <= bounds.drift_high:
            side = "less" if ratio < bounds.drift_low else "more"
            found.append(
                Finding(
                    kind=FindingKind.DRIFT,
                    about=book,
                    words=f"The meters of {book} counted {format_count(metered)} FLOP,"
                    f" and the provider's telemetry {format_count(observed)}: the"
                    f" meters say {side} than their share usually is.",
                )
            )
    return found


def check_idleness(jobs: Iterable[Job], bounds: Bounds) -> list[Finding]:
    """Return jobs whose meters count far less than their chips can do in the time.

    The chips' hours are the provider's own word: a meter that says too little shows in
    them, and so do chips that wait for data. Which of the two it is takes telemetry.
    """
    found = []
    for job in jobs:
        if job.vouched is None:
            continue
        last = job.ended or job.vouched.until
        seconds = int((last - job.admission.admitted).total_seconds())
        ceiling = job.admission.flop_per_s * max(seconds, 0)
        if seconds < bounds.used_after_s or not ceiling:
            continue
        used = Fraction(job.vouched.flop, ceiling)
        if used < bounds.used_least:
            found.append(
                Finding(
                    kind=FindingKind.IDLENESS,
                    about=job.job_id,
                    words=f"The meter of job {job.job_id} counted"
                    f" {format_count(job.vouched.flop)} FLOP in {seconds:,} s;"
                    f" its chips can do {format_count(ceiling)} in that time.",
                )
            )
    return found


def is_odd(job: Job) -> bool:
    """Return whether a job that ended overran, or was idle, by the usual bounds."""
    return bool(check_overruns({}, [job]) or check_idleness([job], Bounds()))


def check_structuring(
    totals: Mapping[str, Sequence[int]], flop_below: int, bounds: Bounds
) -> list[Finding]:
    """Return the groups of owners with many totals just below the threshold.

    Args:
        totals: by group, the FLOP of each of its undertakings without a permit.
        flop_below: the threshold.
        bounds: what is near, and how many are odd.

    """
    found = []
    least = ceil(bounds.near * flop_below)
    for group, each in totals.items():
        near = [flop for flop in each if least <= flop < flop_below]
        if len(near) >= bounds.near_count:
            found.append(
                Finding(
                    kind=FindingKind.STRUCTURING,
                    about=group,
                    words=f"{group} has {len(near)} undertakings of"
                    f" {format_count(min(near))} FLOP and more, just below the"
                    f" {format_count(flop_below)} from which a permit is needed.",
                )
            )
    return found
