"""Past decisions of an agency that resemble a case.

case + all decided cases -> Precedents, the nearest first

Cards, which are kept small, tell which cases took about as much compute; only those are
read and weighed again, as of the day of their decision.
"""

from datetime import date

from assent.authorisation.application import (
    SERIES,
    ApplicationCase,
    State,
    flop_log10_milli,
    fold,
)
from assent.authorisation.docket import Card
from assent.authorisation.review import (
    Level,
    PastDecision,
    Precedent,
    Weighing,
    similar,
)
from assent.authorisation.secretariat.hand_out import all_cards
from assent.authorisation.secretariat.office import Office
from assent.authorisation.secretariat.proposing.weighing import weigh_case
from assent.vocabulary import InputError

DECIDED = (State.GRANTED, State.REFUSED, State.REFUSED_FINALLY)
CASES_READ_MAX = 50  # five times what is shown: compute decides most of the distance


def precedents_of(office: Office, case_id: str, on: date) -> list[Precedent]:
    """Return past decisions that resemble a case, with reasons.

    Raises:
        NotFound: if there is no such case.
        NotAllowed: if it is not submitted.

    """
    weighed = weigh_case(office, office.read(case_id), on)
    at_hand = _decision(weighed.case, weighed.weighing, on)
    cards = list(all_cards(office, SERIES, *DECIDED))
    here = flop_log10_milli(at_hand.flop) or 0
    cards.sort(key=lambda card: (_apart(card, here), card.case_id))
    past = [_past(office, card) for card in cards[:CASES_READ_MAX]]
    return similar((one for one in past if one is not None), at_hand)


def _past(office: Office, card: Card) -> PastDecision | None:
    """Return what is compared of a case; None if today's policy cannot weigh it."""
    events = office.read(card.case_id)
    decided = fold(events).updated.date()
    try:
        weighed = weigh_case(office, events, decided)
    except InputError:
        return None
    return _decision(weighed.case, weighed.weighing, decided)


def _decision(case: ApplicationCase, weighing: Weighing, day: date) -> PastDecision:
    bad = {
        found.about
        for found in weighing.findings
        if found.level.rank >= Level.HIGH.rank
    }
    return PastDecision(
        case_id=case.case_id,
        developer=weighing.developer,
        flop=weighing.flop,
        features=weighing.features | bad,
        outcome=case.state.value,
        decided=day,
    )


def _apart(card: Card, here: int) -> int:
    there = card.details.get("flop_log10_milli")
    return abs(there - here) if isinstance(there, int) else here
