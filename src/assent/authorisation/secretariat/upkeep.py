"""What an agency does by itself, again and again.

Office + now -> votes closed, permits ended, decisions announced

It can be stopped at any instant and started again; two that run at once do no harm.
"""

from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import Event
from assent.authorisation.permit import FINAL, PermitState
from assent.authorisation.secretariat.announce import Announced, Step, announce
from assent.authorisation.secretariat.ending import (
    end_one,
    tell_event,
    void_unsigned,
)
from assent.authorisation.secretariat.hand_out import all_cards
from assent.authorisation.secretariat.isolate import Failures, WorkIncomplete, each
from assent.authorisation.secretariat.notice import KIND as NOTICE
from assent.authorisation.secretariat.notice import WRITTEN
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.secretariat.voting import Counted, close_due

_LIVE = tuple(state.value for state in PermitState if state not in FINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done: votes closed, permits that ended or came back, what is public.

    `void` are permits that were decided and, for want of keys in force, never will be.
    """

    closed: tuple[Counted, ...]
    ended: tuple[str, ...]
    void: tuple[str, ...]
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
        WorkIncomplete: at the end, if some cases could not be worked on.

    """
    failures: Failures = {}
    closed = tuple(close_due(office, now, failures))
    ended = tuple(end_due(office, now, failures))
    void = tuple(_void_due(office, now, failures))
    announced: list[Announced] = []
    while page := announce(office, now, step, failures):
        announced += page
    if failures:
        raise WorkIncomplete(failures)
    return Done(closed=closed, ended=ended, void=void, announced=tuple(announced))


def _void_due(office: Office, now: datetime, failures: Failures) -> list[str]:
    waiting = [card.case_id for card in all_cards(office, NOTICE, WRITTEN)]
    return each(waiting, lambda name: void_unsigned(office, name, now), failures)


def end_due(
    office: Office, now: datetime, failures: Failures | None = None
) -> list[str]:
    """Record what happened to permits by itself: a last day, a measure that ended.

    Args:
        office: the agency's.
        now: the time.
        failures: where permits that cannot be ended are put.

    Returns:
        The permits that something happened to.

    Raises:
        WorkIncomplete: if some cannot be ended, and no list was given for them.

    """

    def end_permit(permit_id: str) -> str | None:
        with office.docket.writing() as transaction:
            return permit_id if end_one(office, transaction, permit_id, now) else None

    failed: Failures = {} if failures is None else failures
    cards = list(all_cards(office, "permit", *_LIVE))
    over = [one.case_id for one in cards if one.due is not None and one.due <= now]
    ended = each(over, end_permit, failed)
    if failures is None and failed:
        raise WorkIncomplete(failed)
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
        tell_event(office, transaction, events, event)
