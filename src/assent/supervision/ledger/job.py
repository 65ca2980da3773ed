"""A job that was admitted: where it stands, and what is known of what it used.

Admission -> running -> stopping -> ended, each once

What a job is charged at its end is what its meter vouched for, and for all the time
that the meter did not see, what its chips could have done.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from assent.supervision.admission import Admission, Stop, Vouched, flop_at_most
from assent.supervision.ledger.errors import JobNotOpen
from assent.supervision.metering import ChainHead
from assent.vocabulary import Plain, format_instant


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


TRANSITIONS = {
    (None, "admitted"): JobState.RUNNING,
    (JobState.RUNNING, "vouched"): JobState.RUNNING,
    (JobState.RUNNING, "stop_ordered"): JobState.STOPPING,
    (JobState.RUNNING, "ended"): JobState.ENDED,
    (JobState.STOPPING, "vouched"): JobState.STOPPING,
    (JobState.STOPPING, "stop_ordered"): JobState.STOPPING,
    (JobState.STOPPING, "ended"): JobState.ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that was admitted.

    Attributes:
        admission: what it was admitted for.
        state: where it stands.
        vouched: what its meter vouched for.
        meter: where its meter's readings stand; None before the first.
        stop_ordered: when it was told to stop, and why.
        stop: see `stop_ordered`.
        ended: when it ended.
        flop_spent: what it was charged then.

    """

    admission: Admission
    state: JobState = JobState.RUNNING
    vouched: Vouched | None = None
    meter: ChainHead | None = None
    stop_ordered: datetime | None = None
    stop: Stop | None = None
    ended: datetime | None = None
    flop_spent: int | None = None

    @property
    def job_id(self) -> str:
        """What the scheduler calls it."""
        return self.admission.job_id

    @property
    def plain(self) -> dict[str, Plain]:
        """The job as plain values; counts are decimal strings."""
        seen, ordered, ended = self.vouched, self.stop_ordered, self.ended
        stop = self.stop
        return {
            "admission": self.admission.plain,
            "state": self.state.value,
            "vouched": None
            if seen is None
            else {"flop": str(seen.flop), "until": format_instant(seen.until)},
            "meter": None if self.meter is None else self.meter.plain,
            "stop_ordered": None if ordered is None else format_instant(ordered),
            "stop": None
            if stop is None
            else {
                "kind": stop.kind.value,
                "words": stop.words,
                "grace_s": stop.grace_s,
            },
            "ended": None if ended is None else format_instant(ended),
            "flop_spent": None if self.flop_spent is None else str(self.flop_spent),
        }


def vouch(job: Job, flop: int, head: ChainHead, now: datetime) -> Job:
    """Return the job after its meter vouched for `flop` more, up to where it stands.

    A meter whose clock is ahead vouches for no time that has not come yet.

    Raises:
        JobNotOpen: if it has ended.

    """
    state = _next(job, "vouched")
    total = flop + (0 if job.vouched is None else job.vouched.flop)
    vouched = Vouched(flop=total, until=min(head.time_to, now))
    return replace(job, state=state, vouched=vouched, meter=head)


def order_stop(job: Job, stop: Stop, now: datetime) -> Job:
    """Return the job after it was told to stop; the first reason stays.

    Raises:
        JobNotOpen: if it has ended.

    """
    state = _next(job, "stop_ordered")
    if job.stop_ordered is not None:
        return job
    return replace(job, state=state, stop_ordered=now, stop=stop)


def end(job: Job, ended: datetime, silence_s: int) -> Job:
    """Return the job after its end, with what it is charged.

    That is what its meter vouched for, and what its chips could have done in the time
    that no reading covers. A meter that spoke until the end is not silent while its job
    saves a checkpoint: then it is charged no more than was reserved, unless the meter
    itself counted more.

    Args:
        job: running, or told to stop.
        ended: when.
        silence_s: for how long a meter may be silent.

    Raises:
        JobNotOpen: if it has ended already.

    """
    state = _next(job, "ended")
    admission, vouched = job.admission, job.vouched
    ended = max(ended, admission.admitted)
    used = flop_at_most(admission, vouched, ended)
    if vouched is not None and ended <= vouched.until + timedelta(seconds=silence_s):
        used = max(vouched.flop, min(used, admission.flop_reserved))
    return replace(job, state=state, ended=ended, flop_spent=used)


def _next(job: Job, event: str) -> JobState:
    try:
        return TRANSITIONS[job.state, event]
    except KeyError:
        raise JobNotOpen(
            f"Job {job.job_id} is {job.state}: it cannot be {event}.",
            remedy="A job ends once. Give a new job a new name.",
        ) from None
