"""What the agency's secretariat does with cases: every verb, over the ports.

Docket + Records + Treaty + now -> applications, votes, permits, notices
"""

from assent.authorisation.secretariat.announce import Announced, announce
from assent.authorisation.secretariat.conclude import anchor, notify, one_line
from assent.authorisation.secretariat.filing import amend_application, file_application
from assent.authorisation.secretariat.hand_out import (
    all_cards,
    give_out,
    give_out_all,
    lease,
    permit_bundle,
    read_permit,
    status_list,
)
from assent.authorisation.secretariat.interests import (
    affected,
    conflicts,
    declare_interest,
)
from assent.authorisation.secretariat.isolate import WorkIncomplete
from assent.authorisation.secretariat.measure import (
    TRANSITIONS,
    MeasureState,
    measure_proposal,
    measure_state,
)
from assent.authorisation.secretariat.notice import (
    Deferred,
    Notice,
    fold_notice,
    write_notice,
)
from assent.authorisation.secretariat.office import Office, found
from assent.authorisation.secretariat.ports import Records
from assent.authorisation.secretariat.proposing.measures import Motion, propose_measure
from assent.authorisation.secretariat.proposing.permits import propose_permit, refuse
from assent.authorisation.secretariat.proposing.precedents import precedents_of
from assent.authorisation.secretariat.proposing.weighing import (
    Weighed,
    weigh_case,
    weigh_events,
)
from assent.authorisation.secretariat.upkeep import Done, end_due, exhaust, work
from assent.authorisation.secretariat.voting import (
    Counted,
    close_due,
    count,
    record_vote,
    record_votes,
    withdraw_vote,
)

__all__ = [
    "TRANSITIONS",
    "Announced",
    "Counted",
    "Deferred",
    "Done",
    "MeasureState",
    "Motion",
    "Notice",
    "Office",
    "Records",
    "Weighed",
    "WorkIncomplete",
    "affected",
    "all_cards",
    "amend_application",
    "anchor",
    "announce",
    "close_due",
    "conflicts",
    "count",
    "declare_interest",
    "end_due",
    "exhaust",
    "file_application",
    "fold_notice",
    "found",
    "give_out",
    "give_out_all",
    "lease",
    "measure_proposal",
    "measure_state",
    "notify",
    "one_line",
    "permit_bundle",
    "precedents_of",
    "propose_measure",
    "propose_permit",
    "read_permit",
    "record_vote",
    "record_votes",
    "refuse",
    "status_list",
    "weigh_case",
    "weigh_events",
    "withdraw_vote",
    "work",
    "write_notice",
]
