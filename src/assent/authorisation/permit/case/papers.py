"""The papers that events of a permit's case hold.

event -> Permit, PermitChange, or StepNotAllowed
"""

from assent.authorisation.docket import Event
from assent.authorisation.permit.change import Action, PermitChange, parse_change
from assent.authorisation.permit.errors import StepNotAllowed
from assent.authorisation.permit.parse import parse_permit
from assent.authorisation.permit.permit import Permit
from assent.vocabulary import AssentError, canonical_bytes, format_instant

_ACTIONS = {
    "suspended": Action.SUSPEND,
    "reinstated": Action.REINSTATE,
    "revoked": Action.REVOKE,
}


def permit_in(event: Event) -> Permit:
    """Return the permit that an event holds.

    Raises:
        StepNotAllowed: if it holds none.

    """
    try:
        return parse_permit(canonical_bytes(event.body["payload"]))
    except AssentError as error:
        raise unfit(event, error.message) from None


def change_in(event: Event, case_id: str, permit: Permit) -> PermitChange:
    """Return the change of a permit that an event holds.

    Raises:
        StepNotAllowed: if it holds none, or of another permit.

    """
    try:
        change = parse_change(canonical_bytes(event.body["payload"]))
    except AssentError as error:
        raise unfit(event, error.message) from None
    if change.permit_id != case_id or change.action is not _ACTIONS[event.kind]:
        raise unfit(event, f"its paper asks to {change.action} {change.permit_id}")
    is_other = change.permit_digest != permit.digest
    if is_other and change.action is Action.REINSTATE:
        # What stops somebody holds for every version; what lets somebody go on was
        # decided of one.
        raise unfit(event, "its paper is about another version of the permit")
    return change


def unfit(event: Event, why: str) -> StepNotAllowed:
    """Return the refusal of an event that a case cannot take."""
    return StepNotAllowed(
        f"The event {event.kind} of {format_instant(event.time)} does not fit: {why}.",
        remedy="Read the case again, and do what its state allows.",
    )
