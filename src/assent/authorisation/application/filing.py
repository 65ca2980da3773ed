"""What a developer does: draft, submit, amend, withdraw, appeal, begin again.

ApplicationCase + what is handed in + actor + now -> Events

Every verb asks the transition table first and writes nothing: the caller checks who may
act, appends the events and keeps documents in the document store. An event that holds
an application holds the whole of it, so that no version is ever overwritten.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from assent.authorisation.application.case import ApplicationCase
from assent.authorisation.application.deadlines import end_of
from assent.authorisation.application.document import Application, verify_completeness
from assent.authorisation.application.states import Kind
from assent.authorisation.docket import Event
from assent.authorisation.treaty import Matter, Treaty
from assent.vocabulary import DocumentInvalid, NotAllowed, NotFound, Plain

# An appeal takes time to write, and a refusal must become final some day. The courts of
# the European Union give two months (TFEU, Article 263), which is about as much.
APPEAL_WORKING_DAYS = 40
WORDS_LENGTH_MAX = 20_000  # five pages; what is longer is a document
# Less is refused than in a line: what is written in pages may be marked for the
# direction of its letters, and whoever shows it keeps its lines apart.
_STEERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class AppealTooLate(NotAllowed):
    """A refusal is final: the time to appeal is over."""


def draft(application: Application, *, actor: str, now: datetime) -> list[Event]:
    """Begin a case with a draft, which only the developer and its officers need see."""
    return [_event(Kind.DRAFTED, now, actor, _document(application))]


def clone(case: ApplicationCase, *, actor: str, now: datetime) -> list[Event]:
    """Begin a new case with a copy of another's newest document.

    The events are for the new case; the old one stays as it is. Evidence goes along by
    its digests, a consultation too.
    """
    copied = replace(case.application, cloned_from=case.case_id)
    return draft(copied, actor=actor, now=now)


def edit(
    case: ApplicationCase, application: Application, *, actor: str, now: datetime
) -> list[Event]:
    """Replace a draft by another; the former stays in the case's events.

    Raises:
        TransitionRefused: if it is submitted already.

    """
    case.verify_takes(Kind.EDITED)
    return [_event(Kind.EDITED, now, actor, _document(application))]


def submit(
    case: ApplicationCase, treaty: Treaty, *, actor: str, now: datetime
) -> list[Event]:
    """Put the draft before the agency as version 1; the clock starts.

    Raises:
        TransitionRefused: if it is no draft.
        ApplicationIncomplete: if something is missing.

    """
    case.verify_takes(Kind.SUBMITTED)
    verify_completeness(case.application, treaty, now)
    return [_event(Kind.SUBMITTED, now, actor, _document(case.application))]


def amend(  # noqa: PLR0913 - a verb's five, and why
    case: ApplicationCase,
    application: Application,
    reason: str,
    *,
    treaty: Treaty,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Hand in a new version; what changed is worked out from the two documents.

    During a vote this voids the proposal, and the case is under review again. Requests
    for information stay open, and the clock goes on as before.

    Raises:
        TransitionRefused: if it cannot be amended any more.
        ApplicationIncomplete: if something is missing.
        NotAllowed: if nothing changed, or it is another application.

    """
    case.verify_takes(Kind.AMENDED)
    former = case.application
    if application.digest == former.digest:
        raise NotAllowed(
            f"This is what {case.case_id} says already.", remedy="Change something."
        )
    _verify_same(case, application)
    verify_completeness(application, treaty, now)
    body = _document(application) | {
        "former": case.versions[-1].digest,
        "reason": words(reason, "reason"),
    }
    return [_event(Kind.AMENDED, now, actor, body)]


def withdraw(
    case: ApplicationCase, reason: str, *, actor: str, now: datetime
) -> list[Event]:
    """Take the application back; the case stays readable, and can be cloned.

    Raises:
        TransitionRefused: if it is decided already.

    """
    case.verify_takes(Kind.WITHDRAWN)
    body: dict[str, Plain] = {"reason": words(reason, "reason")}
    return [_event(Kind.WITHDRAWN, now, actor, body)]


def appeal(  # noqa: PLR0913 - a verb's five, and the documents
    case: ApplicationCase,
    grounds: str,
    evidence: Sequence[str] = (),
    *,
    treaty: Treaty,
    actor: str,
    now: datetime,
) -> list[Event]:
    """Ask others to look at a refusal again, within APPEAL_WORKING_DAYS of it.

    Args:
        case: the refused application.
        grounds: why the refusal is wrong.
        evidence: ids of documents of the case that show it.
        treaty: whose calendar counts, and who must know appeals.
        actor: who appeals.
        now: when.

    Raises:
        TransitionRefused: if it is not refused, or was refused on appeal.
        AppealTooLate: if the time is over.
        NotAllowed: if it asked for a horizon exception.
        MatterUnknown: if the treaty knows no appeal.
        NotFound: if a document is not in the case.
        CalendarEnds: if the treaty's calendar does not reach so far.

    """
    case.verify_takes(Kind.APPEALED)
    treaty.procedure(Matter.APPEAL)
    if case.application.matter is Matter.HORIZON_EXCEPTION:
        raise NotAllowed(
            "A refused horizon exception is not looked at again by a panel: only the"
            " organs that decide on exceptions can allow one.",
            remedy="Apply anew; `clone` begins with what was refused.",
        )
    refused = case.refused or case.updated
    last = treaty.calendar.add(refused.astimezone(UTC).date(), APPEAL_WORKING_DAYS)
    if now > end_of(last):
        raise AppealTooLate(
            f"The refusal of {case.case_id} could be appealed until {last}.",
            remedy="Apply anew; `clone` begins with what was refused.",
        )
    verify_evidence(case, evidence)
    body: dict[str, Plain] = {
        "grounds": words(grounds, "grounds"),
        "evidence": list(evidence),
    }
    return [_event(Kind.APPEALED, now, actor, body)]


def words(text: str, what: str) -> str:
    """Return a text that somebody wrote, its lines ending alike.

    Raises:
        DocumentInvalid: if it is empty, too long, or holds characters that steer a
            terminal, turn a line around or are only half of one.

    """
    alike = text.replace("\r\n", "\n")
    if not alike.strip() or len(alike) > WORDS_LENGTH_MAX or _STEERS.search(alike):
        raise DocumentInvalid(
            f"The {what} cannot be kept: it has {len(alike):,} characters, or some that"
            " nobody can read.",
            remedy=f"Write plain words, up to {WORDS_LENGTH_MAX:,} characters.",
        )
    return alike


def verify_evidence(case: ApplicationCase, evidence: Sequence[str]) -> None:
    """Refuse references to documents that are not in the case.

    Raises:
        NotFound: if one is not.

    """
    known = case.evidence
    for name in evidence:
        if name not in known:
            raise NotFound(
                f"{case.case_id} has no document {name!r:.100}.",
                remedy="Add the document first.",
            )


def _verify_same(case: ApplicationCase, application: Application) -> None:
    """Refuse to turn an application into another one."""
    former = case.application
    fixed = {
        "matter": (former.matter, application.matter),
        "developer's name": (former.developer.name, application.developer.name),
        "run": (former.run_id, application.run_id),
        "origin": (former.cloned_from, application.cloned_from),
    }
    for what, (before, after) in fixed.items():
        if before != after:
            raise NotAllowed(
                f"An amendment cannot change the {what}, from {before} to {after}.",
                remedy="Withdraw this application and clone it into another.",
            )
    for one in case.added:
        for named in application.evidence:
            if named.id == one.id and named.digest != one.digest:
                raise NotAllowed(
                    f"The case has another document called {one.id!r}.",
                    remedy="Give the new document an id of its own.",
                )


def _document(application: Application) -> dict[str, Plain]:
    return {"document": application.plain, "digest": application.digest}


def _event(kind: Kind, now: datetime, actor: str, body: dict[str, Plain]) -> Event:
    return Event(kind=kind.value, time=now, actor=actor, body=body)
