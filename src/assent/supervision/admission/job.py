"""A job that asks to start, and the most that it can do.

scheduler's request -> JobRequest;  JobRequest + AcceleratorTable -> FLOP at most

A scheduler knows which chips a job gets and for how long, so its most is known before
it starts: every chip at its highest dense rate, for the whole of its time limit. No job
does as much; that is the point of a ceiling.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assent.compute.hardware import AcceleratorTable
from assent.supervision.admission.errors import JobMalformed
from assent.vocabulary import COUNT_MAX, format_count

TIME_LIMIT_S_MAX = 366 * 24 * 3600  # a year; schedulers write "unlimited" as more
CHIPS_MAX = 10**9  # of one kind
KINDS_MAX = 100
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a scheduler says of a job before it allocates anything.

    Attributes:
        job_id: the scheduler's name for it, unique at the site for ever; a cluster
            that counts from 1 again adds the time of submission.
        site: where it would run.
        account: who pays, as the scheduler calls them.
        permit_id: the permit that it claims; None if it claims to need none.
        chips: how many of each kind, by accelerator id or any name of it.
        time_limit_s: after which the scheduler ends it.
        flop_max: at which it is to be stopped; None for all that the chips can do.
        request_id: the inspector's request that it is an evaluation by; None if it is
            the developer's own.
        purpose: what a job without a permit is for, in its owner's words.

    Raises:
        JobMalformed: if it is no such job.

    """

    job_id: str
    site: str
    account: str
    permit_id: str | None = None
    chips: Mapping[str, int]
    time_limit_s: int
    flop_max: int | None = None
    request_id: str | None = None
    purpose: str = ""

    def __post_init__(self) -> None:
        """Refuse what no scheduler would allocate, and keep a copy of the chips."""
        for what in ("job_id", "site", "account"):
            if _NAME.fullmatch(getattr(self, what)) is None:
                raise JobMalformed(
                    f"A job's {what} is 1 to 200 printable characters.",
                    remedy="Pass on what the scheduler says.",
                )
        counts = self.chips.values()
        if len(self.chips) > KINDS_MAX or not all(0 < n <= CHIPS_MAX for n in counts):
            raise JobMalformed(
                f"Job {self.job_id} names no possible number of chips.",
                remedy="Name each kind of accelerator once, with a whole number.",
            )
        if not 0 < self.time_limit_s <= TIME_LIMIT_S_MAX:
            raise JobMalformed(
                f"Job {self.job_id} has a time limit of {self.time_limit_s} s.",
                remedy="Give it a time limit of a second to a year: a job without one"
                " could do anything.",
            )
        if self.flop_max is not None and not 0 < self.flop_max <= COUNT_MAX:
            raise JobMalformed(
                f"Job {self.job_id} is to be stopped at {self.flop_max} FLOP.",
                remedy="Give a positive number of FLOP, or none.",
            )
        object.__setattr__(self, "chips", MappingProxyType(dict(self.chips)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a job is charged, and how fast its chips could use it up.

    Attributes:
        flop: reserved for it: its own maximum, or what its chips can do if that is
            less.
        flop_per_s: of all its chips at their highest dense rates.
        chips: by accelerator id.

    """

    flop: int
    flop_per_s: int
    chips: Mapping[str, int]

    def ceiling_flop(self, duration_s: int) -> int:
        """Return the most that its chips can do in that time."""
        return self.flop_per_s * max(duration_s, 0)

    @property
    def words(self) -> str:
        """The charge in words."""
        return f"{format_count(self.flop)} FLOP"


def charge_of(job: JobRequest, accelerators: AcceleratorTable) -> Charge:
    """Return what a job is charged: its maximum, never an estimate.

    A job without accelerators is charged nothing. The rate is the highest dense peak
    among formats of four bits and more, whatever format the job says that it will use.

    Raises:
        NotFound: if an accelerator is none that the table knows.
        FactsMissing: if nothing is known of its rate.

    """
    chips: dict[str, int] = {}
    flop_per_s = 0
    for name, count in job.chips.items():
        accelerator = accelerators.find(name)
        known = chips.get(accelerator.accelerator_id, 0)
        chips[accelerator.accelerator_id] = known + count
        flop_per_s += accelerator.peak_training().flop_per_s * count
    ceiling = flop_per_s * job.time_limit_s
    flop = ceiling if job.flop_max is None else min(job.flop_max, ceiling)
    return Charge(flop=flop, flop_per_s=flop_per_s, chips=MappingProxyType(chips))
