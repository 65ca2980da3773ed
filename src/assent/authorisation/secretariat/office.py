"""The office: the cases, the records, the treaty, and how an act is written down.

case + a verb of its stage -> its events, appended with the case's card, in one
transaction

Whoever opens an office hands in the treaty as the states signed it; when they sign a
new one, a new office is opened with that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assent.authorisation.application import (
    SERIES,
    ApplicationCase,
    Kind,
    application_card,
    consultation_card,
    fold,
    next_state,
)
from assent.authorisation.docket import (
    Card,
    Docket,
    DocketTransaction,
    Event,
    RecordedEvent,
    chain,
)
from assent.authorisation.permit import permit_card
from assent.authorisation.review import (
    Questionnaire,
    ReviewFile,
    ReviewPolicy,
    review_file_of,
)
from assent.authorisation.secretariat.interests import interest_card
from assent.authorisation.secretariat.measure import measure_card
from assent.authorisation.secretariat.notice import notice_card
from assent.authorisation.secretariat.ports import Records
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import TrustMetadata
from assent.compute.hardware import AcceleratorTable
from assent.rulebook import Rulebook
from assent.vocabulary import NotAllowed, NotFound

DeriveCard = Callable[[Sequence[RecordedEvent]], Card]
Decide = Callable[[list[RecordedEvent]], Sequence[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One agency at work, under one version of its treaty.

    `rulebook` and `accelerators` are read when an assessment is checked, not before.
    `further_cards` makes the cards of cases that later stages keep, by their kind.
    """

    docket: Docket
    records: Records
    treaty: Treaty
    trust: TrustMetadata
    policy: ReviewPolicy
    questionnaire: Questionnaire
    rulebook: Callable[[], Rulebook]
    accelerators: Callable[[], AcceleratorTable]
    further_cards: Mapping[str, DeriveCard] = field(default_factory=dict)

    def read(self, case_id: str) -> list[RecordedEvent]:
        """Return the events of a case.

        Raises:
            NotFound: if there is no such case.

        """
        with self.docket.reading() as transaction:
            return found(transaction, case_id)

    def act(self, case_id: str, decide: Decide) -> list[RecordedEvent]:
        """Add what `decide` makes of a case's events; return them all.

        Nobody else can write between the reading and the writing.

        Raises:
            NotFound: if there is no such case.
            AssentError: of another kind, whatever `decide` raises; nothing is written.

        """
        with self.docket.writing() as transaction:
            history = found(transaction, case_id)
            return self.add(transaction, case_id, decide(history))

    def on_application(
        self, case_id: str, verb: Callable[[ApplicationCase], Sequence[Event]]
    ) -> ApplicationCase:
        """Do something with an application; return the case afterwards.

        Raises:
            NotFound: if there is no such case.
            AssentError: of another kind, whatever the verb raises.

        """
        return fold(self.act(case_id, lambda events: verb(fold(events))))

    def on_review(
        self, case_id: str, verb: Callable[[ReviewFile], Event]
    ) -> ReviewFile:
        """Do something with the review of an application; return its file afterwards.

        Raises:
            NotFound: if there is no such case.
            TransitionRefused: if that does not happen to it in its state.
            AssentError: of another kind, whatever the verb raises.

        """
        events = self.act(case_id, lambda given: [verb(review_file_of(given))])
        return review_file_of(events)

    def begin(self, kind: str, now: datetime, events: Sequence[Event]) -> str:
        """Open a new case with its first events, and return what it is called."""
        with self.docket.writing() as transaction:
            case_id = self.name(transaction, kind, now)
            self.add(transaction, case_id, events)
        return case_id

    def name(self, transaction: DocketTransaction, kind: str, now: datetime) -> str:
        """Return the name of a new case, such as application-2026-0001."""
        series = f"{kind}-{now.year}"
        return f"{series}-{transaction.next_number(series):04}"

    def add(
        self, transaction: DocketTransaction, case_id: str, events: Sequence[Event]
    ) -> list[RecordedEvent]:
        """Add events to a case within a transaction, and renew its card.

        Returns:
            All events of the case.

        Raises:
            TransitionRefused: if one does not happen to an application in its state.

        """
        history = transaction.events(case_id)
        if not events:
            return history
        if case_id.startswith(f"{SERIES}-"):
            _verify_takes(history, events)
        history += transaction.append(case_id, len(history), events)
        transaction.put_card(self.card(history))
        return history

    def fits(self, transaction: DocketTransaction, case_id: str, event: Event) -> bool:
        """Tell whether a case can take an event now."""
        history = transaction.events(case_id)
        try:
            self.card([*history, *chain(case_id, history, [event])])
        except NotAllowed:
            return False
        return True

    def card(self, events: Sequence[RecordedEvent]) -> Card:
        """Return the card of a case, made of all its events."""
        kind = events[0].case_id.split("-")[0]
        derive: dict[str, DeriveCard] = {
            "application": lambda given: application_card(given, self.treaty),
            "consultation": consultation_card,
            "permit": permit_card,
            "measure": measure_card,
            "notice": notice_card,
            "interest": interest_card,
            **self.further_cards,
        }
        return derive[kind](events)


def _verify_takes(history: Sequence[RecordedEvent], events: Sequence[Event]) -> None:
    """Refuse events that do not happen in the state an application is in.

    A review's verbs do not ask for it; what they write must never damage a case.
    """
    state = fold(history).state if history else None
    for event in events:
        state = next_state(state, Kind(event.kind))


def found(transaction: DocketTransaction, case_id: str) -> list[RecordedEvent]:
    """Return the events of a case that must exist.

    Raises:
        NotFound: if it does not.

    """
    events = transaction.events(case_id)
    if not events:
        raise NotFound(
            f"There is no case {case_id!r:.80}.",
            remedy="Look it up in the queue, as application-2026-0001.",
        )
    return events
