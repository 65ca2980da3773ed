"""Put an application to the vote, or refuse it.

Weighed -> a proposal with the very permit, or a refusal with every reason
"""

from datetime import datetime

from assent.authorisation.application import State, verify_rulebook
from assent.authorisation.permit import flop_max
from assent.authorisation.review import (
    Weighing,
    propose,
    put_to_vote,
    refuse_by_rule,
)
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.secretariat.conclude import announce_refusal
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.secretariat.proposing.draft import Draft
from assent.authorisation.secretariat.proposing.weighing import Weighed, weigh_case
from assent.authorisation.terms import Caps
from assent.authorisation.treaty import Matter
from assent.vocabulary import NotAllowed, format_count

_PROPOSABLE = {State.UNDER_REVIEW: None, State.UNDER_APPEAL: Matter.APPEAL}


def propose_permit(
    office: Office, case_id: str, actor: str, now: datetime, *, caps: Caps | None = None
) -> Proposal:
    """Put the permit that an application asks for to the vote.

    Args:
        office: the agency's.
        case_id: an application under review, or under appeal.
        actor: who proposes it.
        now: the time.
        caps: narrower ones than were asked for; None for those.

    Raises:
        NotFound: if there is no such case.
        NotAllowed: if its review does not let it be put to the vote, or the caps are
            wider than what was asked for.
        AssessedOtherwise: if it was assessed by another rulebook than the agency's.
        MatterUnknown: if the treaty lets nobody decide it.

    """
    with office.docket.writing() as transaction:
        events = found(transaction, case_id)
        weighed = weigh_case(office, events, now.date(), caps)
        verify_rulebook(weighed.case.application, office.rulebook())
        matter = _matter(weighed)
        _verify_matter(office, weighed, matter, weighed.caps)
        proposal = Draft(
            office=office,
            transaction=transaction,
            case_digest=events[-1].digest,
            weighed=weighed,
            matter=matter,
            now=now,
        ).proposal()
        if matter is Matter.APPEAL:
            proposed = put_to_vote(weighed.file.ballot, proposal, now, actor)
        else:
            members = office.treaty.members
            proposed = propose(
                weighed.file, proposal, weighed.weighing, now, actor, members=members
            )
        resting_on = (weighed.weighing, weighed.case.application)
        office.records.put_all([one.encoded for one in resting_on])
        office.add(transaction, case_id, [proposed])
    return proposal


def refuse(office: Office, case_id: str, actor: str, now: datetime) -> Weighing:
    """Refuse an application that its review refuses, without a vote.

    Raises:
        NotFound: if there is no such case.
        NotAllowed: if its review does not refuse it.

    """
    with office.docket.writing() as transaction:
        weighed = weigh_case(office, found(transaction, case_id), now.date())
        event = refuse_by_rule(weighed.file, weighed.weighing, now, actor)
        events = office.add(transaction, case_id, [event])
        announce_refusal(
            office,
            transaction,
            events,
            weighed.weighing.encoded,
            weighed.weighing.reasons,
            now,
        )
    return weighed.weighing


def _matter(weighed: Weighed) -> Matter:
    """Return what the vote will be a matter of."""
    state = weighed.case.state
    if state not in _PROPOSABLE:
        raise NotAllowed(
            f"{weighed.case.case_id} is {state.value}: nothing can be put to the vote.",
            remedy="Review it first; what is decided can be appealed against.",
        )
    return _PROPOSABLE[state] or weighed.weighing.matter


def _verify_matter(
    office: Office, weighed: Weighed, matter: Matter, caps: Caps
) -> None:
    """Refuse what the procedure could not grant, however the vote came out.

    A panel may find that a gate or a score was judged wrongly. That a class of systems
    is never allowed is no judgement of the officers; and beyond the horizon the other
    organs decide, whoever appeals.
    """
    weighing = weighed.weighing
    if matter is Matter.APPEAL and (
        weighing.matter is Matter.HORIZON_EXCEPTION or weighing.is_never_allowed
    ):
        raise NotAllowed(
            f"No panel can allow this: {' '.join(weighing.reasons) or weighing.matter}",
            remedy="The refusal stands; beyond the horizon, ask for an exception.",
        )
    most = flop_max(office.treaty, matter)
    if most is not None and caps.flop > most:
        raise NotAllowed(
            f"A matter of {matter} can grant {format_count(most)} FLOP at most, and"
            f" {weighed.case.case_id} asks for {format_count(caps.flop)}.",
            remedy="Propose narrower caps, or use the procedure for larger runs.",
        )
