"""Whatever developers, officers, members and the clock do, in whatever order.

Every act is either done or refused by an error of ours; after each of them, everything
that anybody can see agrees with everything else.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.agency_invariants import (
    Histories,
    Log,
    check_cases,
    check_log,
    check_permits,
)
from tests.agency_stores import check_books

from assent.authorisation.application import (
    amend,
    appeal,
    application_of,
    clone,
    fold,
    provide_information,
    request_information,
    withdraw,
)
from assent.authorisation.review import (
    ballot_of,
    recuse,
    withdraw_proposal,
)
from assent.authorisation.review.deciding import CastVote, Choice
from assent.authorisation.secretariat import (
    Motion,
    exhaust,
    give_out,
    propose_measure,
    read_permit,
    record_vote,
    refuse,
)
from assent.authorisation.treaty import Matter
from assent.testing.applications import (
    DEVELOPER,
    application_form,
    requested,
    run_properties,
)
from assent.testing.office import MORNING, OFFICER, SimulatedOffice
from assent.testing.states import BOARD, DIRECTOR, PANEL
from assent.vocabulary import AssentError

STATES = ("AUS", "BRA", "CAN", "DEU", "FRA")
LAST = MORNING + timedelta(days=170)  # what the states signed holds for 180
DAY = timedelta(days=1)
_POINTS = [
    {"at_flop": str(flop), "evaluations": ["cyber_offence"]}
    for flop in (5 * 10**17, 10**18)
]
PLANS: dict[str, dict[str, Any]] = {
    "plain": {},
    "short": {"requested": requested(not_after="2026-08-01T00:00:00Z")},
    "later": {"requested": requested(not_before="2026-07-01T00:00:00Z")},
    "forbidden": {"run_properties": run_properties(autonomy="open_ended")},
    "horizon": {
        "matter": "horizon-exception",
        "requested": requested(flop="2000000000000000000"),
        "run_properties": run_properties(previous_run_flop="1000000000000000000"),
        "oversight": {"flop_share_ppm": 1_000, "points": _POINTS},
    },
}
VOTERS = st.sampled_from([*STATES, *STATES, *BOARD[:5], *PANEL, DIRECTOR, OFFICER])
CHOICES = st.sampled_from([Choice.APPROVE, Choice.APPROVE, *Choice])
NUMBERS = st.integers(0, 5)
KEYS = st.sampled_from([None, None, None, None, *STATES[:3]])  # None for the newest
MATTERS = st.sampled_from(
    [
        Matter.VARIATION,
        Matter.SUSPENSION,
        Matter.EMERGENCY_SUSPENSION,
        Matter.REINSTATEMENT,
        Matter.REVOCATION,
        Matter.PERMIT,
    ]
)


class Agency(RuleBasedStateMachine):
    """A few cases and permits, at which everybody tries everything."""

    @initialize()
    def found(self) -> None:
        """Found an agency."""
        self.agency = SimulatedOffice()
        self.cases: list[str] = []
        self.measures: list[str] = []
        self.sent: list[CastVote] = []
        self.histories: Histories = {}
        self.logged: Log = []
        self.has_rekeyed = False
        self.agency.grant()
        for plan in ("plain", "horizon"):
            self.apply(plan, is_ready=True)

    def attempt(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the act takes and returns
        """Let somebody act, or be refused by an error that says what to do."""
        try:
            return act(*given, **named)
        except AssentError as refusal:
            assert refusal.remedy
            return None

    def case(self, number: int) -> str:
        """Return one of the applications."""
        return self.cases[number % len(self.cases)]

    def permits(self) -> list[str]:
        """Return all permits that were ever granted."""
        return sorted(name for name in self.histories if name.startswith("permit-"))

    def voted_on(self, number: int) -> str:
        """Return a case that is put to the vote, if there is one."""
        both = [*self.cases, *self.measures]
        open_ones = [
            name for name in both if self.agency.card(name).waiting_for == "members"
        ] or both
        return open_ones[number % len(open_ones)]

    # Developers

    @rule(plan=st.sampled_from([*PLANS, "plain"]), is_ready=st.booleans())
    def apply(self, plan: str, *, is_ready: bool) -> None:
        """Apply, and have the review begun; if it is ready, put it to the vote."""
        if len(self.cases) < 6:
            self.cases.append(self.agency.apply(**PLANS[plan]))
            if is_ready:
                self.review_and_propose(len(self.cases) - 1, accepted=True)

    @rule(number=NUMBERS, weights=st.sampled_from(["9000000", "10000000"]))
    def amend(self, number: int, weights: str) -> None:
        """Hand in another version."""
        caps = requested(weights=weights)
        self.attempt(
            self.agency.act,
            self.case(number),
            amend,
            application_of(application_form(requested=caps)),
            "Another plan.",
            treaty=self.agency.treaty.treaty,
            actor=DEVELOPER,
        )

    @rule(number=NUMBERS, sure=st.integers(0, 14))
    def withdraw(self, number: int, sure: int) -> None:
        """Take an application back, sometimes, and begin again."""
        case_id = self.case(number)
        if sure == 0 and self.attempt(
            self.agency.act, case_id, withdraw, "No chips.", actor=DEVELOPER
        ):
            old = fold(self.agency.office.read(case_id))
            begun = clone(old, actor=DEVELOPER, now=self.agency.now)
            self.agency.office.begin("application", self.agency.now, begun)

    @rule(number=NUMBERS)
    def appeal(self, number: int) -> None:
        """Appeal a refusal."""
        treaty = self.agency.treaty.treaty
        self.attempt(
            self.agency.act, self.case(number), appeal, "It was safe.", treaty=treaty
        )

    # Officers

    @rule(number=NUMBERS, accepted=st.sampled_from([True, True, True, False]))
    def review_and_propose(self, number: int, *, accepted: bool) -> None:
        """Judge a case, and put it to the vote if that can be."""
        case_id = self.case(number)
        self.attempt(self.agency.assess, case_id)
        if not accepted:
            self.attempt(self.agency.judge, case_id, accepted=False)
        self.attempt(self.agency.propose, case_id)

    @rule(number=NUMBERS, is_answer=st.sampled_from([True, True, False]))
    def ask(self, number: int, *, is_answer: bool) -> None:
        """Ask the applicant, or answer."""
        if is_answer:
            self.attempt(
                self.agency.act, self.case(number), provide_information, "rfi-1", "So."
            )
            return
        self.attempt(
            self.agency.act,
            self.case(number),
            request_information,
            "rfi-1",
            "Why?",
            answer_working_days=5,
            treaty=self.agency.treaty.treaty,
        )

    @rule(number=NUMBERS, member=VOTERS)
    def stand_aside(self, number: int, member: str) -> None:
        """Have a member stand aside."""
        self.attempt(
            self.agency.review,
            self.case(number),
            recuse,
            member=member,
            reason="owns shares",
        )

    @rule(number=NUMBERS, sure=st.integers(0, 9))
    def decide_without_a_vote(self, number: int, sure: int) -> None:
        """Refuse by rule, or withdraw a proposal."""
        agency, case_id = self.agency, self.voted_on(number)
        if sure:
            self.attempt(refuse, agency.office, self.case(number), OFFICER, agency.now)
            return
        self.attempt(
            agency.office.act,
            case_id,
            lambda events: [
                withdraw_proposal(ballot_of(events), "no", agency.now, OFFICER)
            ],
        )

    # Members

    @rule(number=NUMBERS, member=VOTERS, choice=CHOICES, key=KEYS)
    def vote(self, number: int, member: str, choice: Choice, key: str | None) -> None:
        """Vote, perhaps with a key of another or one's own old one."""
        case_id = self.voted_on(number)
        if vote := self.attempt(self.agency.cast, case_id, member, choice, key):
            self.sent.append(vote)
            agency = self.agency
            self.attempt(record_vote, agency.office, case_id, vote, member, agency.now)

    @rule(number=NUMBERS, who=st.sampled_from([STATES[:3], STATES, BOARD, PANEL[1:]]))
    def vote_together(self, number: int, who: tuple[str, ...]) -> None:
        """Have many approve."""
        case_id = self.voted_on(number)
        for member in who:
            self.attempt(self.agency.vote, case_id, member)

    @precondition(lambda self: self.sent)
    @rule(number=NUMBERS, which=st.integers(0, 99))
    def replay(self, number: int, which: int) -> None:
        """Send a vote that was sent before."""
        vote, agency = self.sent[which % len(self.sent)], self.agency
        case_id = self.voted_on(number)
        self.attempt(record_vote, agency.office, case_id, vote, "post", agency.now)

    @rule(member=st.sampled_from([*STATES[:3], PANEL[0]]))
    def rekey(self, member: str) -> None:
        """Replace a member's key."""
        number = self.agency.treaty.form["version"]
        if number < 5:
            self.agency.wait(seconds=1)
            self.agency.rekey(member, f"{member}-{number}")
            self.has_rekeyed = True

    # Permits

    @precondition(lambda self: self.permits())
    @rule(number=NUMBERS, matter=MATTERS, less=st.booleans(), passes=st.booleans())
    def move(self, number: int, matter: Matter, *, less: bool, passes: bool) -> None:
        """Put a change of a permit to the vote."""
        permit_id = self.permits()[number % len(self.permits())]
        caps = read_permit(self.agency.office, permit_id).permit.caps
        changed = replace(caps, weights=caps.weights - 1 if less else 10**30)
        motion = Motion(
            matter=matter,
            reason="it seemed right",
            caps=changed if matter is Matter.VARIATION else None,
        )
        if len(self.measures) > 5:
            return
        agency = self.agency
        measure_id = self.attempt(
            propose_measure, agency.office, permit_id, motion, OFFICER, agency.now
        )
        if measure_id is None:
            return
        self.measures.append(measure_id)
        is_emergency = matter is Matter.EMERGENCY_SUSPENSION
        for member in [DIRECTOR] if is_emergency else STATES[:3]:
            if passes:
                self.attempt(agency.vote, measure_id, member)

    @precondition(lambda self: self.permits())
    @rule(number=NUMBERS, sure=st.integers(0, 5))
    def use(self, number: int, sure: int) -> None:
        """Take a lease, fetch the file, or use the permit up."""
        agency = self.agency
        permit_id = self.permits()[number % len(self.permits())]
        self.attempt(agency.lease, permit_id, "site-nairobi-1")
        self.attempt(give_out, agency.office, permit_id, agency.status(), agency.now)
        if sure == 0:
            self.attempt(exhaust, agency.office, permit_id, OFFICER, agency.now)

    # The clock and the machines

    @rule(hours=st.sampled_from([1, 20, 24 * 3, 24 * 16, 24 * 31]))
    def wait(self, hours: int) -> None:
        """Let time go by."""
        if self.agency.now + timedelta(hours=hours) < LAST:
            self.agency.wait(hours=hours)

    @rule()
    def work(self) -> None:
        """Let the agency do what is due."""
        self.attempt(self.agency.work)

    @rule(silent=st.integers(0, 2))
    def silence(self, silent: int) -> None:
        """Let witnesses go away, or come back."""
        for number, witness in enumerate(self.agency.records.witnesses):
            witness.is_silent = number < silent

    @invariant()
    def everything_agrees(self) -> None:
        """Cases, cards, log, status list and what verifies say the same."""
        self.histories = check_cases(self.agency, self.histories)
        self.logged = check_log(self.agency, self.logged)
        check_permits(self.agency, has_rekeyed=self.has_rekeyed)

    def teardown(self) -> None:
        """At the end the log comes back, and everything is announced and whole."""
        self.silence(0)
        self.agency.work()
        self.everything_agrees()
        check_books(self.agency)
        for permit_id in self.permits():
            event(self.agency.card(permit_id).state)
            self.attempt(self.agency.verify, permit_id)


IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
TestAgencyAtRandom = pytest.mark.fuzz(Agency.TestCase)
TestAgencyAtRandom.settings = settings(
    max_examples=1_000 if IS_LONG else 12,
    stateful_step_count=50,
    deadline=None,
    # To shrink a failure takes minutes; whoever looks into one asks for it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
