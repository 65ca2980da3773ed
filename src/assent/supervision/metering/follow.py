"""Does a batch follow on its chain: steps 3 to 5 of docs/spec/meter-readings.md.

readings + chain + head -> nothing, or the reason why not
"""

from collections.abc import Callable, Sequence

from assent.supervision.metering.errors import (
    ReadingChainBroken,
    ReadingForked,
    ReadingOfAnotherMeter,
    ReadingOfAnotherRun,
    ReadingReplayed,
    ReadingsMissing,
)
from assent.supervision.metering.reading import START, ChainHead, ChainId, Reading

_ASK_FOR_THE_FILE = "Take the batches from the meter's own file, from the gap on."
_FORKED = (
    "The meter was cloned, or resumed from an older copy of its folder. Stop the job,"
    " keep both readings, and begin a new chain under a new job: what both did counts."
)
DigestAt = Callable[[int], str | None]
"""Which digest a chain holds at a sequence number; None if it is not known any more."""


def verify_chain(readings: Sequence[Reading], chain: ChainId) -> None:
    """Refuse readings of another chain.

    Raises:
        ReadingOfAnotherMeter, ReadingOfAnotherRun: if there is one.

    """
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


def verify_sequence(
    readings: Sequence[Reading],
    digests: Sequence[str],
    after: ChainHead | None,
    digest_at: DigestAt | None,
) -> None:
    """Refuse numbers that do not follow on each other.

    Raises:
        ReadingReplayed, ReadingForked: if one is of a reading that the chain holds.
        ReadingsMissing: if one is left out.

    """
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


def verify_previous(
    readings: Sequence[Reading], digests: Sequence[str], after: ChainHead | None
) -> None:
    """Refuse digests that are not of the reading before.

    Raises:
        ReadingForked: if the first speaks of another head.
        ReadingChainBroken: if another does, or the first of a chain names any.

    """
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


def _forked(reading: Reading) -> ReadingForked:
    return ReadingForked(
        f"Meter {reading.chain.meter.text[:12]}… signed two chains that part at or"
        f" before reading {reading.sequence} of job {reading.chain.job_id}.",
        remedy=_FORKED,
    )


def _name(reading: Reading) -> str:
    return f"Reading {reading.sequence} of job {reading.chain.job_id}"
