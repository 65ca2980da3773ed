"""We plan this; what would you ask? A confidential consultation before applying.

question + actor + now -> Events -> Consultation; its digest -> the application

What an officer answers binds neither side. An application names the consultation by
the digest of its last event, so that nobody can later say that something else was
asked or answered. The digest shows nothing of what was said to those who do not have
the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from assent.authorisation.application.document import (
    ConsultationReference,
    mapping_of,
)
from assent.authorisation.application.filing import words
from assent.authorisation.application.states import TransitionTable
from assent.authorisation.docket import CaseDamaged, Event, RecordedEvent, verify_chain
from assent.vocabulary import AssentError, NotFound, Plain

CONSULTATION_SERIES = "consultation"  # cases are called consultation-YYYY-NNNN


class ConsultationState(StrEnum):
    """Where a consultation stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class ConsultationKind(StrEnum):
    """What can happen in a consultation."""

    OPENED = "consultation_opened"
    ASKED = "consultation_asked"
    ANSWERED = "consultation_answered"
    CLOSED = "consultation_closed"


CONSULTATION_TABLE: TransitionTable[ConsultationState, ConsultationKind] = (
    TransitionTable(
        MappingProxyType(
            {
                ConsultationKind.OPENED: {None: ConsultationState.OPEN},
                ConsultationKind.ASKED: {
                    ConsultationState.OPEN: ConsultationState.OPEN,
                    ConsultationState.ANSWERED: ConsultationState.OPEN,
                },
                ConsultationKind.ANSWERED: {
                    ConsultationState.OPEN: ConsultationState.ANSWERED,
                    ConsultationState.ANSWERED: ConsultationState.ANSWERED,
                },
                ConsultationKind.CLOSED: {
                    ConsultationState.OPEN: ConsultationState.CLOSED,
                    ConsultationState.ANSWERED: ConsultationState.CLOSED,
                },
            }
        )
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What one side said."""

    text: str
    is_answer: bool
    time: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A consultation, folded from its events; `plan` is as the developer gave it."""

    case_id: str
    state: ConsultationState
    developer: str
    title: str
    plan: Mapping[str, Plain]
    remarks: tuple[Remark, ...]
    opened: datetime
    updated: datetime
    events: int
    digest: str

    @property
    def reference(self) -> ConsultationReference:
        """How an application names it, as it stands now."""
        return ConsultationReference(case_id=self.case_id, digest=self.digest)


def open_consultation(  # noqa: PLR0913 - each is a field of what is asked
    developer: str,
    title: str,
    question: str,
    plan: Mapping[str, Plain],
    *,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Begin a consultation.

    Args:
        developer: who asks.
        title: in one line, for the officers' list.
        question: what the developer wants to know.
        plan: what is planned, as far as the developer will say: fields of a declaration
            or of an application, whole or sealed.
        actor: who acts for the developer.
        now: when.

    Raises:
        DocumentInvalid: if a text is empty or too long, or the plan is not plain.
        DocumentTooLarge: if the plan is.

    """
    body: dict[str, Plain] = {
        "developer": words(developer, "developer's name"),
        "title": words(title, "title"),
        "text": words(question, "question"),
        "plan": dict(mapping_of(plan)),
    }
    kind = ConsultationKind.OPENED
    return [Event(kind=kind.value, time=now, actor=actor, body=body)]


def ask_further(
    consultation: Consultation, question: str, *, actor: str, now: datetime
) -> list[Event]:
    """Ask more.

    Raises:
        TransitionRefused: if it is closed.
        DocumentInvalid: if the question is empty or too long.

    """
    return _say(consultation, ConsultationKind.ASKED, question, actor, now)


def answer_consultation(
    consultation: Consultation, answer: str, *, actor: str, now: datetime
) -> list[Event]:
    """Answer as an officer; it binds neither side.

    Raises:
        TransitionRefused: if it is closed.
        DocumentInvalid: if the answer is empty or too long.

    """
    return _say(consultation, ConsultationKind.ANSWERED, answer, actor, now)


def close_consultation(
    consultation: Consultation, reason: str, *, actor: str, now: datetime
) -> list[Event]:
    """End the consultation; its digest changes no more.

    Raises:
        TransitionRefused: if it is closed already.
        DocumentInvalid: if the reason is empty or too long.

    """
    return _say(consultation, ConsultationKind.CLOSED, reason, actor, now)


def fold_consultation(events: Sequence[RecordedEvent]) -> Consultation:
    """Return the consultation that events tell, all of them from the first.

    Raises:
        NotFound: if there are none.
        CaseDamaged: if they do not form their chain, or tell what cannot have happened.

    """
    if not events:
        raise NotFound(
            "There is no such consultation.", remedy="Check the case's number."
        )
    verify_chain(events)
    try:
        consultation = _begin(events[0])
        for recorded in events[1:]:
            consultation = _go_on(consultation, recorded)
    except (AssentError, KeyError, TypeError, ValueError) as error:
        what = error.message if isinstance(error, AssentError) else repr(error)
        raise CaseDamaged(
            f"{events[0].case_id} tells what cannot have happened: {what:.300}",
            remedy="Restore the database from a backup; trust nothing after this.",
        ) from None
    return consultation


def _begin(recorded: RecordedEvent) -> Consultation:
    event, body = recorded.event, recorded.event.body
    if not isinstance(plan := body["plan"], Mapping):
        raise TypeError("plan is no mapping")
    return Consultation(
        case_id=recorded.case_id,
        state=CONSULTATION_TABLE.next_state(None, ConsultationKind(event.kind)),
        developer=_text(body, "developer"),
        title=_text(body, "title"),
        plan=MappingProxyType(dict(plan)),
        remarks=(_remark(event),),
        opened=event.time,
        updated=event.time,
        events=recorded.number,
        digest=recorded.digest,
    )


def _go_on(consultation: Consultation, recorded: RecordedEvent) -> Consultation:
    event = recorded.event
    kind = ConsultationKind(event.kind)
    return replace(
        consultation,
        state=CONSULTATION_TABLE.next_state(consultation.state, kind),
        remarks=(*consultation.remarks, _remark(event)),
        updated=event.time,
        events=recorded.number,
        digest=recorded.digest,
    )


def _remark(event: Event) -> Remark:
    return Remark(
        text=_text(event.body, "text"),
        is_answer=event.kind == ConsultationKind.ANSWERED,
        time=event.time,
        actor=event.actor,
    )


def _say(
    consultation: Consultation,
    kind: ConsultationKind,
    text: str,
    actor: str,
    now: datetime,
) -> list[Event]:
    CONSULTATION_TABLE.next_state(consultation.state, kind)
    body: dict[str, Plain] = {"text": words(text, "text")}
    return [Event(kind=kind.value, time=now, actor=actor, body=body)]


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value
