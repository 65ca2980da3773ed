"""Put an application before the agency, draft and submission in one.

Application -> a case that is submitted

A consultation that the application names must be one that was held, with that
developer, and its last word the one that is named: its answers bind nobody, and nobody
is to be quoted with an answer that was not given.
"""

from datetime import datetime

from assent.authorisation.application import (
    SERIES,
    Application,
    ApplicationCase,
    State,
    amend,
    draft,
    fold,
    fold_consultation,
    submit,
    verify_assessment,
)
from assent.authorisation.docket import DocketTransaction, chain
from assent.authorisation.secretariat.office import Office, found
from assent.vocabulary import NotAllowed

_OVER = {State.DRAFT, State.REFUSED, State.REFUSED_FINALLY, State.WITHDRAWN}
_LIVE = {state.value for state in State if state not in _OVER}
_NOT_YET = f"{SERIES}-0000-0000"  # what the case is called while it is checked


def file_application(
    office: Office, application: Application, actor: str, now: datetime
) -> str:
    """Submit an application; return its case.

    Raises:
        ApplicationIncomplete: if something is missing.
        AssessedOtherwise: if its assessment is not what the agency's rulebook makes of
            its declaration.
        NotFound, NotAllowed: if it names a consultation that was not held so, or there
            is an application for the same run.

    """
    verify_assessment(application, office.rulebook(), office.accelerators())
    begun = draft(application, actor=actor, now=now)
    case = fold(chain(_NOT_YET, [], begun))
    begun += submit(case, office.treaty, actor=actor, now=now)
    with office.docket.writing() as transaction:
        _verify_consultation(transaction, application)
        _verify_only(transaction, application)
        case_id = office.name(transaction, SERIES, now)
        office.add(transaction, case_id, begun)
    return case_id


def amend_application(  # noqa: PLR0913, PLR0917 - a verb's four, and why
    office: Office,
    case_id: str,
    application: Application,
    reason: str,
    actor: str,
    now: datetime,
) -> ApplicationCase:
    """Put a new version of an application in the place of the newest.

    Raises:
        NotFound: if there is no such case.
        TransitionRefused: if it is decided.
        ApplicationIncomplete, AssessedOtherwise: as `file_application`.
        NotAllowed: if nothing changed, or it is another application.

    """
    verify_assessment(application, office.rulebook(), office.accelerators())
    return office.on_application(
        case_id,
        lambda case: amend(
            case, application, reason, treaty=office.treaty, actor=actor, now=now
        ),
    )


def _verify_only(transaction: DocketTransaction, application: Application) -> None:
    """Refuse a second application for a run: two permits would double its caps."""
    name = application.developer.name
    after = ""
    while cards := transaction.cards(kind=SERIES, developer=name, after=after):
        for card in cards:
            if card.state in _LIVE and card.details.get("run_id") == application.run_id:
                raise NotAllowed(
                    f"{card.case_id} is of the same run, {application.run_id}, and"
                    f" {card.state}.",
                    remedy="Amend that one or withdraw it; another run has another"
                    " name.",
                )
        after = cards[-1].case_id


def _verify_consultation(
    transaction: DocketTransaction, application: Application
) -> None:
    named = application.consultation
    if named is None:
        return
    held = fold_consultation(found(transaction, named.case_id))
    if held.digest != named.digest or held.developer != application.developer.name:
        raise NotAllowed(
            f"{named.case_id} ends otherwise than the application says, or was held"
            " with another developer.",
            remedy="Name the consultation as `assent consult show` prints it.",
        )
