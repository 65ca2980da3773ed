"""What lists show of a permit.

RecordedEvents of a permit's case -> Card
"""

from collections.abc import Sequence

from assent.authorisation.docket import Card, RecordedEvent
from assent.authorisation.permit.case.case import fold
from assent.authorisation.permit.errors import StepNotAllowed
from assent.authorisation.permit.life import FINAL
from assent.vocabulary import format_instant


def permit_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a permit's case.

    Raises:
        StepNotAllowed: if the events are no permit's case.

    """
    if (case := fold(events)) is None:
        raise StepNotAllowed("A case without events has no card.", remedy="Add some.")
    permit, is_over = case.permit, case.state in FINAL
    first, last = events[0].event.time, events[-1].event.time
    is_waiting = case.pending is not None and not is_over
    return Card(
        case_id=case.case_id,
        kind="permit",
        state=case.state.value,
        title=permit.run_id,
        developer=permit.developer.name,
        waiting_for="agency" if is_waiting else "nobody",
        due=None if is_over else case.lapses or permit.caps.not_after,
        opened=first,
        updated=last,
        events=case.events,
        details={
            "application": permit.case_id,
            "version": permit.version,
            "flop": str(permit.caps.flop),
            "sites": len(permit.caps.sites),
            "is_logged": case.is_logged,
            "not_after": format_instant(permit.caps.not_after),
            "statuses": {str(i): int(status) for i, status in case.statuses.items()},
        },
    )
