"""What the public log holds of a day book, and whether the book is still that one.

DayHead -> the log's entry;  DayHead + the log's entries -> nothing, or a contradiction

The log is told which head was signed, and nothing of what it stands for: neither jobs
nor FLOP nor how many entries there are.
"""

from collections.abc import Iterable, Mapping

from assent.supervision.daybook.errors import DayBookNotAsLogged
from assent.supervision.daybook.head import DAY_HEAD_TYPE, DayHead
from assent.translog.entry import DocumentDigest
from assent.translog.entry import Entry as LogEntry

KIND = "day-book"
_ROLE = "day-head"


def log_entry_of(head: DayHead) -> LogEntry:
    """Return the entry by which the log is told of a day book; the same each time."""
    document = DocumentDigest(
        digest=head.digest, size_bytes=len(head.encoded), media_type=DAY_HEAD_TYPE
    )
    return LogEntry(
        kind=KIND,
        subject=subject_of(head),
        time=head.closed.replace(microsecond=0),
        party=head.party,
        documents={_ROLE: document},
        metadata={"ledger_head": head.head},
    )


def subject_of(head: DayHead) -> str:
    """Return what the log calls a day book."""
    return f"{head.gate}/{head.number}"


def verify_logged(head: DayHead, logged: Iterable[LogEntry]) -> None:
    """Check a day book against all that the log holds under its name.

    Raises:
        DayBookNotAsLogged: if the log holds nothing of it, or something else.

    """
    # (9) The head is the one that was made public.
    expected, subject = log_entry_of(head), subject_of(head)
    found = [one for one in logged if one.kind == KIND and one.subject == subject]
    if expected not in found:
        what = "another head" if found else "nothing"
        raise DayBookNotAsLogged(
            f"The public log holds {what} of {head.words}, whose head is"
            f" {head.head[:19]}….",
            remedy="Believe the log: somebody changed the books after they were"
            " signed. Keep both.",
        )
    if len({one.encoded for one in found}) > 1:
        raise DayBookNotAsLogged(
            f"The public log holds {len(found)} heads of {head.words}.",
            remedy="The gate signed two histories, and the agency logged both.",
        )


def verify_all_logged(heads: Mapping[str, DayHead], logged: Iterable[LogEntry]) -> None:
    """Check that all day books are kept that were logged, and all as they were.

    Args:
        heads: the day books that are kept, by what the log calls them.
        logged: all entries of the log.

    Raises:
        DayBookNotAsLogged: if one is another, or not kept, or not logged.

    """
    by_subject: dict[str, list[LogEntry]] = {}
    for one in logged:
        if one.kind == KIND:
            by_subject.setdefault(one.subject, []).append(one)
    for subject, head in heads.items():
        verify_logged(head, by_subject.get(subject, []))
    if missing := sorted(by_subject.keys() - heads.keys()):
        raise DayBookNotAsLogged(
            f"The public log holds the heads of {len(missing)} day books that are not"
            f" kept, {missing[0]} among them.",
            remedy="Ask their gates for them: `assent ledger take`.",
        )
