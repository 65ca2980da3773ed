"""What lists and searches show of an application or a consultation.

RecordedEvents + Treaty -> Card

The card says who has to act and by when, and holds what similar cases are found by: how
much compute, of what kind of model, asked under which procedure.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from assent.authorisation.application.case import SERIES, ApplicationCase
from assent.authorisation.application.consultation import (
    CONSULTATION_SERIES,
    ConsultationState,
    fold_consultation,
)
from assent.authorisation.application.deadlines import decision_clock, end_of
from assent.authorisation.application.fold import fold
from assent.authorisation.application.states import State
from assent.authorisation.docket import Card, RecordedEvent
from assent.authorisation.treaty import CalendarEnds, MatterUnknown, Treaty
from assent.vocabulary import Plain

APPLICANT, OFFICER, MEMBERS = "applicant", "officer", "members"
AGENCY, NOBODY = "agency", "nobody"

_WAITING_FOR = {
    State.DRAFT: APPLICANT,
    State.SUBMITTED: OFFICER,
    State.UNDER_REVIEW: OFFICER,
    State.INFORMATION_REQUESTED: APPLICANT,
    State.PUT_TO_VOTE: MEMBERS,
    State.GRANTED: AGENCY,
    State.REFUSED: NOBODY,
    State.UNDER_APPEAL: OFFICER,
    State.PUT_TO_APPEAL: MEMBERS,
    State.REFUSED_FINALLY: NOBODY,
    State.WITHDRAWN: NOBODY,
}
_CONSULTATION_WAITING_FOR = {
    ConsultationState.OPEN: OFFICER,
    ConsultationState.ANSWERED: APPLICANT,
    ConsultationState.CLOSED: NOBODY,
}


def application_card(events: Sequence[RecordedEvent], treaty: Treaty) -> Card:
    """Return the card of an application.

    `due` is, in this order: the first day on which an answer is owed, the end of the
    open vote, the day by which the decision is due; None where nothing is, or where the
    treaty cannot say.

    Raises:
        NotFound: if there are no events.
        CaseDamaged: if they tell what cannot have happened.

    """
    case = fold(events)
    is_done = case.state is State.GRANTED and case.permit_issued is not None
    return Card(
        case_id=case.case_id,
        kind=SERIES,
        state=case.state.value,
        title=case.application.title,
        developer=case.application.developer.name,
        waiting_for=NOBODY if is_done else _WAITING_FOR[case.state],
        due=_due(case, treaty),
        opened=case.opened,
        updated=case.updated,
        events=case.events,
        details=_details(case),
    )


def consultation_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a consultation; there is no deadline for what binds nobody.

    Raises:
        NotFound: if there are no events.
        CaseDamaged: if they tell what cannot have happened.

    """
    found = fold_consultation(events)
    return Card(
        case_id=found.case_id,
        kind=CONSULTATION_SERIES,
        state=found.state.value,
        title=found.title,
        developer=found.developer,
        waiting_for=_CONSULTATION_WAITING_FOR[found.state],
        due=None,
        opened=found.opened,
        updated=found.updated,
        events=found.events,
        details={"digest": found.digest},
    )


@lru_cache(maxsize=1_024)  # a case has a card for each of its events
def flop_log10_milli(flop: int) -> int | None:
    """Return a thousand times the decimal logarithm, rounded down; None for no FLOP.

    A thousandth is a quarter of a per cent: close enough to find similar runs by, and
    a small whole number that every database can sort.
    """
    return int(Decimal(flop).log10() * 1000) if flop > 0 else None


def _due(case: ApplicationCase, treaty: Treaty) -> datetime | None:
    if case.open_requests:
        return end_of(min(one.due for one in case.open_requests))
    if case.vote_closes is not None:
        return case.vote_closes
    try:
        clock = decision_clock(case, treaty, case.updated.astimezone(UTC).date())
    except (CalendarEnds, MatterUnknown):
        return None
    return None if clock is None else end_of(clock.due)


def _details(case: ApplicationCase) -> dict[str, Plain]:
    application = case.application
    caps, assessment = application.requested, application.assessment
    consultation = application.consultation
    return {
        "run_id": application.run_id,
        "matter": application.matter.value,
        "family": None if assessment is None else assessment.family,
        "flop": None if caps is None else str(caps.flop),
        "flop_log10_milli": None if caps is None else flop_log10_milli(caps.flop),
        "weights": None if caps is None else str(caps.weights),
        "run_properties": sorted(application.run_properties),
        "application_digest": application.digest,
        "versions": len(case.versions),
        "officer": case.officer,
        "disclosed_to": sorted(case.disclosed_to),
        "requests_open": len(case.open_requests),
        "cloned_from": application.cloned_from,
        "consultation": None if consultation is None else consultation.case_id,
    }
