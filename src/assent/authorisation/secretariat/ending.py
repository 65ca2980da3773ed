"""What happens to a permit by itself, written down and announced.

permit + now -> its last day, a measure that ended; each with its notice
"""

from collections.abc import Sequence
from datetime import datetime

from assent.authorisation.docket import DocketTransaction, Event, RecordedEvent
from assent.authorisation.permit import due, fold
from assent.authorisation.secretariat.conclude import anchor, notify
from assent.authorisation.secretariat.notice import write_notice
from assent.authorisation.secretariat.office import Office, found
from assent.translog.entry import Entry


def end_one(
    office: Office, transaction: DocketTransaction, permit_id: str, now: datetime
) -> bool:
    """Record and announce what happened to a permit by now; tell whether anything did.

    Raises:
        NotFound: if there is no such permit.

    """
    case = fold(found(transaction, permit_id))
    new = () if case is None else due(case, now)
    for event in new:
        events = office.add(transaction, permit_id, [event])
        tell_event(office, transaction, events, event)
    return bool(new)


def tell_event(
    office: Office,
    transaction: DocketTransaction,
    events: Sequence[RecordedEvent],
    event: Event,
) -> None:
    """Write the notice of an event of a permit for which nobody voted."""
    permit_id = events[-1].case_id
    entry = Entry(
        kind=f"permit-{event.kind}",
        subject=permit_id,
        time=event.time.replace(microsecond=0),
        metadata=anchor(events),
    )
    notify(office, transaction, write_notice(entry, permit_id, (), event.time))
