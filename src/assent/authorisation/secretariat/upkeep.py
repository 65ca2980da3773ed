"""What an agency does by itself, again and again.

Office + now -> votes closed, permits ended, decisions announced

It can be stopped at any instant and started again; two that run at once do no harm.
"""

from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import DocketTransaction, Event, RecordedEvent
from assent.authorisation.permit import FINAL, PermitState, due, fold
from assent.authorisation.secretariat.announce import Announced, Step, announce
from assent.authorisation.secretariat.conclude import anchor, notify
from assent.authorisation.secretariat.hand_out import all_cards
from assent.authorisation.secretariat.notice import write_notice
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.secretariat.voting import Counted, close_due
from assent.translog.entry import Entry

_LIVE = tuple(state.value for state in PermitState if state not in FINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done: votes closed, permits that ended or came back, what is public."""

    closed: tuple[Counted, ...]
    ended: tuple[str, ...]
    announced: tuple[Announced, ...]


def work(office: Office, now: datetime, step: Step = lambda _: None) -> Done:
    """Do everything that is due.

    Args:
        office: the agency's.
        now: the time.
        step: told of each step, for progress.

    Raises:
        StoreUnavailable, QuorumNotMet, LogRefused, LogMisbehaved, LogDamaged: as
            `announce` says; what was done stays, and calling again goes on from there.

    """
    closed = tuple(close_due(office, now))
    ended = tuple(end_due(office, now))
    announced: list[Announced] = []
    while page := announce(office, now, step):
        announced += page
    return Done(closed=closed, ended=ended, announced=tuple(announced))


def end_due(office: Office, now: datetime) -> list[str]:
    """Record what happened to permits by itself: a last day, a measure that ended.

    Returns:
        The permits that something happened to.

    """
    ended = []
    for card in list(all_cards(office, "permit", *_LIVE)):
        if card.due is None or card.due > now:
            continue
        with office.docket.writing() as transaction:
            events = found(transaction, card.case_id)
            case = fold(events)
            new = () if case is None else due(case, now)
            for event in new:
                events = office.add(transaction, card.case_id, [event])
                _notify(office, transaction, events, event)
            if new:
                ended.append(card.case_id)
    return ended


def exhaust(office: Office, permit_id: str, actor: str, now: datetime) -> None:
    """Record that a permit is used up.

    Raises:
        NotFound: if there is no such permit.
        StepNotAllowed: if it is over already.

    """
    with office.docket.writing() as transaction:
        found(transaction, permit_id)
        event = Event(kind="exhausted", time=now, actor=actor)
        events = office.add(transaction, permit_id, [event])
        _notify(office, transaction, events, event)


def _notify(
    office: Office,
    transaction: DocketTransaction,
    events: list[RecordedEvent],
    event: Event,
) -> None:
    permit_id = events[-1].case_id
    entry = Entry(
        kind=f"permit-{event.kind}",
        subject=permit_id,
        time=event.time.replace(microsecond=0),
        metadata=anchor(events),
    )
    notify(office, transaction, write_notice(entry, permit_id, (), event.time))
