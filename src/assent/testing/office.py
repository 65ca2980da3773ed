"""A made-up agency at work: an office, members who vote, a log with witnesses.

a test's wishes -> Office over the ports in memory, or over a store that the test brings

The clock is the test's: `now` moves when the test moves it. All keys are as public as
`states`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import resources
from typing import Any

from assent.authorisation.application import (
    application_of,
    draft,
    start_review,
    submit,
)
from assent.authorisation.docket import Docket, Event
from assent.authorisation.permit import VerifiedPermit, verify_permit
from assent.authorisation.review import (
    Judgement,
    Questionnaire,
    ReviewPolicy,
    answer_of,
    assess_practice,
    ballot_of,
    judge_safety_case,
    parse_policy,
    parse_questionnaire,
    safety_case_of,
)
from assent.authorisation.review.deciding import Choice, cast_vote
from assent.authorisation.secretariat import (
    Counted,
    Done,
    Office,
    Records,
    give_out,
    propose_permit,
    record_vote,
    status_list,
    work,
)
from assent.testing.memory_docket import MemoryDocket
from assent.testing.memory_records import MemoryRecords
from assent.testing.states import SeededSigner, SimulatedTreaty
from assent.testing.trust import SimulatedTrust

MORNING = datetime(2026, 6, 1, 9, tzinfo=UTC)
OFFICER = "officer-1"
DEVELOPER = "Example Labs"
_REVIEW = resources.files("assent.authorisation.review")


def practice_policy() -> ReviewPolicy:
    """Return the review policy for rehearsals."""
    return parse_policy((_REVIEW / "policies" / "practice.yaml").read_text("utf-8"))


def questionnaire() -> Questionnaire:
    """Return the questionnaire of fifty practices."""
    text = (_REVIEW / "responsibility" / "practices.yaml").read_text("utf-8")
    return parse_questionnaire(text)


def application_form(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a complete application at practice scale, with changes."""
    form: dict[str, Any] = {
        "assent": "application/1",
        "matter": "permit",
        "developer": {"name": DEVELOPER, "key": SeededSigner("labs").key.text},
        "title": "Practice run",
        "run_id": "practice-nano",
        "purpose": "rehearsal",
        "declaration": {
            "run": {"id": "practice-nano"},
            "hardware": [{"provider": "Example Cloud"}],
        },
        "assessment": {
            "digest": f"sha256:{'1' * 64}",
            "on": "2026-06-01",
            "rulebook_title": "PRACTICE rulebook",
            "rulebook_hash": f"sha256:{'2' * 64}",
            "family": "gpt2",
            "flop_low": "5000000000000000",
            "flop_high": "6000000000000000",
            "rules": ["practice/permit"],
        },
        "requested": {
            "flop": "6000000000000000",
            "weights": "10000000",
            "chips": {"h100_sxm": "8"},
            "sites": ["site-nairobi-1"],
            "not_before": "2026-06-01T00:00:00Z",
            "not_after": "2027-06-02T00:00:00Z",
        },
        "practices": {"answers": []},
        "run_properties": {
            "previous_run_flop": "1000000000000000",
            "reinforcement_learning_flop": "0",
            "autonomy": "absent",
            "traits": {},
            "hazards": {
                name: {"trained_for": False, "expected": "none"}
                for name in ("self_proliferation", "weapons_acquisition")
            },
            "novelty": "nothing_new",
            "security_level": 2,
            "containment": {"network_isolated": True},
            "data": "documented",
        },
        "safety_case": {
            "format": "assent-safety-case/1",
            "title": "A letter model is harmless",
            "nodes": [
                {"id": "top", "kind": "claim", "text": "It can harm nobody."},
                {
                    "id": "small",
                    "kind": "evidence",
                    "text": "It writes letters.",
                    "supports": "top",
                    "evidence": "risk-assessment",
                },
            ],
        },
        "evidence": [
            {
                "id": "risk-assessment",
                "title": "Risk assessment",
                "role": "practice",
                "digest": f"sha256:{'3' * 64}",
                "media_type": "application/pdf",
                "size_bytes": 1000,
            }
        ],
        "oversight": {
            "flop_share_ppm": 1000,
            "points": [
                {"at_flop": "1500000000000000", "evaluations": ["cyber_offence"]},
            ],
        },
    }
    return {**form, **changes}


@dataclass
class SimulatedOffice:
    """An agency that a test plays all parts of.

    Attributes:
        treaty_form: the document; `amend` signs it again after a change.
        docket: the cases.
        records: documents and the log, which the treaty's policy believes.
        now: what the clock shows.

    """

    treaty: SimulatedTreaty = field(default_factory=SimulatedTreaty)
    docket: Docket = field(default_factory=MemoryDocket)
    records: Records = field(default_factory=MemoryRecords)
    now: datetime = MORNING
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
        )

    def amend(self, version: int) -> None:
        """Have the states sign the treaty as its form is now."""
        self.treaty.form["version"] = version
        self.trust.form = self.treaty.form
        self.trust.now = self.now
        self.trust.publish()

    def wait(self, **duration: float) -> None:
        """Let time go by, as for `timedelta`; the agency's machines sign on."""
        self.now += timedelta(**duration)
        self.trust.now = self.now
        self.trust.refresh()

    def apply(self, **changes: Any) -> str:  # noqa: ANN401 - any field
        """Submit an application and start its review; return the case."""
        application = application_of(application_form(**changes))
        office = self.office
        case_id = office.begin(
            "application", self.now, draft(application, actor=DEVELOPER, now=self.now)
        )
        office.on_application(
            case_id,
            lambda case: submit(case, office.treaty, actor=DEVELOPER, now=self.now),
        )
        office.on_application(
            case_id,
            lambda case: start_review(case, OFFICER, actor=OFFICER, now=self.now),
        )
        return case_id

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
            self._review(
                case_id, partial(assess_practice, answer=answer, questionnaire=asked)
            )

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
            self._review(
                case_id, partial(judge_safety_case, judgement=judgement, case=made)
            )

    def _review(self, case_id: str, verb: Callable[..., Event]) -> None:
        self.office.on_review(
            case_id, lambda file: verb(file, now=self.now, actor=OFFICER)
        )

    def propose(self, case_id: str) -> None:
        """Put the permit to the vote."""
        propose_permit(self.office, case_id, OFFICER, self.now)

    def vote(
        self, case_id: str, *members: str, choice: Choice = Choice.APPROVE
    ) -> Counted:
        """Have members vote; return where the vote stands after the last of them."""
        counted = Counted(record=None, notice_id=None)
        for member in members:
            proposal = ballot_of(self.office.read(case_id)).open_proposal
            vote = cast_vote(
                proposal,
                member=member,
                choice=choice,
                reason="as discussed",
                time=self.now,
                signer=self.treaty.signer(member),
            )
            counted = record_vote(self.office, case_id, vote, member, self.now)
        return counted

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
