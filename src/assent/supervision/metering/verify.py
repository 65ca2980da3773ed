"""Verify a batch of readings against where its chain stands.

signed batch + chain + head + accelerators + now -> VerifiedReadings, or the reason why not

The numbers are those of docs/spec/meter-readings.md. A verified batch shows what the
holder of the meter's key says, in an order that it cannot change afterwards. It does
not show that the training loop called the meter.
"""  # noqa: E501 - the arrow

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.compute.hardware import AcceleratorTable
from assent.supervision.metering.add_up import (
    verify_ceiling,
    verify_now,
    verify_span,
    verify_steps,
    verify_time,
    verify_totals,
)
from assent.supervision.metering.batch import parse_readings, verify_type
from assent.supervision.metering.errors import ReadingsUnsigned
from assent.supervision.metering.follow import (
    DigestAt,
    verify_chain,
    verify_previous,
    verify_sequence,
)
from assent.supervision.metering.reading import START, ChainHead, ChainId, Reading
from assent.vocabulary.envelope import Envelope, verify_envelope


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
        ReadingsMalformed, SignatureInvalid: if it is no batch, or not signed.
        ReadingsRefused: of the class that the specification names for each step.

    """
    # (1) It is a batch of readings.
    verify_type(envelope)
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
    verify_chain(readings, chain)
    # (4) The numbers follow on each other.
    verify_sequence(readings, digests, after, digest_at)
    # (5) Each names the one before.
    verify_previous(readings, digests, after)
    # (6) to (8) Each adds up with the one before.
    _verify_each(readings, after, accelerators)
    # (7) So does the whole.
    verify_span(readings)
    verify_now(readings[-1], now)
    return _verified(readings, digests, after)


def _verify_each(
    readings: Sequence[Reading],
    after: ChainHead | None,
    accelerators: AcceleratorTable,
) -> None:
    befores: list[Reading | ChainHead | None] = [after, *readings[:-1]]
    for before, reading in zip(befores, readings, strict=True):
        # (6) FLOP and steps add up.
        verify_totals(before, reading)
        verify_steps(before, reading)
        # (7) Time goes on, and not beyond now.
        verify_time(before, reading)
        # (8) The chips can have done it.
        verify_ceiling(reading, accelerators)


def _verified(
    readings: tuple[Reading, ...], digests: tuple[str, ...], after: ChainHead | None
) -> VerifiedReadings:
    before = [START if after is None else after.digest, *digests[:-1]]
    resumed = [
        (reading, held)
        for reading, held in zip(readings, before, strict=True)
        if reading.carried is not None
    ]
    return VerifiedReadings(
        readings=readings,
        digests=digests,
        head=readings[-1].head_with(digests[-1]),
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
