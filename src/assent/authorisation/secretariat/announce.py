"""Bring notices to the public log, all or nothing, however often it is killed.

written notices -> entries appended, published, witnessed, proved; then what they defer

A crash between any two steps loses nothing and repeats nothing: an entry that is
appended again keeps its index, a document that is stored again is the same, and the
last step is one transaction. So `announce` is simply called again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import Event
from assent.authorisation.secretariat.isolate import Failures, WorkIncomplete, each
from assent.authorisation.secretariat.notice import (
    KIND,
    WRITTEN,
    Notice,
    fold_notice,
    log_notice,
)
from assent.authorisation.secretariat.office import Office
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError

NOTICES_MAX = 256  # at once: one publication carries them all
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Announced:
    """A notice that is public now: its index in the log, its proof."""

    notice: Notice
    index: int
    proof: bytes


def announce(
    office: Office,
    now: datetime,
    step: Step = lambda _: None,
    failures: Failures | None = None,
) -> list[Announced]:
    """Bring at most NOTICES_MAX written notices to the log, the oldest first.

    Args:
        office: the agency's.
        now: the time.
        step: told of each step before it is taken, for progress.
        failures: where notices that cannot be recorded are put.

    Returns:
        What is public and recorded now; nothing if nothing was owed, or none could be.

    Raises:
        StoreUnavailable, QuorumNotMet, LogRefused, LogMisbehaved, LogDamaged: as the
            ports say; what was done stays, and calling again goes on from there.
        WorkIncomplete: if a notice cannot be recorded, and no place was given for it.

    """
    # (1) What is owed.
    step("read")
    with office.docket.reading() as transaction:
        cards = transaction.cards(kind=KIND, states=(WRITTEN,), limit=NOTICES_MAX)
        transaction.read_ahead(card.case_id for card in cards)
        notices = [fold_notice(transaction.events(card.case_id)) for card in cards]
    if not notices:
        return []
    logged, proofs = _publish(office, notices, now, step)
    # (5) In one transaction: they are logged, and what waited for that happens.
    step("record")
    failed: Failures = {} if failures is None else failures
    recorded = _record_all(office, logged, now, failed)
    step("done")
    if failures is None and failed:
        raise WorkIncomplete(failed)
    return [
        Announced(notice, index, proof)
        for (notice, index, _), proof in zip(logged, proofs, strict=True)
        if notice.notice_id in recorded
    ]


def _publish(
    office: Office, notices: Sequence[Notice], now: datetime, step: Step
) -> tuple[list[tuple[Notice, int, str]], list[bytes]]:
    """Append, publish and prove; each notice's index and proof's digest, the proofs."""
    # (2) Durable in the log. Entries are made of recorded events: the same each time.
    step("append")
    indices = office.records.append([notice.entry.encoded for notice in notices])
    # (3) Public, under a head that enough witnesses saw.
    step("publish")
    office.records.publish(int(now.timestamp()))
    # (4) The proofs are kept from now on: they tell when the witnesses saw the entries.
    step("prove")
    proofs = [office.records.prove(index) for index in indices]
    digests = office.records.put_all(proofs)
    return list(zip(notices, indices, digests, strict=True)), proofs


def _record_all(
    office: Office,
    logged: Sequence[tuple[Notice, int, str]],
    now: datetime,
    failures: Failures,
) -> set[str]:
    """Record all notices together; if one cannot be, each by itself."""
    by_id = {one[0].notice_id: one for one in logged}

    def record_one(notice_id: str) -> str:
        _record(office, [by_id[notice_id]], now)
        return notice_id

    try:
        _record(office, logged, now)
    except StoreUnavailable:
        raise
    except AssentError:
        return set(each(by_id, record_one, failures))
    return set(by_id)


def _record(
    office: Office, logged: Sequence[tuple[Notice, int, str]], now: datetime
) -> None:
    with office.docket.writing() as transaction:
        transaction.read_ahead(
            case_id for notice, _, _ in logged for case_id in notice.case_ids
        )
        for notice, index, proof_digest in logged:
            if fold_notice(transaction.events(notice.notice_id)).index is not None:
                continue  # another process was quicker
            skipped = []
            for later in notice.deferred:
                body = {**later.body, "entry_index": index, "proof": proof_digest}
                event = Event(kind=later.kind, time=now, actor="secretariat", body=body)
                if office.fits(transaction, later.case_id, event):
                    office.add(transaction, later.case_id, [event])
                else:  # the case went on meanwhile: a permit was revoked, say
                    skipped.append(later.kind)
            done = log_notice(index, proof_digest, skipped, now)
            office.add(transaction, notice.notice_id, [done])
