"""Draw up the proposal of a permit, to the last word that will be signed.

Weighed + register of interests -> Proposal with the permit as its paper
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assent.authorisation.docket import DocketTransaction
from assent.authorisation.permit import (
    Condition,
    Limit,
    Permit,
    read_paper,
)
from assent.authorisation.review import ConditionDue, deciders
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.secretariat.hand_out import STATUS_SERIES
from assent.authorisation.secretariat.interests import conflicts
from assent.authorisation.secretariat.office import Office
from assent.authorisation.secretariat.proposing.measures import (
    members_of,
    vote_closes,
)
from assent.authorisation.secretariat.proposing.weighing import Weighed
from assent.authorisation.treaty import Matter
from assent.vocabulary import NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that a proposal is made of; numbers come from the transaction."""

    office: Office
    transaction: DocketTransaction
    case_digest: str
    weighed: Weighed
    matter: Matter
    now: datetime

    def proposal(self) -> Proposal:
        """Return the proposal, with a permit of its own number.

        Raises:
            MatterUnknown: if the treaty lets nobody decide it.
            NotAllowed: if the application has no assessment.
            PermitMalformed: if what is asked for makes no permit.
            CalendarEnds: if the treaty's calendar does not reach the end of the vote.

        """
        treaty, weighing = self.office.treaty, self.weighed.weighing
        decision_id = self.office.name(self.transaction, "decision", self.now)
        excluded = self._excluded()
        closes = vote_closes(self.office, self.matter, self.now)
        permit = self._permit(decision_id, excluded, closes)
        proposal = Proposal(
            agency=treaty.agency,
            decision_id=decision_id,
            matter=self.matter,
            case_id=self.weighed.case.case_id,
            case_digest=self.case_digest,
            title=f"{self.matter.value} for {self.weighed.case.application.title}",
            treaty_version=treaty.version,
            treaty_digest=treaty.digest,
            review_digest=weighing.digest,
            reasons=weighing.reasons or ("the review found nothing that forbids it",),
            provisos=weighing.provisos,
            excluded=excluded,
            opens=self.now.replace(microsecond=0),
            closes=closes,
            paper=permit.paper,
        )
        # What members sign says what the proposal says, and can be read by everybody.
        read_paper(proposal)
        return proposal

    def _excluded(self) -> Mapping[str, str]:
        """Return who stands aside; on appeal also those who decided before."""
        declared = conflicts(
            self.transaction,
            self.weighed.weighing.developer,
            self.office.policy,
            self.now.date(),
        )
        excluded = {**declared, **self.weighed.file.recusals}
        last = self.weighed.file.ballot.last_record
        procedure = self.office.treaty.procedure(self.matter)
        if procedure.excludes_deciders and last is not None:
            excluded |= deciders(last)
        return members_of(self.office, excluded)

    def _permit(
        self, decision_id: str, excluded: Mapping[str, str], closes: datetime
    ) -> Permit:
        application, weighing = self.weighed.case.application, self.weighed.weighing
        treaty, assessed = self.office.treaty, application.assessment
        plan = application.oversight
        if assessed is None:
            raise NotAllowed(
                f"{self.weighed.case.case_id} says nothing of the law.",
                remedy="Amend the application with an assessment.",
            )
        return Permit(
            permit_id=self.office.name(self.transaction, "permit", self.now),
            agency=treaty.agency,
            matter=self.matter,
            case_id=self.weighed.case.case_id,
            application_digest=application.digest,
            decision_id=decision_id,
            decide_by=closes,
            treaty_version=treaty.version,
            treaty_digest=treaty.digest,
            rulebook_title=assessed.rulebook_title,
            rulebook_hash=assessed.rulebook_hash,
            run_id=application.run_id,
            developer=application.developer,
            caps=self.weighed.caps,
            oversight_flop_share_ppm=weighing.oversight_flop_share_ppm,
            oversight_points=tuple(
                point
                for point in weighing.oversight_points
                if point.at_flop <= self.weighed.caps.flop
            ),
            oversight_dates=() if plan is None else plan.dates_in(self.weighed.caps),
            oversight_losses=() if plan is None else plan.losses,
            evaluations_due=weighing.evaluations_due,
            conditions=tuple(_condition(due) for due in weighing.conditions),
            excluded=frozenset(excluded),
            status_uri=treaty.terms.status_uri,
            status_index=self.transaction.next_number(STATUS_SERIES),
            max_staleness_s=treaty.terms.max_staleness_s,
            lease_s=treaty.terms.lease_s,
        )


def _condition(due: ConditionDue) -> Condition:
    limit = None
    if due.quantity is not None and due.at_most is not None:
        limit = Limit(quantity=due.quantity, at_most=due.at_most)
    return Condition(id=due.id, text=due.text, limit=limit)
