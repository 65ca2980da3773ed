"""Read a case from its events, and believe none that cannot have happened.

RecordedEvents, from the first -> ApplicationCase, or CaseDamaged

Each event is asked of the transition table again, and each document is parsed and held
against the digest beside it, so that a case is either whole or refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from assent.authorisation.application.case import (
    Appeal,
    ApplicationCase,
    Disclosure,
    InformationRequest,
    Note,
    Version,
)
from assent.authorisation.application.document import (
    Application,
    application_of,
    evidence_of,
)
from assent.authorisation.application.states import VOTED_ON, Kind, next_state
from assent.authorisation.docket import (
    CaseDamaged,
    Event,
    Folding,
    RecordedEvent,
    verify_chain,
)
from assent.vocabulary import (
    AssentError,
    NotFound,
    digest,
    parse_canonical,
    parse_instant,
)

_Take = Callable[[ApplicationCase, Event], ApplicationCase]


def fold(events: Sequence[RecordedEvent]) -> ApplicationCase:
    """Return the case that events tell.

    Args:
        events: all events of one case, from the first.

    Raises:
        NotFound: if there are none.
        CaseDamaged: if they do not form their chain, or tell what cannot have happened.

    """
    verify_chain(events)
    case = _FOLDING.of(events)
    if case is None:
        raise NotFound("There is no such case.", remedy="Check the case's number.")
    return case


def _step(case: ApplicationCase | None, recorded: RecordedEvent) -> ApplicationCase:
    """Let one event happen; if it cannot have happened, the case is damaged."""
    try:
        if case is None:
            return _begin(recorded)
        return _go_on(case, recorded)
    except (AssentError, KeyError, TypeError, ValueError) as error:
        what = error.message if isinstance(error, AssentError) else repr(error)
        raise CaseDamaged(
            f"Event {recorded.number} of {recorded.case_id},"
            f" {recorded.event.kind!r:.80}, cannot have happened: {what:.300}",
            remedy="Restore the database from a backup; trust nothing after this.",
        ) from None


_FOLDING = Folding(_step)


def _begin(recorded: RecordedEvent) -> ApplicationCase:
    event = recorded.event
    return ApplicationCase(
        case_id=recorded.case_id,
        state=next_state(None, Kind(event.kind)),
        application=_document(event.body_encoded),
        requests=MappingProxyType({}),
        opened=event.time,
        updated=event.time,
        events=recorded.number,
        last_digest=recorded.digest,
    )


def _go_on(case: ApplicationCase, recorded: RecordedEvent) -> ApplicationCase:
    kind = Kind(recorded.event.kind)
    state = next_state(case.state, kind)
    taken = _TAKES[kind](case, recorded.event) if kind in _TAKES else case
    return replace(
        taken,
        state=state,
        updated=recorded.event.time,
        vote_closes=taken.vote_closes if state in VOTED_ON else None,
        events=recorded.number,
        last_digest=recorded.digest,
    )


@lru_cache(maxsize=64)  # a case is read often while it is handled
def _document(body: bytes) -> Application:
    said = parse_canonical(body)
    # The digest is of the words that were recorded. A later release may know further
    # fields, and would spell the same document otherwise.
    if digest(said["document"]) != said["digest"]:
        raise ValueError("its document is not the one whose digest it names")
    return application_of(said["document"])


def _edited(case: ApplicationCase, event: Event) -> ApplicationCase:
    return replace(case, application=_document(event.body_encoded))


def _submitted(case: ApplicationCase, event: Event) -> ApplicationCase:
    application = _document(event.body_encoded)
    if application != case.application:
        raise ValueError("what was submitted is not the draft")
    first = Version(
        number=1,
        application=application,
        digest=_text(event.body, "digest"),
        time=event.time,
        actor=event.actor,
        reason="",
        former=None,
    )
    return replace(case, versions=(first,), submitted=event.time)


def _amended(case: ApplicationCase, event: Event) -> ApplicationCase:
    application = _document(event.body_encoded)
    former = case.versions[-1]
    if event.body["former"] != former.digest:
        raise ValueError("it amends another version than the newest")
    version = Version(
        number=former.number + 1,
        application=application,
        digest=_text(event.body, "digest"),
        time=event.time,
        actor=event.actor,
        reason=_text(event.body, "reason"),
        former=former.application,
    )
    return replace(case, application=application, versions=(*case.versions, version))


def _review_started(case: ApplicationCase, event: Event) -> ApplicationCase:
    return replace(case, officer=_text(event.body, "officer"))


def _requested(case: ApplicationCase, event: Event) -> ApplicationCase:
    asked = InformationRequest(
        request_id=_text(event.body, "id"),
        question=_text(event.body, "question"),
        asked=event.time,
        asked_by=event.actor,
        due=date.fromisoformat(_text(event.body, "due")),
    )
    if asked.request_id in case.requests:
        raise ValueError("the same request a second time")
    return _with_request(case, asked)


def _provided(case: ApplicationCase, event: Event) -> ApplicationCase:
    answered = replace(
        case.request(_text(event.body, "id")),
        closed=event.time,
        answer=_text(event.body, "answer"),
        evidence=_texts(event.body, "evidence"),
    )
    return _with_request(case, answered)


def _request_withdrawn(case: ApplicationCase, event: Event) -> ApplicationCase:
    withdrawn = replace(
        case.request(_text(event.body, "id")),
        closed=event.time,
        withdrawn_because=_text(event.body, "reason"),
    )
    return _with_request(case, withdrawn)


def _with_request(case: ApplicationCase, one: InformationRequest) -> ApplicationCase:
    requests = {**case.requests, one.request_id: one}
    return replace(case, requests=MappingProxyType(requests))


def _information_complete(case: ApplicationCase, _: Event) -> ApplicationCase:
    if case.open_requests:
        raise ValueError("a request for information is still open")
    return case


def _document_added(case: ApplicationCase, event: Event) -> ApplicationCase:
    added = evidence_of(event.body["document"])
    if added.id in case.evidence:
        raise ValueError("a second document of the same id")
    return replace(case, added=(*case.added, added))


def _disclosed(case: ApplicationCase, event: Event) -> ApplicationCase:
    disclosure = Disclosure(
        inspector=_text(event.body, "inspector"),
        digest=_text(event.body, "digest"),
        fields=_texts(event.body, "fields"),
        time=event.time,
        actor=event.actor,
    )
    return replace(case, disclosures=(*case.disclosures, disclosure))


def _note_added(case: ApplicationCase, event: Event) -> ApplicationCase:
    note = Note(
        text=_text(event.body, "text"),
        is_visible_to_applicant=event.body["is_visible_to_applicant"] is True,
        time=event.time,
        actor=event.actor,
    )
    return replace(case, notes=(*case.notes, note))


def _proposed(case: ApplicationCase, event: Event) -> ApplicationCase:
    proposal = event.body.get("proposal")
    closes = proposal.get("closes") if isinstance(proposal, Mapping) else None
    return replace(case, vote_closes=None if closes is None else parse_instant(closes))


def _refused(case: ApplicationCase, event: Event) -> ApplicationCase:
    return replace(case, refused=case.refused or event.time)


def _appealed(case: ApplicationCase, event: Event) -> ApplicationCase:
    appeal = Appeal(
        grounds=_text(event.body, "grounds"),
        evidence=_texts(event.body, "evidence"),
        time=event.time,
        actor=event.actor,
    )
    return replace(case, appeal=appeal)


def _permit_issued(case: ApplicationCase, event: Event) -> ApplicationCase:
    return replace(case, permit_issued=case.permit_issued or event.time)


def _grant_voided(case: ApplicationCase, event: Event) -> ApplicationCase:
    _text(event.body, "reason")
    if case.permit_issued is not None:
        raise ValueError("the permit was issued")
    return replace(case, refused=None)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body[name]
    if not isinstance(value, list | tuple) or not all(
        isinstance(one, str) for one in value
    ):
        raise TypeError(f"{name} is no list of texts")
    return tuple(value)


_TAKES: Mapping[Kind, _Take] = {
    Kind.EDITED: _edited,
    Kind.SUBMITTED: _submitted,
    Kind.AMENDED: _amended,
    Kind.REVIEW_STARTED: _review_started,
    Kind.INFORMATION_REQUESTED: _requested,
    Kind.INFORMATION_PROVIDED: _provided,
    Kind.REQUEST_WITHDRAWN: _request_withdrawn,
    Kind.INFORMATION_COMPLETE: _information_complete,
    Kind.DOCUMENT_ADDED: _document_added,
    Kind.DISCLOSED: _disclosed,
    Kind.NOTE_ADDED: _note_added,
    Kind.PROPOSED: _proposed,
    Kind.DECISION_REFUSED: _refused,
    Kind.REFUSED_BY_RULE: _refused,
    Kind.APPEALED: _appealed,
    Kind.PERMIT_ISSUED: _permit_issued,
    Kind.GRANT_VOIDED: _grant_voided,
}
