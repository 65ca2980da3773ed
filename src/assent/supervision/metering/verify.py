"""Verify a batch of readings against where its chain stands.

signed batch + chain + head + accelerators + now -> VerifiedReadings, or the reason why not

The numbers are those of docs/spec/meter-readings.md. A verified batch shows what the
holder of the meter's key says, in an order that it cannot change afterwards. It does
not show that the training loop called the meter.
"""  # noqa: E501 - the arrow

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.compute.hardware import AcceleratorTable
from assent.supervision.metering.batch import check_type, parse_readings
from assent.supervision.metering.ceiling import flop_ceiling_of
from assent.supervision.metering.errors import (
    ReadingBackInTime,
    ReadingChainBroken,
    ReadingForked,
    ReadingFromTheFuture,
    ReadingImpossible,
    ReadingOfAnotherMeter,
    ReadingOfAnotherRun,
    ReadingReplayed,
    ReadingsMissing,
    ReadingStepsWrong,
    ReadingsUnsigned,
    ReadingTotalsWrong,
)
from assent.supervision.metering.reading import START, ChainHead, ChainId, Reading
from assent.vocabulary import format_count, format_instant
from assent.vocabulary.envelope import Envelope, verify_envelope

CLOCK_SKEW_S = 300  # as for permits: machines' clocks differ
WALL_SLACK_MS = 1_000  # instants are whole seconds, so a stretch may look shorter

_ASK_FOR_THE_FILE = "Take the batches from the meter's own file, from the gap on."
_FORKED = (
    "The meter was cloned, or resumed from an older copy of its folder. Stop the job,"
    " keep both readings, and begin a new chain under a new job: what both did counts."
)
DigestAt = Callable[[int], str | None]
"""Which digest a chain holds at a sequence number; None if it is not known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedReadings:
    """A batch that follows on its chain.

    Attributes:
        readings: in order.
        digests: of each.
        head: where the chain stands now.
        flop: what they add to what the run has spent.
        flop_charged: how many of those nobody counted.
        resumed: the readings that began from a checkpoint.
        rolled_back: those of them whose checkpoint was behind the chain: the run did
            again what it had done before, and it counts twice.

    """

    readings: tuple[Reading, ...]
    digests: tuple[str, ...]
    head: ChainHead
    flop: int
    flop_charged: int
    resumed: tuple[Reading, ...]
    rolled_back: tuple[Reading, ...]


def verify_readings(  # noqa: PLR0913 - all that a batch is held against
    envelope: Envelope,
    chain: ChainId,
    after: ChainHead | None,
    accelerators: AcceleratorTable,
    now: datetime,
    *,
    digest_at: DigestAt | None = None,
) -> VerifiedReadings:
    """Return the readings of a batch that follows on a chain.

    Args:
        envelope: the signed batch.
        chain: of the job that was admitted, with the meter's key.
        after: where the chain stands; None before its first reading.
        accelerators: whose peaks bound what chips can do.
        now: the instant.
        digest_at: what the chain holds at earlier numbers, so that a fork is told from
            a replay; without it, only at the head.

    Raises:
        WrongReadings, ReadingsMalformed: if it is no batch of readings.
        ReadingsUnsigned, SignatureInvalid: if the chain's meter did not sign it.
        ReadingOfAnotherMeter, ReadingOfAnotherRun: if a reading is of another chain.
        ReadingReplayed, ReadingsMissing: if it is not the turn of its numbers.
        ReadingForked: if the meter has signed another reading of that number.
        ReadingChainBroken: if a digest is not that of the reading before.
        ReadingTotalsWrong, ReadingStepsWrong: if FLOP or steps do not add up.
        ReadingBackInTime, ReadingFromTheFuture: if times do not go on, or beyond now.
        HardwareUnknown, ReadingImpossible: if chips are unknown, or cannot do so much.

    """
    # (1) It is a batch of readings.
    check_type(envelope)
    parsed = parse_readings(envelope.payload)
    readings = tuple(reading for reading, _ in parsed)
    digests = tuple(made for _, made in parsed)
    # (2) The meter signed it.
    if not verify_envelope(envelope, envelope.payload_type, [chain.meter]):
        raise ReadingsUnsigned(
            f"Meter {chain.meter.text[:12]}… did not sign this batch.",
            remedy="Register the key of the meter that runs in the job.",
        )
    # (3) All of it is of that chain.
    _verify_chain(readings, chain)
    # (4) The numbers follow on each other.
    _verify_sequence(readings, digests, after, digest_at)
    # (5) Each names the one before.
    _verify_previous(readings, digests, after)
    befores: list[Reading | ChainHead | None] = [after, *readings[:-1]]
    for before, reading in zip(befores, readings, strict=True):
        # (6) FLOP and steps add up.
        _verify_totals(before, reading)
        _verify_steps(before, reading)
        # (7) Time goes on, and not beyond now.
        _verify_time(before, reading)
        # (8) The chips can have done it.
        _verify_ceiling(reading, accelerators)
    _verify_span(readings)
    _verify_now(readings[-1], now)
    return _verified(readings, digests, after)


def _verify_chain(readings: Sequence[Reading], chain: ChainId) -> None:
    for reading in readings:
        found = reading.chain
        if found is chain or found == chain:
            continue
        if found.meter != chain.meter:
            raise ReadingOfAnotherMeter(
                f"{_name(reading)} is of meter {found.meter.text[:12]}…, not"
                f" {chain.meter.text[:12]}….",
                remedy="Send each meter's readings by themselves.",
            )
        raise ReadingOfAnotherRun(
            f"{_name(reading)} is of job {found.job_id} of run {found.run_id} under"
            f" {found.permit_id}, and this is job {chain.job_id} of {chain.run_id}"
            f" under {chain.permit_id}.",
            remedy="Start the meter with the run, permit and job that were admitted.",
        )


def _verify_sequence(
    readings: Sequence[Reading],
    digests: Sequence[str],
    after: ChainHead | None,
    digest_at: DigestAt | None,
) -> None:
    number = 0 if after is None else after.sequence
    for reading, made in zip(readings, digests, strict=True):
        if reading.sequence <= number:
            held = _held(reading.sequence, after, digest_at)
            if held not in (None, made):
                raise _forked(reading)
            raise ReadingReplayed(
                f"{_name(reading)} comes again: the chain is at {number}.",
                remedy="Nothing is lost: what was taken in counts once.",
            )
        if reading.sequence > number + 1:
            raise ReadingsMissing(
                f"{_name(reading)} comes after {number}: readings are missing.",
                remedy=_ASK_FOR_THE_FILE,
            )
        number += 1


def _held(
    sequence: int, after: ChainHead | None, digest_at: DigestAt | None
) -> str | None:
    if after is not None and sequence == after.sequence:
        return after.digest
    return None if digest_at is None else digest_at(sequence)


def _verify_previous(
    readings: Sequence[Reading], digests: Sequence[str], after: ChainHead | None
) -> None:
    first = readings[0]
    if after is not None and first.previous != after.digest:
        raise _forked(first)  # it speaks of another reading of the head's number
    expected = [START if after is None else after.digest, *digests[:-1]]
    for reading, named in zip(readings, expected, strict=True):
        if reading.previous != named:
            raise ReadingChainBroken(
                f"{_name(reading)} names {reading.previous[:19]}… before it; that is"
                f" {named[:19]}….",
                remedy=_ASK_FOR_THE_FILE,
            )


def _verify_totals(before: Reading | ChainHead | None, reading: Reading) -> None:
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


def _verify_steps(before: Reading | ChainHead | None, reading: Reading) -> None:
    step = 0 if before is None else before.step_last
    follows = reading.carried is not None or reading.step_first == step + 1
    if not follows or reading.step_last < reading.step_first - 1:
        raise ReadingStepsWrong(
            f"{_name(reading)} tells steps {reading.step_first} to {reading.step_last}"
            f" after {step}, and of no checkpoint that was resumed.",
            remedy="Load the meter's state with the checkpoint.",
        )


def _verify_time(before: Reading | ChainHead | None, reading: Reading) -> None:
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


def _verify_span(readings: Sequence[Reading]) -> None:
    """Hold the work of all against the time of all: a second is worked in once."""
    first, last = readings[0], readings[-1]
    elapsed_ms = int((last.time_to - first.time_from).total_seconds()) * 1_000
    wall_ms = sum(reading.hardware.wall_ms for reading in readings)
    if wall_ms > elapsed_ms + WALL_SLACK_MS + len(readings):  # each is rounded up
        raise ReadingBackInTime(
            f"{_name(first)} and those up to {last.sequence} tell {wall_ms} ms of work"
            f" in {elapsed_ms} ms.",
            remedy="Run one meter a job; it tells every second once.",
        )


def _verify_now(last: Reading, now: datetime) -> None:
    """Hold the last against now; times before it were found to be earlier."""
    if last.time_to > now + timedelta(seconds=CLOCK_SKEW_S):
        raise ReadingFromTheFuture(
            f"{_name(last)} ends {format_instant(last.time_to)}; it is"
            f" {format_instant(now)}.",
            remedy="Set the clock of the meter's machine.",
        )


def _verify_ceiling(reading: Reading, accelerators: AcceleratorTable) -> None:
    ceiling = flop_ceiling_of([reading.hardware], accelerators)
    counted = reading.flop - reading.flop_charged
    if ceiling is not None and counted > ceiling:
        raise ReadingImpossible(
            f"{_name(reading)} counts {format_count(counted)} FLOP; its chips can do at"
            f" most {format_count(ceiling)} in {reading.hardware.wall_ms} ms.",
            remedy="Chips are missing from the reading, or it counts too much.",
        )


def _verified(
    readings: tuple[Reading, ...], digests: tuple[str, ...], after: ChainHead | None
) -> VerifiedReadings:
    last = readings[-1]
    before = [START if after is None else after.digest, *digests[:-1]]
    resumed = [
        (reading, held)
        for reading, held in zip(readings, before, strict=True)
        if reading.carried is not None
    ]
    return VerifiedReadings(
        readings=readings,
        digests=digests,
        head=ChainHead(
            chain=last.chain,
            sequence=last.sequence,
            digest=digests[-1],
            flop_total=last.flop_total,
            step_last=last.step_last,
            time_to=last.time_to,
        ),
        flop=sum(reading.flop for reading in readings),
        flop_charged=sum(reading.flop_charged for reading in readings),
        resumed=tuple(reading for reading, _ in resumed),
        rolled_back=tuple(
            reading
            for reading, held in resumed
            if reading.carried is not None
            and held not in (START, reading.carried.digest)
        ),
    )


def _forked(reading: Reading) -> ReadingForked:
    return ReadingForked(
        f"Meter {reading.chain.meter.text[:12]}… signed two chains that part at or"
        f" before reading {reading.sequence} of job {reading.chain.job_id}.",
        remedy=_FORKED,
    )


def _name(reading: Reading) -> str:
    return f"Reading {reading.sequence} of job {reading.chain.job_id}"
