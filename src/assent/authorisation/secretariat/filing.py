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
    draft,
    fold,
    fold_consultation,
    submit,
)
from assent.authorisation.docket import DocketTransaction, chain
from assent.authorisation.secretariat.office import Office, found
from assent.vocabulary import NotAllowed

_NOT_YET = f"{SERIES}-0000-0000"  # what the case is called while it is checked


def file_application(
    office: Office, application: Application, actor: str, now: datetime
) -> str:
    """Submit an application; return its case.

    Raises:
        ApplicationIncomplete: if something is missing.
        NotFound, NotAllowed: if it names a consultation that was not held so.

    """
    begun = draft(application, actor=actor, now=now)
    case = fold(chain(_NOT_YET, [], begun))
    begun += submit(case, office.treaty, actor=actor, now=now)
    with office.docket.writing() as transaction:
        _verify_consultation(transaction, application)
        case_id = office.name(transaction, SERIES, now)
        office.add(transaction, case_id, begun)
    return case_id


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
