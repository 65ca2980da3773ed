"""Where an application stands, and all that was put before the agency in it.

RecordedEvents -> `fold` -> ApplicationCase

A case holds nothing that its events do not say. What the review finds and how members
vote is for later stages to read from the same events; here they only move the state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from assent.authorisation.application.document import (
    Application,
    Change,
    Evidence,
    diff,
)
from assent.authorisation.application.states import Kind, State, next_state
from assent.vocabulary import NotAllowed, NotFound

SERIES = "application"  # cases are called application-YYYY-NNNN
# Every event is read again whenever the case is; a long review leaves some hundreds.
# Beyond it a case can still be answered, decided and withdrawn, and gets no longer by
# what anybody can repeat at will.
EVENTS_MAX = 2_000
# Each version is the whole document, of up to 900 kB, and is read again whenever the
# case is: fifty are 45 MB. Whoever has more to change has another plan.
AMENDMENTS_MAX = 50
EDITS_MAX = 50  # likewise; a draft can be kept in a file until it is one to be shown
_REPEATABLE = frozenset(
    {
        Kind.EDITED,
        Kind.AMENDED,
        Kind.DOCUMENT_ADDED,
        Kind.DISCLOSED,
        Kind.NOTE_ADDED,
        Kind.INFORMATION_REQUESTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The application as it was submitted, or as it was amended.

    Attributes:
        number: from 1.
        application: the whole document.
        digest: of the document as it was recorded.
        time: since when it counts, and who handed it in.
        actor: see `time`.
        reason: why it was amended; empty for the first.
        former: the document of the version before; None for the first.

    """

    number: int
    application: Application
    digest: str
    time: datetime
    actor: str
    reason: str
    former: Application | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the version before; none for the first.

        It is worked out when somebody reads it: reading a case takes no comparing.
        """
        if self.former is None:
            return ()
        return _changes(_Named(self.former), _Named(self.application))


class _Named:
    """A document that stands for its digest, by which changes are kept."""

    __slots__ = ("document",)

    def __init__(self, document: Application) -> None:
        self.document = document

    def __hash__(self) -> int:
        return hash(self.document.digest)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Named) and self.document.digest == other.document.digest
        )


@lru_cache(maxsize=64)  # as many versions as a case may have are shown on one page
def _changes(former: _Named, later: _Named) -> tuple[Change, ...]:
    return diff(former.document.plain, later.document.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A question to the applicant, for which the agency's clock stands still.

    Attributes:
        request_id: its name in the case.
        question: what is asked.
        asked: when, and by whom.
        asked_by: see `asked`.
        due: the last day for the answer.
        closed: when it was answered or withdrawn; None while it is open.
        answer: what was answered; None if it was not.
        evidence: ids of documents that the answer refers to.
        withdrawn_because: why the officer no longer asks; None if it was not withdrawn.

    """

    request_id: str
    question: str
    asked: datetime
    asked_by: str
    due: date
    closed: datetime | None = None
    answer: str | None = None
    evidence: tuple[str, ...] = ()
    withdrawn_because: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the applicant still owes an answer."""
        return self.closed is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Sealed fields were encrypted to a named inspector.

    It shows that somebody said so and which file it was; not that the inspector has
    read it, nor that the file holds what it should: the inspector checks the opened
    fields against their digests.
    """

    inspector: str
    digest: str
    fields: tuple[str, ...]
    time: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark by an officer; the applicant sees it only if it says so."""

    text: str
    is_visible_to_applicant: bool
    time: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """Why a refusal should be looked at again, by others."""

    grounds: str
    evidence: tuple[str, ...]
    time: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCase:
    """A case, folded from its events.

    Attributes:
        case_id: the case.
        state: where it stands.
        application: the newest document: the draft, or the newest version.
        versions: what was submitted and amended, in order; none while it is a draft.
        requests: all requests for information, by their ids.
        added: documents added beside the application's own.
        disclosures: sealed fields opened to inspectors, in order.
        notes: remarks, in order.
        officer: who reviews it.
        opened: when the first event happened, and the last.
        updated: see `opened`.
        submitted: when the agency's clock began to run.
        vote_closes: when the vote that is open ends, if its proposal says so.
        refused: when it was refused, for the first time since a grant of it was void.
        appeal: the appeal.
        permit_issued: when the permit was.
        events: how many events there are, and the digest of the last.
        last_digest: see `events`.

    """

    case_id: str
    state: State
    application: Application
    versions: tuple[Version, ...] = ()
    requests: Mapping[str, InformationRequest]
    added: tuple[Evidence, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    notes: tuple[Note, ...] = ()
    officer: str | None = None
    opened: datetime
    updated: datetime
    submitted: datetime | None = None
    vote_closes: datetime | None = None
    refused: datetime | None = None
    appeal: Appeal | None = None
    permit_issued: datetime | None = None
    events: int
    last_digest: str

    @property
    def open_requests(self) -> tuple[InformationRequest, ...]:
        """The requests that wait for an answer, in the order they were asked.

        Once the application is withdrawn, nobody waits any more.
        """
        if self.state is not State.INFORMATION_REQUESTED:
            return ()
        return tuple(one for one in self.requests.values() if one.is_open)

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """Every document of the case by its id: the application's, then those added."""
        return {one.id: one for one in (*self.application.evidence, *self.added)}

    @property
    def disclosed_to(self) -> frozenset[str]:
        """The inspectors who were given sealed fields."""
        return frozenset(one.inspector for one in self.disclosures)

    def verify_takes(self, kind: Kind) -> None:
        """Refuse what cannot happen to the case now.

        Raises:
            TransitionRefused: if such an event does not happen in its state.
            NotAllowed: if the case has too many events for another one of these, or
                too many versions.

        """
        next_state(self.state, kind)
        if self.events >= EVENTS_MAX and kind in _REPEATABLE:
            raise NotAllowed(
                f"{self.case_id} has {self.events:,} events; the limit for"
                f" {kind.value} is {EVENTS_MAX:,}.",
                remedy="Decide it, or withdraw it and clone it into a new case.",
            )
        if kind is Kind.EDITED and self.events > EDITS_MAX:
            raise NotAllowed(
                f"The draft {self.case_id} was changed {EDITS_MAX} times, and no more.",
                remedy="Submit it, or withdraw it and clone it into a new case.",
            )
        if kind is Kind.AMENDED and len(self.versions) > AMENDMENTS_MAX:
            raise NotAllowed(
                f"{self.case_id} was amended {AMENDMENTS_MAX} times, and no more.",
                remedy="Withdraw it and clone it into a new case.",
            )

    def request(self, request_id: str) -> InformationRequest:
        """Return an open request for information.

        Raises:
            NotFound: if there is no such request, or it is closed.

        """
        found = self.requests.get(request_id)
        if found is None or not found.is_open:
            open_ids = ", ".join(one.request_id for one in self.open_requests)
            raise NotFound(
                f"{self.case_id} has no open request {request_id!r:.100}.",
                remedy=f"Open requests: {open_ids or 'none'}.",
            )
        return found
