"""An entry: FLOP that move from one account of a book to others, and why.

allotment, reservation, settlement, reading, correction -> Entry, whose sum is nothing

    {"book":"permit-2026-0001","entry_id":"reserve/4711","evidence":null,"job_id":"4711","kind":"reserve","postings":[["available","-5000"],["reserved","5000"]],"reason":"","refers_to":null,"time":"2026-06-01T12:00:00Z"}

A book is of one permit, or of an owner's jobs without one, at one site. Entries are
only ever added; a correction is one more entry, which names the one that it corrects.
An entry's name is made of what it is about, so one that arrives twice is written once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from assent.supervision.ledger.errors import EntryInvalid
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)

POSTINGS_MAX = 8
START = "sha256:" + "0" * 64  # what the first entry of a ledger follows on
FLOP_MAX = 10**40  # of a posting, either way


class Account(StrEnum):
    """Where FLOP are, in a book."""

    GRANTED = "granted"  # below nothing: where all of them come from
    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"
    # What was said of the same work by whom, beside what it was charged.
    CLAIMED = "claimed"  # below nothing: the other side of both
    METERED = "metered"  # by the developer's meter
    OBSERVED = "observed"  # by the provider's own telemetry


class Kind(StrEnum):
    """What an entry is about."""

    ALLOT = "allot"
    RESERVE = "reserve"
    SETTLE = "settle"
    METER = "meter"
    OBSERVE = "observe"
    CORRECT = "correct"
    DAY = "day"  # at an agency: a gate's day book was taken; it moves nothing
    REQUEST = "request"  # an inspector's request was used; it moves nothing
    POINT = "point"  # a loss of oversight was reached; it moves nothing


_CHARGES = frozenset(
    {Account.GRANTED, Account.AVAILABLE, Account.RESERVED, Account.SPENT}
)
_CLAIMS = frozenset({Account.CLAIMED, Account.METERED, Account.OBSERVED})
_ACCOUNTS = {
    Kind.ALLOT: frozenset({Account.GRANTED, Account.AVAILABLE}),
    Kind.RESERVE: frozenset({Account.AVAILABLE, Account.RESERVED}),
    Kind.SETTLE: frozenset({Account.AVAILABLE, Account.RESERVED, Account.SPENT}),
    Kind.METER: frozenset({Account.CLAIMED, Account.METERED}),
    Kind.OBSERVE: frozenset({Account.CLAIMED, Account.OBSERVED}),
    Kind.CORRECT: _CHARGES | _CLAIMS,
    Kind.DAY: frozenset(),
    Kind.POINT: frozenset(),
    Kind.REQUEST: frozenset(),
}
Postings = Mapping[Account, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Attributes:
        entry_id: its name: kind, and what it is about.
        kind: what it is about.
        book: the permit's id, or `exempt:` and the owner's.
        time: when it was written, or when what it says was measured.
        postings: FLOP that each account gains, or loses; they add up to nothing.
        job_id: the job, if it is about one.
        evidence: the digest of what it rests on, such as a meter's reading.
        refers_to: the entry that this one corrects.
        reason: why, for a correction.
        by: who made the correction.

    Raises:
        EntryInvalid: if it does not add up, or moves what its kind does not.

    """

    entry_id: str
    kind: Kind
    book: str
    time: datetime
    postings: Postings
    job_id: str | None = None
    evidence: str | None = None
    refers_to: str | None = None
    reason: str = ""
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would unbalance the books."""
        moved = self.postings.values()
        if sum(moved) != 0 or any(abs(flop) > FLOP_MAX for flop in moved):
            self._refuse("its postings do not add up to nothing")
        if not self.postings.keys() <= _ACCOUNTS[self.kind]:
            self._refuse("its kind does not move these accounts")
        if (self.kind is Kind.CORRECT) != (self.refers_to is not None):
            self._refuse("a correction names what it corrects, and nothing else does")
        is_said = bool(self.reason.strip() and (self.by or "").strip())
        if self.kind is Kind.CORRECT and not is_said:
            self._refuse("a correction says why, and who made it")

    def _refuse(self, why: str) -> None:
        raise EntryInvalid(
            f"The entry {self.entry_id!r:.120} cannot be written: {why}.",
            remedy="Look at what it was made of; the books are as they were.",
        )

    @property
    def plain(self) -> dict[str, Plain]:
        """The entry as plain values; postings in the order of their accounts."""
        made_by: dict[str, Plain] = {} if self.by is None else {"by": self.by}
        return {
            **made_by,
            "entry_id": self.entry_id,
            "kind": self.kind.value,
            "book": self.book,
            "time": format_instant(self.time),
            "postings": [
                [account.value, str(self.postings[account])]
                for account in sorted(self.postings)
            ],
            "job_id": self.job_id,
            "evidence": self.evidence,
            "refers_to": self.refers_to,
            "reason": self.reason,
        }

    @property
    def encoded(self) -> bytes:
        """The canonical bytes, by which two entries are compared."""
        return canonical_bytes(self.plain)


def parse_entry(data: bytes) -> Entry:
    """Return the entry whose canonical bytes these are.

    Raises:
        EntryInvalid: if they are no entry's.

    """
    try:
        given = parse_canonical(data)
        entry = Entry(
            **{
                **given,
                "kind": Kind(given["kind"]),
                "time": parse_instant(given["time"]),
                "postings": {
                    Account(name): int(flop) for name, flop in given["postings"]
                },
            }
        )
        texts = [entry.entry_id, entry.book, entry.reason]
        names = (entry.job_id, entry.evidence, entry.refers_to, entry.by)
        texts += [name for name in names if name is not None]
        is_one = all(isinstance(text, str) for text in texts) and entry.encoded == data
    except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise EntryInvalid(
            f"This is no entry of a ledger: {data[:80]!r} ({type(error).__name__}).",
            remedy="Have it sent again as it was written.",
        ) from None
    if not is_one:
        raise EntryInvalid(
            f"This is no entry of a ledger in canonical form: {data[:80]!r}.",
            remedy="Have it sent again as it was written.",
        )
    return entry


def next_head(head: str, encoded: bytes) -> str:
    """Return the head of a ledger after one more entry: of all there are, in order."""
    return f"sha256:{sha256(head.encode() + encoded).hexdigest()}"
