"""What happens to a permit by itself, written down and announced.

permit + now -> its last day, a measure that ended; each with its notice
a permit that waits for the log + now -> void, if too few of its signers still count
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from assent.authorisation.application import State, void_grant
from assent.authorisation.application import fold as fold_application
from assent.authorisation.docket import DocketTransaction, Event, RecordedEvent
from assent.authorisation.permit import (
    ENTRY_KIND,
    LOGGING_MAX,
    Permit,
    due,
    fold,
    parse_permit,
    verify_signers,
)
from assent.authorisation.secretariat.conclude import anchor, notify
from assent.authorisation.secretariat.notice import (
    WRITTEN,
    Notice,
    drop_notice,
    fold_notice,
    write_notice,
)
from assent.authorisation.secretariat.office import Office, found
from assent.translog.entry import Entry
from assent.vocabulary import Refused, SignatureInvalid
from assent.vocabulary.envelope import parse_envelope

_ACTOR = "secretariat"


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


def void_unsigned(office: Office, notice_id: str, now: datetime) -> str | None:
    """Void a permit that waits for the log and could never be verified there.

    A signature counts by the keys in force when witnesses see the permit in the log. If
    a member's key ended since the decision and the others are too few, nobody would
    ever accept the permit: the application is under review again, and may be put to a
    vote by the new key.

    Returns:
        The permit, if it is void now.

    Raises:
        NotFound, DocumentDamaged: if its document is not there as it was stored.

    """
    with office.docket.writing() as transaction:
        notice = fold_notice(found(transaction, notice_id))
        if notice.state != WRITTEN or notice.entry.kind != ENTRY_KIND:
            return None
        permit, reason = _why_void(office, notice, now)
        if not reason:
            return None
        voided = Event(kind="voided", time=now, actor=_ACTOR, body={"reason": reason})
        events = office.add(transaction, permit.permit_id, [voided])
        application = fold_application(found(transaction, permit.case_id))
        if permit.version == 1 and application.state is State.GRANTED:
            again = void_grant(application, reason, actor=_ACTOR, now=now)
            office.add(transaction, permit.case_id, again)
        office.add(transaction, notice_id, [drop_notice(reason, now)])
        entry = replace(
            notice.entry,
            kind="decision-without-effect",
            time=now.replace(microsecond=0),
            metadata={
                "decision": permit.decision_id,
                "matter": permit.matter.value,
                **anchor(events),
            },
        )
        notify(office, transaction, write_notice(entry, permit.permit_id, (), now))
        return permit.permit_id


def _why_void(office: Office, notice: Notice, now: datetime) -> tuple[Permit, str]:
    """Return a permit that waits for the log, and why it never can be; "" if it can."""
    stored = office.records.get(notice.entry.documents[ENTRY_KIND].digest)
    envelope = parse_envelope(stored)
    permit = parse_permit(envelope.payload)
    try:
        verify_signers(envelope, office.treaty, permit.matter, permit.excluded, now)
    except (Refused, SignatureInvalid) as error:
        return permit, error.message
    is_late = now > permit.decide_by + LOGGING_MAX
    return permit, "the public log could not be reached in time" if is_late else ""


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
