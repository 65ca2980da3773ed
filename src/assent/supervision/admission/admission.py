"""What a job was admitted for, and what the site's books say of its run before it.

Balance, ExemptTerms -> `admit` -> Admission
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from assent.vocabulary import Plain, format_count, format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a run, or a group of owners without permits, has used at a site.

    Attributes:
        flop_spent: by jobs that ended.
        flop_reserved: for jobs that did not.
        chips: that those have now, by accelerator id.

    """

    flop_spent: int = 0
    flop_reserved: int = 0
    chips: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def flop(self) -> int:
        """What may have been used, if every job that runs does its most."""
        return self.flop_spent + self.flop_reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptTerms:
    """Below how much a group of owners needs no permit.

    Attributes:
        flop_below: the lowest threshold in force on the day.
        rule: which rule says so, as its rulebook calls it.
        on: the day.
        flop_elsewhere: what the group used without permits at other sites and with
            other providers, as far as these reported it.

    """

    flop_below: int
    rule: str
    on: date
    flop_elsewhere: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An order to stop that covers a job.

    Attributes:
        order: its number.
        words: what it says.
        grace_s: how long it gives jobs to write a checkpoint; None for as long as the
            site does.
        is_final: whether no order ends it.

    """

    order: str
    words: str
    grace_s: int | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A job that may start now.

    Attributes:
        job_id: the job.
        site: where.
        owner: whose it is.
        book: in which it is charged: the permit's id, or `exempt:` and the owner's.
        permit_id: under which permit; None if it needs none.
        lease_id: by which lease of it.
        flop_reserved: what it is charged until it ends.
        flop_per_s: what its chips can do in a second.
        chips: by accelerator id.
        admitted: when.
        ends_by: when the scheduler ends it at the latest.
        lease_expires: when the lease ends, unless it is renewed.

    """

    job_id: str
    site: str
    owner: str
    book: str
    permit_id: str | None
    lease_id: str | None
    flop_reserved: int
    flop_per_s: int
    chips: Mapping[str, int]
    admitted: datetime
    ends_by: datetime
    lease_expires: datetime | None

    def __post_init__(self) -> None:
        """Keep a copy of the chips that nobody can change."""
        object.__setattr__(self, "chips", MappingProxyType(dict(self.chips)))

    @property
    def plain(self) -> dict[str, Plain]:
        """The admission as plain values; counts are decimal strings."""
        lapses = self.lease_expires
        return {
            "job_id": self.job_id,
            "site": self.site,
            "owner": self.owner,
            "book": self.book,
            "permit_id": self.permit_id,
            "lease_id": self.lease_id,
            "flop_reserved": str(self.flop_reserved),
            "flop_per_s": str(self.flop_per_s),
            "chips": {kind: str(count) for kind, count in self.chips.items()},
            "admitted": format_instant(self.admitted),
            "ends_by": format_instant(self.ends_by),
            "lease_expires": None if lapses is None else format_instant(lapses),
        }

    @property
    def words(self) -> str:
        """The admission in words, for the job's owner."""
        paper = self.permit_id or "no permit (declared exempt)"
        return (
            f"Job {self.job_id} may start under {paper};"
            f" {format_count(self.flop_reserved)} FLOP are reserved for it until it"
            f" ends, by {format_instant(self.ends_by)} at the latest."
        )


def job_end(admitted: datetime, time_limit_s: int) -> datetime:
    """Return when a scheduler ends a job at the latest."""
    return admitted + timedelta(seconds=time_limit_s)
