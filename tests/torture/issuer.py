"""Run an agency, case after case, and say what was acknowledged, until killed.

one line of JSON on stdin -> lines on stdout, each written at once:

    ready
    event permit-2026-0004 3 sha256:9f2c…    it is recorded, whatever comes
    decided decision-2026-0007 granted
    announced notice-2026-0003 17            it is in the public log, at index 17
    worked 2 0                               so much was pending, and then nothing
    permit permit-2026-0004 2026-06-01T… e30…  the file that was handed out
    lease permit-2026-0004 2                 the second lease of it
    at publish                               the step at which it ends itself
    refused StoreUnavailable
    late LeaseRefused …                      the process beside was quicker
    broken LogDamaged …                      never
"""

import base64
import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.torture.agency_on_disk import (
    AgencyPlace,
    KeptOffice,
    Step,
    kept_office,
)

from assent.authorisation.application import start_review, submit
from assent.authorisation.docket import Card
from assent.authorisation.permit import LeaseRefused, PermitCase, fold
from assent.authorisation.review import ballot_of
from assent.authorisation.review.deciding import Choice
from assent.authorisation.secretariat import (
    Counted,
    Motion,
    exhaust,
    propose_measure,
    refuse,
    work,
)
from assent.authorisation.treaty import Matter
from assent.testing.applications import DEVELOPER, run_properties
from assent.testing.office import OFFICER
from assent.testing.states import DIRECTOR
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, CaseChanged, NotAllowed, format_instant

SITE = "site-nairobi-1"
_OPEN = ("draft", "submitted", "under_review", "put_to_vote")
_OPEN_MAX = 3
_PAUSE_S = 0.05
_LATE = (LeaseRefused, NotAllowed, CaseChanged)
_FORBIDDEN = run_properties(
    hazards={"self_proliferation": {"trained_for": True, "expected": "none"}}
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Where the agency is, what time it is, and where this process ends itself.

    It ends when it takes the step for the `kill_on`th time; never if there is none.
    `only_works` is a second secretariat that decides nothing; of two that are beside
    each other, each may find that something has just been done.
    """

    place: dict[str, str]
    now: str
    seed: int
    kill_at: str | None = None
    kill_on: int = 1
    only_works: bool = False
    is_beside: bool = False
    waits: bool = False  # for another line, once it is ready


def say(*words: object) -> None:
    """Write a line at once; a killed process leaves it whole or not at all."""
    line = (" ".join(map(str, words)) + "\n").encode()
    while line:
        line = line[os.write(1, line) :]


class Issuer:
    """Plays everybody whom the agency has to do with."""

    def __init__(self, task: Task, agency: KeptOffice) -> None:
        """Go on from whatever there is."""
        self.task, self.agency = task, agency
        self.random = random.Random(task.seed)  # noqa: S311 - to be repeatable

    def work(self) -> None:
        """Do what is due, twice: the second time there is nothing."""
        try:
            first, again = [
                work(self.agency.office, self.agency.now, self.agency.step)
                for _ in range(2)
            ]
        except _LATE as error:  # whoever else is at work must not matter to it
            raise AssertionError(error.message) from error
        for counted in (*first.closed, *again.closed):
            self._say_decided(counted)
        for one in (*first.announced, *again.announced):
            say("announced", one.notice.notice_id, one.index)
        left = (*again.announced, *again.closed, *again.ended)
        say("worked", len(first.announced), len(left))

    def act(self) -> None:
        """Do one thing that somebody would do next."""
        self.agency.wait(seconds=1)
        turn = self.random.random()
        if turn < 0.35 or self.task.only_works:
            self.work()
        if turn > 0.5 or self.task.only_works:
            self._tend()
            return
        applications = [
            card.case_id
            for card in self._cards("application", *_OPEN)
            if _number(card.case_id) % 6 != 2 or card.state != "put_to_vote"
        ]
        measures = [card.case_id for card in self._cards("measure", "put_to_vote")]
        if len(applications) < _OPEN_MAX:
            plan = len(self._cards("application")) % 6  # the next is one more
            changes = {"run_properties": _FORBIDDEN} if plan == 5 else {}
            self._begin(changes)
            return
        case_id = self.random.choice(applications + measures)
        self._advance(case_id)
        self._say_event(case_id)

    # Cases.

    def _begin(self, changes: dict[str, Any]) -> None:
        """Have somebody apply; often that is decided before anything else happens."""
        case_id = self.agency.apply(**changes)
        self._say_event(case_id)
        for _ in range(self.random.choice((0, 4))):  # assessed, and three votes
            if self.agency.card(case_id).state in _OPEN:
                self._advance(case_id)
                self._say_event(case_id)

    def _advance(self, case_id: str) -> None:
        """Take the next step in a case: its number tells where it will end."""
        agency, plan = self.agency, _number(case_id) % 6
        match agency.card(case_id).state:
            case "draft":
                agency.act(case_id, submit, agency.office.treaty, actor=DEVELOPER)
            case "submitted":
                agency.act(case_id, start_review, OFFICER)
            case "under_review":
                agency.assess(case_id)
                if plan == 0:
                    refuse(agency.office, case_id, OFFICER, agency.now)
                else:
                    agency.propose(case_id)
                    if plan == 2:  # nobody else votes: it ends by itself
                        agency.vote(case_id, "AUS")
            case _:
                self._vote(case_id, Choice.REJECT if plan == 1 else Choice.APPROVE)

    def _vote(self, case_id: str, choice: Choice) -> None:
        ballot = ballot_of(self.agency.office.read(case_id))
        is_urgent = ballot.open_proposal.matter is Matter.EMERGENCY_SUSPENSION
        members = (DIRECTOR,) if is_urgent else self.agency.treaty.states
        waiting = [name for name in members if name not in ballot.votes]
        is_measure = case_id.startswith("measure")
        for member in waiting[:1]:
            counted = self.agency.vote(
                case_id, member, choice=Choice.APPROVE if is_measure else choice
            )
            self._say_decided(counted)

    # Permits.

    def _tend(self) -> None:
        """Hand out a permit or a lease, or have something happen to a permit."""
        cards = self._cards("permit", "in_force", "suspended")
        if not cards:
            return
        permit_id = self.random.choice(cards[-8:]).case_id
        case = fold(self.agency.office.read(permit_id))
        assert case is not None
        if case.state == "in_force":
            if case.bundle_digest is None or self.random.random() < 0.5:
                self._hand_out(permit_id)
            else:
                lease, _ = self.agency.lease(permit_id, SITE)
                say("lease", permit_id, lease.serial)
        if not self.task.only_works and self.random.random() < 0.5:
            self._move(permit_id, case)
        self._say_event(permit_id)

    def _hand_out(self, permit_id: str) -> None:
        data = base64.b64encode(self.agency.bundle(permit_id)).decode()
        say("permit", permit_id, format_instant(self.agency.now), data)

    def _move(self, permit_id: str, case: PermitCase) -> None:
        """Propose what becomes of a permit, unless something is proposed."""
        measures = self._cards("measure", "put_to_vote")
        concerned = {card.details["concerns"] for card in measures}
        is_changing = permit_id in concerned or case.pending is not None
        if is_changing or len(measures) >= _OPEN_MAX:
            return
        if case.state == "suspended":
            motion = Motion(matter=Matter.REINSTATEMENT, reason="All is well.")
        else:
            caps = replace(case.permit.caps, flop=case.permit.caps.flop - 1)
            motions = [
                Motion(matter=Matter.SUSPENSION, reason="A site did not answer."),
                Motion(matter=Matter.REVOCATION, reason="It was misused."),
                Motion(matter=Matter.EMERGENCY_SUSPENSION, reason="An incident."),
                Motion(matter=Matter.VARIATION, reason="Less will do.", caps=caps),
            ]
            plan = _number(permit_id) % 5
            if plan == len(motions):
                exhaust(self.agency.office, permit_id, OFFICER, self.agency.now)
                return
            motion = motions[plan]
        office = self.agency.office
        self._say_event(
            propose_measure(office, permit_id, motion, OFFICER, self.agency.now)
        )

    # What is said.

    def _cards(self, kind: str, *states: str) -> list[Card]:
        with self.agency.docket.reading() as transaction:
            return transaction.cards(kind=kind, states=states)

    def _say_event(self, case_id: str) -> None:
        last = self.agency.office.read(case_id)[-1]
        say("event", case_id, last.number, last.digest)

    def _say_decided(self, counted: Counted) -> None:
        if counted.record is not None:
            record = counted.record
            say("decided", record.proposal.decision_id, record.outcome.value)


def _number(case_id: str) -> int:
    return int(case_id.rpartition("-")[2])


def _ender(task: Task) -> Step:
    """Return what ends this process at its step."""
    left = task.kill_on

    def step(name: str) -> None:
        nonlocal left
        if name == task.kill_at:
            left -= 1
            if left == 0:
                say("at", name)
                os.kill(os.getpid(), signal.SIGKILL)

    return step


def main() -> None:
    """Do it until killed."""
    task = Task(**json.loads(sys.stdin.readline()))
    place, now = AgencyPlace(**task.place), datetime.fromisoformat(task.now)
    with kept_office(place, now, _ender(task)) as agency:
        issuer = Issuer(task, agency)
        say("ready")
        if task.waits:
            sys.stdin.readline()
        next_act = issuer.work  # first of all, what a killed process left
        while True:
            try:
                next_act()
            except StoreUnavailable as error:
                say("refused", type(error).__name__, error)
                time.sleep(_PAUSE_S)
            except AssentError as error:
                if not (task.is_beside and isinstance(error, _LATE)):
                    say("broken", type(error).__name__, error)
                    os._exit(3)
                say("late", type(error).__name__, error)
            else:
                next_act = issuer.act


if __name__ == "__main__":
    main()
