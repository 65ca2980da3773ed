"""What the log holds of an agency's cases, so that nothing is decided without it.

entries of the log -> (case, number, digest) of events that the cases must have
"""

from collections.abc import Iterator

from assent.adapters.docket import verify_against
from assent.authorisation.docket import Docket
from assent.translog.entry import Entry, parse_entry
from assent.translog.errors import EntryInvalid, LogDamaged
from assent.translog.ports import LogStore

# So many newest entries are held against the cases whenever an agency is opened. An
# older copy of the cases lacks what was logged last, so few would do; but entries that
# confirm no event may lie between, and all of them would make every command wait.
NEWEST_ENTRIES = 256
_ENTRIES_AT_ONCE = 1_000
_ANCHOR = ("case", "case_events", "case_digest")
_DIGITS_MAX = 9

Anchor = tuple[str, int, str]


def verify_not_behind(docket: Docket, store: LogStore) -> None:
    """Check that the cases have what the newest entries of the log confirm.

    Raises:
        DocketBehind: if they lack some of it, naming it.
        CaseDamaged, LogDamaged, StoreUnavailable: if either cannot be read.

    """
    with store.reading() as transaction:
        size = transaction.size()
    verify_against(docket, anchors_of(store, max(0, size - NEWEST_ENTRIES)))


def anchors_of(store: LogStore, start: int = 0) -> Iterator[Anchor]:
    """Yield the events of cases that a log's entries, from one on, confirm.

    Raises:
        LogDamaged: if an entry about a case has no number.

    """
    for entry in entries_of(store, start):
        if not set(_ANCHOR) <= entry.metadata.keys():
            continue
        case_id, number, digest = (entry.metadata[name] for name in _ANCHOR)
        if not (number.isdecimal() and len(number) <= _DIGITS_MAX):
            raise LogDamaged(
                f"An entry about {entry.subject} confirms event {number!r:.40}.",
                remedy="Find out who wrote it: no agency of ours did.",
            )
        yield case_id, int(number), digest


def entries_of(store: LogStore, start: int = 0) -> Iterator[Entry]:
    """Yield the entries of a log from one on; what is no entry is left out."""
    size = start + 1
    while start < size:
        with store.reading() as transaction:
            size = transaction.size()
            page = transaction.entries(start, min(size, start + _ENTRIES_AT_ONCE))
        start += len(page) or size
        for data in page:
            try:
                yield parse_entry(data)
            except EntryInvalid:
                continue  # the log takes any bytes
