"""Owe the public log an entry about a run's due process.

events of a case + what is told -> a notice
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from assent.authorisation.docket import DocketTransaction, RecordedEvent
from assent.authorisation.secretariat import Office, anchor, notify, write_notice
from assent.supervision.oversight import APPEAL_TYPE
from assent.translog.entry import DocumentDigest, Entry
from assent.vocabulary.envelope import Envelope


def owe(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    events: Sequence[RecordedEvent],
    kind: str,
    told: dict[str, str],
    now: datetime,
    paper: Envelope | None = None,
) -> None:
    """Owe the public log an entry."""
    documents = {}
    if paper is not None:
        data = paper.encoded
        documents["appeal"] = DocumentDigest(
            digest=f"sha256:{sha256(data).hexdigest()}",
            size_bytes=len(data),
            media_type=APPEAL_TYPE,
        )
    case_id = events[-1].case_id
    entry = Entry(
        kind=kind,
        subject=case_id,
        time=now.replace(microsecond=0),
        documents=documents,
        metadata={**told, **anchor(events)},
    )
    notify(office, transaction, write_notice(entry, case_id, (), now))
