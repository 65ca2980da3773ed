"""What a gate hears of a job's meter, and what it tells it.

signed readings + books -> what the job has spent for certain;  job -> Allowance
"""

from datetime import datetime

from assent.supervision.gate.deciding import open_job
from assent.supervision.gate.errors import MeterOfAnother
from assent.supervision.gate.gate import Gate
from assent.supervision.gate.watching import allowance_of, permit_at_hand
from assent.supervision.ledger import (
    Job,
    JobNotOpen,
    JobState,
    LedgerTransaction,
    meter,
    reach,
    report_loss,
    vouch,
)
from assent.supervision.metering import (
    Allowance,
    ChainId,
    VerifiedReadings,
    verify_readings,
)
from assent.vocabulary.envelope import Envelope


def greet(gate: Gate, chain: ChainId) -> int:
    """Return how far the chain of a job's meter is known: 0 before its first.

    The first meter that speaks for a job is the job's; whoever may open the gate's
    socket may speak.

    Raises:
        JobNotOpen: if no such job runs under this permit.
        MeterOfAnother: if another meter speaks for it.

    """
    with gate.ledger.reading() as books:
        job = _metered(books, chain)
    return 0 if job.meter is None else job.meter.sequence


def hear(gate: Gate, chain: ChainId, envelope: Envelope, now: datetime) -> Job:
    """Record what a job's meter vouches for, once it is verified.

    Raises:
        JobNotOpen, MeterOfAnother: as `greet`.
        ReadingsMalformed, ReadingsRefused, SignatureInvalid: if the readings do not
            follow on the chain, or cannot be true.

    """
    with gate.ledger.writing() as books:
        job = _metered(books, chain)
        source = f"{chain.meter.key_id}/{chain.job_id}"

        def digest_at(sequence: int) -> str | None:
            entry = books.entry(f"meter/{source}/{sequence}")
            return None if entry is None else entry.evidence

        found = verify_readings(
            envelope,
            chain,
            job.meter,
            gate.site.accelerators,
            now,
            digest_at=digest_at,
        )
        books.record(
            meter(
                job.admission.book,
                job.job_id,
                f"{source}/{reading.sequence}",
                reading.flop,
                reading.time_to,
                made,
            )
            for reading, made in zip(found.readings, found.digests, strict=True)
        )
        _record_losses(gate, books, job, found, now)
        job = vouch(job, found.flop, found.head, now)
        books.put_job(job)
    return job


def _record_losses(
    gate: Gate,
    books: LedgerTransaction,
    job: Job,
    found: VerifiedReadings,
    now: datetime,
) -> None:
    """Record the losses of oversight that readings tell the run has come to, once."""
    permit = permit_at_hand(job, gate.desk, now)
    book = job.admission.book
    for reading, made in zip(found.readings, found.digests, strict=True):
        if permit is None or reading.loss is None or not permit.oversight_losses:
            continue
        new = [report_loss(book, job.job_id, reading.time_to, made)]
        new += [
            reach(book, job.job_id, point.at_loss, reading.time_to, made)
            for point in permit.oversight_losses
            if reading.loss <= point.at_loss
        ]
        books.record(one for one in new if books.entry(one.entry_id) is None)


def allowance(gate: Gate, chain: ChainId, now: datetime) -> Allowance:
    """Return what a job's meter may still let happen, as things stand.

    Raises:
        JobNotOpen, MeterOfAnother: as `greet`.

    """
    with gate.ledger.reading() as books:
        job = _metered(books, chain)
    return allowance_of(job, gate.stop_of(job, now), gate.desk, now)


def _metered(books: LedgerTransaction, chain: ChainId) -> Job:
    job = open_job(books, chain.job_id)
    if job.state is JobState.ENDED or job.admission.permit_id != chain.permit_id:
        raise JobNotOpen(
            f"Job {job.job_id} is {job.state}, under {job.admission.permit_id}; the"
            f" meter says {chain.permit_id}.",
            remedy="Meter the job that was admitted, under its permit.",
        )
    if job.meter is not None and job.meter.chain != chain:
        raise MeterOfAnother(
            f"Another meter, {job.meter.chain.meter.text[:12]}…, speaks for job"
            f" {job.job_id}.",
            remedy="Start the meter with the key and folder that it had before.",
        )
    return job
