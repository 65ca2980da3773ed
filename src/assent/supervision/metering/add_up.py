"""Does a reading add up: steps 6 to 8 of docs/spec/meter-readings.md.

reading + the one before + accelerators + now -> nothing, or the reason why not
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assent.compute.hardware import AcceleratorTable
from assent.supervision.metering.ceiling import flop_ceiling_of
from assent.supervision.metering.errors import (
    ReadingBackInTime,
    ReadingFromTheFuture,
    ReadingImpossible,
    ReadingStepsWrong,
    ReadingTotalsWrong,
)
from assent.supervision.metering.reading import ChainHead, Reading
from assent.vocabulary import format_count, format_instant

CLOCK_SKEW_S = 300  # as for permits: machines' clocks differ
WALL_SLACK_MS = 1_000  # instants are whole seconds, so a stretch may look shorter


def verify_totals(before: Reading | ChainHead | None, reading: Reading) -> None:
    """Refuse FLOP that do not add up.

    Raises:
        ReadingTotalsWrong: if they do not.

    """
    base = 0 if before is None else before.flop_total
    if reading.carried is not None:
        base = max(base, reading.carried.flop_total)
    if reading.flop_total != base + reading.flop:
        raise ReadingTotalsWrong(
            f"{_name(reading)} says {reading.flop_total} FLOP in all; {base} before and"
            f" {reading.flop} now make {base + reading.flop}.",
            remedy="Do not rely on this meter; look at how the job was resumed.",
        )
    if reading.flop_charged > reading.flop:
        raise ReadingTotalsWrong(
            f"{_name(reading)} charges {reading.flop_charged} of {reading.flop} FLOP.",
            remedy="A meter charges what it counted, or more than that.",
        )


def verify_steps(before: Reading | ChainHead | None, reading: Reading) -> None:
    """Refuse steps that are left out or told twice.

    Raises:
        ReadingStepsWrong: if there are such.

    """
    step = 0 if before is None else before.step_last
    follows = reading.carried is not None or reading.step_first == step + 1
    if not follows or reading.step_last < reading.step_first - 1:
        raise ReadingStepsWrong(
            f"{_name(reading)} tells steps {reading.step_first} to {reading.step_last}"
            f" after {step}, and of no checkpoint that was resumed.",
            remedy="Load the meter's state with the checkpoint.",
        )


def verify_time(before: Reading | ChainHead | None, reading: Reading) -> None:
    """Refuse a reading that is not after the one before.

    Raises:
        ReadingBackInTime: if it is not, or lasts longer than its instants say.

    """
    elapsed_ms = int((reading.time_to - reading.time_from).total_seconds()) * 1_000
    if (
        elapsed_ms < 0
        or (before is not None and reading.time_from < before.time_to)
        or reading.hardware.wall_ms > elapsed_ms + WALL_SLACK_MS
    ):
        raise ReadingBackInTime(
            f"{_name(reading)} is from {format_instant(reading.time_from)} to"
            f" {format_instant(reading.time_to)} with {reading.hardware.wall_ms} ms of"
            " work, which is not after the reading before, or too long.",
            remedy="Set the clock of the meter's machine, and let it not be set back.",
        )


def verify_span(readings: Sequence[Reading]) -> None:
    """Hold the work of all against the time of all: a second is worked in once.

    Raises:
        ReadingBackInTime: if it is told twice.

    """
    first, last = readings[0], readings[-1]
    elapsed_ms = int((last.time_to - first.time_from).total_seconds()) * 1_000
    wall_ms = sum(reading.hardware.wall_ms for reading in readings)
    if wall_ms > elapsed_ms + WALL_SLACK_MS + len(readings):  # each is rounded up
        raise ReadingBackInTime(
            f"{_name(first)} and those up to {last.sequence} tell {wall_ms} ms of work"
            f" in {elapsed_ms} ms.",
            remedy="Run one meter a job; it tells every second once.",
        )


def verify_now(last: Reading, now: datetime) -> None:
    """Hold the last against now; times before it were found to be earlier.

    Raises:
        ReadingFromTheFuture: if it ends later than clocks may differ.

    """
    if last.time_to > now + timedelta(seconds=CLOCK_SKEW_S):
        raise ReadingFromTheFuture(
            f"{_name(last)} ends {format_instant(last.time_to)}; it is"
            f" {format_instant(now)}.",
            remedy="Set the clock of the meter's machine.",
        )


def verify_ceiling(reading: Reading, accelerators: AcceleratorTable) -> None:
    """Refuse more FLOP than the chips can do; what is charged nobody counted.

    Raises:
        HardwareUnknown: if a kind of chips is not known.
        ReadingImpossible: if it counts more.

    """
    ceiling = flop_ceiling_of([reading.hardware], accelerators)
    counted = reading.flop - reading.flop_charged
    if ceiling is not None and counted > ceiling:
        raise ReadingImpossible(
            f"{_name(reading)} counts {format_count(counted)} FLOP; its chips can do at"
            f" most {format_count(ceiling)} in {reading.hardware.wall_ms} ms.",
            remedy="Chips are missing from the reading, or it counts too much.",
        )


def _name(reading: Reading) -> str:
    return f"Reading {reading.sequence} of job {reading.chain.job_id}"
