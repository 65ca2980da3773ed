"""What gates report of their books, day by day, and what all of it together shows.

ledger -> day books -> the agency's ledger, the public log -> totals and findings
"""

from assent.supervision.daybook.book import (
    DAY_BYTES_MAX,
    DayBook,
    DayOwner,
    digest_of,
    encode_owners,
    parse_day,
    parse_head,
    parse_owners,
    write_day,
)
from assent.supervision.daybook.close import Place, close_days, last_head
from assent.supervision.daybook.errors import (
    DayBookEarly,
    DayBookEntriesWrong,
    DayBookForked,
    DayBookMalformed,
    DayBookNotAsLogged,
    DayBookOfAnotherSite,
    DayBookOfUnknownGate,
    DayBookOutOfTime,
    DayBookRefused,
    DayBookRepeats,
    DayBookRewritten,
    DayBookUnsigned,
)
from assent.supervision.daybook.findings import check_all_books, check_received
from assent.supervision.daybook.groups import OwnerGroups
from assent.supervision.daybook.head import DAY_HEAD_TYPE, DayHead
from assent.supervision.daybook.logged import (
    log_entry_of,
    subject_of,
    verify_all_logged,
    verify_logged,
)
from assent.supervision.daybook.ports import DayBooks, KeptDay, Received, Standing
from assent.supervision.daybook.take import LedgerDesk, Outcome, Taken
from assent.supervision.daybook.totals import (
    Books,
    By,
    PermitFacts,
    Total,
    read_books,
)
from assent.supervision.daybook.verify import (
    verify_as_signed,
    verify_follows,
    verify_signed,
    verify_whole,
)

__all__ = [
    "DAY_BYTES_MAX",
    "DAY_HEAD_TYPE",
    "Books",
    "By",
    "DayBook",
    "DayBookEarly",
    "DayBookEntriesWrong",
    "DayBookForked",
    "DayBookMalformed",
    "DayBookNotAsLogged",
    "DayBookOfAnotherSite",
    "DayBookOfUnknownGate",
    "DayBookOutOfTime",
    "DayBookRefused",
    "DayBookRepeats",
    "DayBookRewritten",
    "DayBookUnsigned",
    "DayBooks",
    "DayHead",
    "DayOwner",
    "KeptDay",
    "LedgerDesk",
    "Outcome",
    "OwnerGroups",
    "PermitFacts",
    "Place",
    "Received",
    "Standing",
    "Taken",
    "Total",
    "check_all_books",
    "check_received",
    "close_days",
    "digest_of",
    "encode_owners",
    "last_head",
    "log_entry_of",
    "parse_day",
    "parse_head",
    "parse_owners",
    "read_books",
    "subject_of",
    "verify_all_logged",
    "verify_as_signed",
    "verify_follows",
    "verify_logged",
    "verify_signed",
    "verify_whole",
    "write_day",
]
