"""Whatever people try, in whatever order, a case stays one that can have happened."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from tests.unit.authorisation.application.cases import (
    DAY,
    DEVELOPER,
    OFFICER,
    SHA,
    TREATY,
    Case,
    application,
    document,
)

from assent.authorisation.application import (
    APPLICATION_TABLE,
    Kind,
    State,
    add_document,
    add_note,
    amend,
    appeal,
    application_card,
    clone,
    decision_clock,
    disclose,
    draft,
    edit,
    evidence_of,
    fold,
    next_state,
    provide_information,
    request_information,
    start_review,
    submit,
    withdraw,
    withdraw_request,
)
from assent.authorisation.docket import Event, RecordedEvent, verify_chain
from assent.vocabulary import AssentError

REVIEWING = [
    Kind.PRACTICE_ASSESSED,
    Kind.FINDING_RECORDED,
    Kind.SAFETY_CASE_JUDGED,
    Kind.RECUSED,
    Kind.PROPOSED,
    Kind.PROPOSAL_WITHDRAWN,
    Kind.VOTE_RECEIVED,
    Kind.VOTE_VOIDED,
    Kind.DECISION_GRANTED,
    Kind.DECISION_REFUSED,
    Kind.REFUSED_BY_RULE,
    Kind.PERMIT_ISSUED,
]
REQUEST_IDS = st.sampled_from(["rfi-1", "rfi-2", "rfi-3"])
PURPOSES = st.sampled_from(["", "One.", "Two.", "Three."])


class Office(RuleBasedStateMachine):
    """One case, at which everybody tries everything."""

    @initialize()
    def begin(self) -> None:
        """Draft an application."""
        self.case = Case()
        self.case.add(draft(application(), actor=DEVELOPER, now=self.case.now))
        self.remembered: list[RecordedEvent] = list(self.case.history)

    def attempt(self, verb: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the verb takes
        """Let a verb happen, or be refused by an error of ours that says what to do."""
        try:
            self.case.do(verb, *given, **named)
        except AssentError as refusal:
            assert refusal.remedy

    @rule(days=st.integers(1, 30))
    def wait(self, days: int) -> None:
        """Let time go by."""
        self.case.now += DAY * days

    @rule(purpose=PURPOSES)
    def edit(self, purpose: str) -> None:
        """Change the draft."""
        self.attempt(edit, application(purpose=purpose))

    @rule()
    def submit(self) -> None:
        """Submit the draft."""
        self.attempt(submit, TREATY)

    @rule()
    def start(self) -> None:
        """Take it up."""
        self.attempt(start_review, OFFICER)

    @rule(request_id=REQUEST_IDS, days=st.integers(0, 30))
    def ask(self, request_id: str, days: int) -> None:
        """Ask for information."""
        self.attempt(
            request_information,
            request_id,
            "Why?",
            answer_working_days=days,
            treaty=TREATY,
        )

    @rule(request_id=REQUEST_IDS)
    def answer(self, request_id: str) -> None:
        """Answer a request."""
        self.attempt(provide_information, request_id, "So.", ["plan"])

    @rule(request_id=REQUEST_IDS)
    def ask_no_more(self, request_id: str) -> None:
        """Withdraw a request."""
        self.attempt(withdraw_request, request_id, "Known.")

    @rule(purpose=PURPOSES)
    def amend(self, purpose: str) -> None:
        """Hand in a new version."""
        self.attempt(amend, application(purpose=purpose), "Why", treaty=TREATY)

    @rule(name=st.sampled_from(["plan", "a", "b"]))
    def add(self, name: str) -> None:
        """Add a document."""
        added = evidence_of({**document()["evidence"][0], "id": name})
        self.attempt(add_document, added)

    @rule(inspector=st.sampled_from(["ito", "stranger"]))
    def disclose(self, inspector: str) -> None:
        """Disclose a field."""
        self.attempt(disclose, inspector, SHA, ["/declaration"], treaty=TREATY)

    @rule()
    def note(self) -> None:
        """Write a note."""
        self.attempt(add_note, "Hm.")

    @rule(kind=st.sampled_from(REVIEWING))
    def review(self, kind: Kind) -> None:
        """Let the review do what the table allows, as its stage would."""
        if kind in APPLICATION_TABLE.possible(self.case.folded.state):
            self.case.happen(kind.value)

    @rule()
    def appeal(self) -> None:
        """Appeal a refusal."""
        self.attempt(appeal, "Wrong rule.", treaty=TREATY)

    @rule(sure=st.integers(0, 5))
    def withdraw(self, sure: int) -> None:
        """Take it back, sometimes."""
        if sure == 0:
            self.attempt(withdraw, "No money.")

    @rule()
    def clone(self) -> None:
        """Begin again elsewhere; this case stays as it is."""
        other = Case()
        other.add(clone(self.case.folded, actor=DEVELOPER, now=self.case.now))
        assert other.folded.state is State.DRAFT

    @invariant()
    def nothing_is_overwritten(self) -> None:
        """What was recorded stays recorded."""
        assert self.case.history[: len(self.remembered)] == self.remembered
        self.remembered = list(self.case.history)

    @invariant()
    def the_chain_verifies_and_the_state_is_the_tables(self) -> None:
        """The state is where the table leads, event by event."""
        verify_chain(self.case.history)
        state: State | None = None
        for recorded in self.case.history:
            state = next_state(state, Kind(recorded.event.kind))
        assert self.case.folded.state is state

    @invariant()
    def the_case_is_the_same_each_time_and_consistent(self) -> None:
        """Requests are open just while the case waits; versions hang together."""
        case = self.case.folded
        assert case == fold([_as_new(one) for one in self.case.history])
        is_waiting = case.state is State.INFORMATION_REQUESTED
        assert bool(case.open_requests) == is_waiting
        numbers = [one.number for one in case.versions]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(one.changes for one in case.versions[1:])
        if case.versions:
            assert case.versions[-1].application == case.application

    @invariant()
    def there_is_always_a_card_and_a_clock_while_undecided(self) -> None:
        """Whatever happened, lists can show it."""
        card = application_card(self.case.history, TREATY)
        assert card.state == self.case.folded.state.value
        on = self.case.now.date()
        if on < TREATY.calendar.last - DAY * 100:
            clock = decision_clock(self.case.folded, TREATY, on)
            assert (clock is None) == (
                card.state
                in {"draft", "granted", "refused", "refused_finally", "withdrawn"}
            )


def _as_new(recorded: RecordedEvent) -> RecordedEvent:
    event = recorded.event
    return RecordedEvent(
        case_id=recorded.case_id,
        number=recorded.number,
        previous=recorded.previous,
        event=Event(
            kind=event.kind, time=event.time, actor=event.actor, body=dict(event.body)
        ),
    )


TestRandomCases = Office.TestCase
TestRandomCases.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None
)
