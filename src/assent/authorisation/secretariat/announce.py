"""Bring notices to the public log, all or nothing, however often it is killed.

written notices -> entries appended, published, witnessed, proved; then what they defer

A crash between any two steps loses nothing and repeats nothing: an entry that is
appended again keeps its index, a document that is stored again is the same, and the
last step is one transaction. So `announce` is simply called again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import Event
from assent.authorisation.secretariat.notice import (
    KIND,
    WRITTEN,
    Notice,
    fold_notice,
    log_notice,
)
from assent.authorisation.secretariat.office import Office

NOTICES_MAX = 256  # at once: one publication carries them all
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Announced:
    """A notice that is public now: its index in the log, its proof."""

    notice: Notice
    index: int
    proof: bytes


def announce(
    office: Office, now: datetime, step: Step = lambda _: None
) -> list[Announced]:
    """Bring at most NOTICES_MAX written notices to the log, the oldest first.

    Args:
        office: the agency's.
        now: the time.
        step: told of each step before it is taken, for progress.

    Raises:
        StoreUnavailable, QuorumNotMet, LogRefused, LogMisbehaved, LogDamaged: as the
            ports say; what was done stays, and calling again goes on from there.

    """
    # (1) What is owed.
    step("read")
    with office.docket.reading() as transaction:
        cards = transaction.cards(kind=KIND, states=(WRITTEN,), limit=NOTICES_MAX)
        notices = [fold_notice(transaction.events(card.case_id)) for card in cards]
    if not notices:
        return []
    # (2) Durable in the log. Entries are made of recorded events: the same each time.
    step("append")
    indices = office.records.append([notice.entry.encoded for notice in notices])
    # (3) Public, under a head that enough witnesses saw.
    step("publish")
    office.records.publish(int(now.timestamp()))
    announced = []
    for notice, index in zip(notices, indices, strict=True):
        # (4) The proof is kept from now on: it tells when the witnesses saw the entry.
        step("prove")
        proof = office.records.prove(index)
        proof_digest = office.records.put(proof)
        # (5) In one transaction: it is logged, and what waited for that happens.
        step("record")
        _record(office, notice, index, proof_digest, now)
        announced.append(Announced(notice, index, proof))
    step("done")
    return announced


def _record(
    office: Office, notice: Notice, index: int, proof_digest: str, now: datetime
) -> None:
    with office.docket.writing() as transaction:
        if fold_notice(transaction.events(notice.notice_id)).index is not None:
            return  # another process was quicker
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
