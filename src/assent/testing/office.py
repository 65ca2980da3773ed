"""A made-up agency at work: an office, members who vote, a log with witnesses.

a test's wishes -> Office over the ports in memory, or over a store that the test brings

The clock is the test's: `now` moves when the test moves it. All keys are as public as
`states`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.authorisation.application import (
    ApplicationCase,
    application_of,
    draft,
    start_review,
    submit,
)
from assent.authorisation.docket import Card, Docket, Event
from assent.authorisation.permit import (
    Lease,
    VerifiedPermit,
    verify_permit,
)
from assent.authorisation.review import (
    Judgement,
    ReviewFile,
    answer_of,
    assess_practice,
    ballot_of,
    judge_safety_case,
    safety_case_of,
)
from assent.authorisation.review.deciding import CastVote, Choice, cast_vote
from assent.authorisation.secretariat import (
    Counted,
    Done,
    Motion,
    Office,
    give_out,
    lease,
    propose_measure,
    propose_permit,
    record_vote,
    status_list,
    work,
)
from assent.authorisation.terms import Caps
from assent.supervision.oversight.run import run_card
from assent.supervision.pause import pause_card
from assent.testing.applications import DEVELOPER, application_form
from assent.testing.law import (
    accelerators,
    practice_policy,
    practice_rulebook,
    questionnaire,
)
from assent.testing.memory_docket import MemoryDocket
from assent.testing.memory_records import MemoryRecords
from assent.testing.states import SeededSigner, SimulatedTreaty, key_form
from assent.testing.trust import SimulatedTrust
from assent.translog.entry import Entry, parse_entry
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope

MORNING = datetime(2026, 6, 1, 9, tzinfo=UTC)
OFFICER = "officer-1"


@dataclass
class SimulatedOffice:
    """An agency that a test plays all parts of.

    Attributes:
        treaty_form: the document; `amend` signs it again after a change.
        docket: the cases.
        records: documents and the log, which the treaty's policy believes.
        now: what the clock shows.
        keys: the names of members' newest keys, where `rekey` gave them another.

    """

    treaty: SimulatedTreaty = field(default_factory=SimulatedTreaty)
    docket: Docket = field(default_factory=MemoryDocket)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    now: datetime = MORNING
    keys: dict[str, str] = field(default_factory=dict)
    trust: SimulatedTrust = field(init=False)

    def __post_init__(self) -> None:
        """Sign the treaty."""
        self.treaty.form["log_policy"] = MemoryRecords.policy_text()
        self.trust = SimulatedTrust(form=self.treaty.form, now=self.now)

    @property
    def office(self) -> Office:
        """The office under the treaty as it was signed last."""
        return Office(
            docket=self.docket,
            records=self.records,
            treaty=self.treaty.treaty,
            trust=self.trust.metadata,
            policy=practice_policy(),
            questionnaire=questionnaire(),
            rulebook=practice_rulebook,
            accelerators=accelerators,
            further_cards={"pause": pause_card, "run": run_card},
        )

    def amend(self, version: int | None = None) -> None:
        """Have the states sign the treaty as its form is now, as the next version."""
        self.treaty.form["version"] = version or self.treaty.form["version"] + 1
        self.trust.form = self.treaty.form
        self.trust.now = self.now
        self.trust.publish()

    def rekey(self, member: str, name: str) -> None:
        """Have the treaty retire a member's key, now, and name another in its place."""
        at = format_instant(self.now)
        for form in self.treaty.form["members"]:
            if form["name"] == member:
                retired = [
                    {**key, "until": key.get("until", at)} for key in form["keys"]
                ]
                form["keys"] = [*retired, key_form(name, since=at)]
        self.keys[member] = name
        self.amend()

    def wait(self, **duration: float) -> None:
        """Let time go by, as for `timedelta`; the agency's machines sign on."""
        self.now += timedelta(**duration)
        self.trust.now = self.now
        self.trust.refresh()

    def apply(self, **changes: Any) -> str:  # noqa: ANN401 - any field
        """Submit an application and start its review; return the case."""
        application = application_of(application_form(**changes))
        case_id = self.office.begin(
            "application", self.now, draft(application, actor=DEVELOPER, now=self.now)
        )
        self.act(case_id, submit, self.office.treaty, actor=DEVELOPER)
        self.act(case_id, start_review, OFFICER)
        return case_id

    def act(
        self,
        case_id: str,
        verb: Callable[..., list[Event]],
        *given: object,
        actor: str = OFFICER,
        **named: object,
    ) -> ApplicationCase:
        """Do something with an application, now; return the case afterwards."""
        return self.office.on_application(
            case_id, lambda case: verb(case, *given, actor=actor, now=self.now, **named)
        )

    def review(
        self, case_id: str, verb: Callable[..., Event], **named: object
    ) -> ReviewFile:
        """Have an officer do something in the review of a case."""
        return self.office.on_review(
            case_id, lambda file: verb(file, now=self.now, actor=OFFICER, **named)
        )

    def assess(self, case_id: str, practices: Iterable[str] | None = None) -> None:
        """Have an officer find practices in place; by default the gates."""
        policy, asked = practice_policy(), questionnaire()
        gates = [gate.practice for gate in policy.gates]
        for practice in gates if practices is None else practices:
            answer = answer_of(
                {
                    "practice": practice,
                    "status": "in_place",
                    "evidence": ["risk-assessment"],
                    "side": "officer",
                    "assessor": OFFICER,
                    "assessed": self.now.date().isoformat(),
                    "note": "",
                },
                asked,
            )
            self.review(case_id, assess_practice, answer=answer, questionnaire=asked)
        self.judge(case_id)

    def judge(self, case_id: str, *, accepted: bool = True) -> None:
        """Have an officer judge every claim of the safety case."""
        made = safety_case_of(application_form()["safety_case"])
        for claim in made.claims:
            judgement = Judgement(
                case_digest=made.digest,
                claim=claim.id,
                accepted=accepted,
                reason="read with care",
                by=OFFICER,
            )
            self.review(case_id, judge_safety_case, judgement=judgement, case=made)

    def propose(self, case_id: str, caps: Caps | None = None) -> None:
        """Put the permit to the vote, with narrower caps if there are some."""
        propose_permit(self.office, case_id, OFFICER, self.now, caps=caps)

    def cast(
        self, case_id: str, member: str, choice: Choice, key: str | None = None
    ) -> CastVote:
        """Return a member's vote, signed with its newest key or another."""
        return cast_vote(
            ballot_of(self.office.read(case_id)).open_proposal,
            member=member,
            choice=choice,
            reason="as discussed",
            time=self.now,
            signer=SeededSigner(key or self.keys.get(member, member)),
        )

    def vote(
        self, case_id: str, *members: str, choice: Choice = Choice.APPROVE
    ) -> Counted:
        """Have members vote; return where the vote stands after the last of them."""
        counted = Counted(record=None, notice_id=None)
        for member in members:
            vote = self.cast(case_id, member, choice)
            counted = record_vote(self.office, case_id, vote, member, self.now)
        return counted

    def move(self, permit_id: str, motion: Motion, *members: str) -> str:
        """Put a change of a permit to the vote, have members approve; return its case.

        By default as many states approve as it takes.
        """
        measure_id = propose_measure(self.office, permit_id, motion, OFFICER, self.now)
        self.vote(measure_id, *(members or self.treaty.states[: self.treaty.needed]))
        return measure_id

    def work(self) -> Done:
        """Let the agency do what is due."""
        return work(self.office, self.now)

    def grant(self, **changes: Any) -> str:  # noqa: ANN401 - any field
        """Go all the way to a permit that is logged; return its case."""
        case_id = self.apply(**changes)
        self.assess(case_id)
        self.propose(case_id)
        proposal = ballot_of(self.office.read(case_id)).open_proposal
        self.vote(case_id, *self.treaty.states[: self.treaty.needed])
        self.work()
        return str(proposal.paper.payload["permit_id"])

    def card(self, case_id: str) -> Card:
        """Return what lists show of a case."""
        with self.docket.reading() as transaction:
            card = transaction.card(case_id)
        if card is None:
            raise LookupError(case_id)
        return card

    @property
    def public_log(self) -> list[Entry]:
        """What everybody can read in the log: the entries under its public head."""
        head = self.records.files.contents.get(TREE_HEAD_PATH)
        size = 0 if head is None else parse_signed_head(head).head.size
        return [parse_entry(self.records.entry(index)) for index in range(size)]

    def lease(self, permit_id: str, site: str) -> tuple[Lease, Envelope]:
        """Return the next lease of a permit."""
        signer = self.treaty.signer("service-lease")
        return lease(self.office, permit_id, site, signer, self.now)

    def status(self) -> bytes:
        """Return the status list as it is now."""
        return status_list(self.office, self.treaty.signer("service-status"), self.now)

    def bundle(self, permit_id: str) -> bytes:
        """Return a permit's file with the newest status list."""
        return give_out(self.office, permit_id, self.status(), self.now)

    def verify(self, permit_id: str) -> VerifiedPermit:
        """Verify a permit as anybody does who has the first root."""
        return verify_permit(self.bundle(permit_id), self.trust.root, self.now)


def copied(form: dict[str, Any]) -> dict[str, Any]:
    """Return a form that shares nothing with another."""
    copy: dict[str, Any] = json.loads(json.dumps(form))
    return copy
