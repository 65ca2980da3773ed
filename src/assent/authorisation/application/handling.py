"""What officers do with an application before it is judged, and what applicants answer.

ApplicationCase + question, answer, document, disclosure or note + actor + now -> Events

Every verb asks the transition table first and writes nothing: the caller checks who may
act, appends the events and keeps documents in the document store.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from assent.authorisation.application.case import ApplicationCase
from assent.authorisation.application.document import Evidence
from assent.authorisation.application.filing import verify_evidence, words
from assent.authorisation.application.states import Kind
from assent.authorisation.docket import Event
from assent.authorisation.treaty import Treaty
from assent.vocabulary import DocumentInvalid, NotAllowed, Plain

OPEN_REQUESTS_MAX = 100  # whoever asks more at once has not read the application
DOCUMENTS_ADDED_MAX = 1_000  # as many as an application itself may name
FIELDS_MAX = 10_000  # of one disclosure: every field of a long declaration
ANSWER_WORKING_DAYS_MAX = 250  # a year; the clock stands still all that time
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def start_review(
    case: ApplicationCase, officer: str, *, actor: str, now: datetime
) -> list[Event]:
    """Let an officer take the application up.

    Raises:
        TransitionRefused: if it is not waiting for one.

    """
    case.verify_takes(Kind.REVIEW_STARTED)
    body: dict[str, Plain] = {"officer": words(officer, "officer's name")}
    return [_event(Kind.REVIEW_STARTED, now, actor, body)]


def request_information(  # noqa: PLR0913 - a verb's four, and what makes a request
    case: ApplicationCase,
    request_id: str,
    question: str,
    *,
    answer_working_days: int,
    treaty: Treaty,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Ask the applicant; the agency's clock stands still until it has answered.

    Raises:
        TransitionRefused: if it is not under review.
        NotAllowed: if the id was used before, or too much is asked at once.
        DocumentInvalid: if the id, the question or the time is out of bounds.
        CalendarEnds: if the treaty's calendar does not reach so far.

    """
    case.verify_takes(Kind.INFORMATION_REQUESTED)
    if _ID.fullmatch(request_id) is None:
        raise DocumentInvalid(
            f"{request_id!r:.120} is no name of a request.",
            remedy="Use letters, digits, dots and dashes: rfi-1.",
        )
    if request_id in case.requests or len(case.open_requests) >= OPEN_REQUESTS_MAX:
        raise NotAllowed(
            f"{case.case_id} has a request {request_id} already, or"
            f" {OPEN_REQUESTS_MAX} open ones.",
            remedy="Give each request a new name; let the applicant answer first.",
        )
    if not 1 <= answer_working_days <= ANSWER_WORKING_DAYS_MAX:
        raise DocumentInvalid(
            f"An answer within {answer_working_days} working days cannot be asked.",
            remedy=f"Give from 1 to {ANSWER_WORKING_DAYS_MAX} working days.",
        )
    due = treaty.calendar.add(now.astimezone(UTC).date(), answer_working_days)
    body: dict[str, Plain] = {
        "id": request_id,
        "question": words(question, "question"),
        "due": due.isoformat(),
    }
    return [_event(Kind.INFORMATION_REQUESTED, now, actor, body)]


def provide_information(  # noqa: PLR0913 - a verb's three, and what makes an answer
    case: ApplicationCase,
    request_id: str,
    answer: str,
    evidence: Sequence[str] = (),
    *,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Answer a request, late or not; with the last answer the review goes on.

    Raises:
        TransitionRefused: if nothing was asked.
        NotFound: if there is no such open request, or a document is not in the case.
        DocumentInvalid: if the answer is empty or too long.

    """
    case.verify_takes(Kind.INFORMATION_PROVIDED)
    case.request(request_id)
    verify_evidence(case, evidence)
    body: dict[str, Plain] = {
        "id": request_id,
        "answer": words(answer, "answer"),
        "evidence": list(evidence),
    }
    answered = _event(Kind.INFORMATION_PROVIDED, now, actor, body)
    return [answered, *_complete(case, request_id, actor, now)]


def withdraw_request(
    case: ApplicationCase, request_id: str, reason: str, *, actor: str, now: datetime
) -> list[Event]:
    """Ask no longer; if nothing else is open, the review goes on.

    Raises:
        TransitionRefused: if nothing was asked.
        NotFound: if there is no such open request.
        DocumentInvalid: if the reason is empty or too long.

    """
    case.verify_takes(Kind.REQUEST_WITHDRAWN)
    case.request(request_id)
    body: dict[str, Plain] = {"id": request_id, "reason": words(reason, "reason")}
    withdrawn = _event(Kind.REQUEST_WITHDRAWN, now, actor, body)
    return [withdrawn, *_complete(case, request_id, actor, now)]


def add_document(
    case: ApplicationCase, document: Evidence, *, actor: str, now: datetime
) -> list[Event]:
    """Put a document in the case, beside those that the application names.

    Raises:
        TransitionRefused: if the case takes no documents now.
        NotAllowed: if the id is taken, or there are too many.

    """
    case.verify_takes(Kind.DOCUMENT_ADDED)
    if document.id in case.evidence or len(case.added) >= DOCUMENTS_ADDED_MAX:
        raise NotAllowed(
            f"{case.case_id} has a document {document.id!r:.100} already, or"
            f" {DOCUMENTS_ADDED_MAX} added ones.",
            remedy="Give the document an id of its own; nothing is overwritten.",
        )
    return [_event(Kind.DOCUMENT_ADDED, now, actor, {"document": document.plain})]


def disclose(  # noqa: PLR0913 - a verb's four, and what makes a disclosure
    case: ApplicationCase,
    inspector: str,
    digest: str,
    fields: Sequence[str],
    *,
    treaty: Treaty,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Record that sealed fields were encrypted to a named inspector.

    Args:
        case: the application.
        inspector: to whom; the treaty must name this person as an inspector in office.
        digest: of the encrypted file.
        fields: the paths of the fields that it opens, as JSON Pointers (RFC 6901).
        treaty: see `inspector`.
        actor: who disclosed them.
        now: when.

    Raises:
        TransitionRefused: if the case takes no disclosures now.
        NotAllowed: if there is no such inspector in office.
        DocumentInvalid: if the digest or the fields are malformed.

    """
    case.verify_takes(Kind.DISCLOSED)
    named = treaty.inspectors.get(inspector)
    if named is None or not named.is_in_office(now):
        raise NotAllowed(
            f"{inspector!r:.100} is no inspector in office.",
            remedy="Disclose to inspectors that the treaty names, while in office.",
        )
    if _DIGEST.fullmatch(digest) is None or not 1 <= len(fields) <= FIELDS_MAX:
        raise DocumentInvalid(
            f"A disclosure names its file's digest and 1 to {FIELDS_MAX:,} fields.",
            remedy="Name what was encrypted, and the SHA-256 of the encrypted file.",
        )
    body: dict[str, Plain] = {
        "inspector": inspector,
        "digest": digest,
        "fields": [words(path, "path of a field") for path in fields],
    }
    return [_event(Kind.DISCLOSED, now, actor, body)]


def add_note(
    case: ApplicationCase,
    text: str,
    *,
    actor: str,
    now: datetime,
    is_visible_to_applicant: bool = False,
) -> list[Event]:
    """Put down a remark; the applicant may see it only if it says so.

    Raises:
        TransitionRefused: if the case takes no notes now.
        DocumentInvalid: if the note is empty or too long.

    """
    case.verify_takes(Kind.NOTE_ADDED)
    body: dict[str, Plain] = {
        "text": words(text, "note"),
        "is_visible_to_applicant": is_visible_to_applicant,
    }
    return [_event(Kind.NOTE_ADDED, now, actor, body)]


def void_grant(
    case: ApplicationCase, reason: str, *, actor: str, now: datetime
) -> list[Event]:
    """Take up again what was granted by votes that make no permit.

    A member's key may end after the decision and before it is in the public log; the
    permit would be signed by too few, for ever.

    Raises:
        TransitionRefused: if it is not granted.
        NotAllowed: if the permit was issued; then it is the permit that ends.
        DocumentInvalid: if the reason is empty or too long.

    """
    case.verify_takes(Kind.GRANT_VOIDED)
    if case.permit_issued is not None:
        raise NotAllowed(
            f"The permit of {case.case_id} was issued.",
            remedy="Revoke the permit, or let a variation sign it anew.",
        )
    body: dict[str, Plain] = {"reason": words(reason, "reason")}
    return [_event(Kind.GRANT_VOIDED, now, actor, body)]


def _complete(
    case: ApplicationCase, closed: str, actor: str, now: datetime
) -> list[Event]:
    """Return the event that ends the wait, if what was closed was the last request."""
    if any(one.request_id != closed for one in case.open_requests):
        return []
    return [_event(Kind.INFORMATION_COMPLETE, now, actor, {})]


def _event(kind: Kind, now: datetime, actor: str, body: dict[str, Plain]) -> Event:
    return Event(kind=kind.value, time=now, actor=actor, body=body)
