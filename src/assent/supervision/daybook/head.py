"""The head of a day book: which entries a gate's ledger had when the day was closed.

DayHead <-> canonical JSON, which the gate signs

    {"closed":"2026-06-01T23:59:00Z","entries":412,"entries_before":230,"format":"assent-day-book/1","gate":"gate-nairobi-1","head":"sha256:…","head_before":"sha256:…","number":3,"owners":"sha256:…","party":"KEN","previous":"sha256:…","site":"site-nairobi-1"}

Each head names the one before, and the ledger's own head chains every entry. So a gate
that signed one day can change nothing that was written until then.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from assent.authorisation.permit.fields import (
    DIGEST,
    SLUG,
    instant_of,
    int_of,
    mapping_of,
    text_of,
)
from assent.supervision.daybook.errors import DayBookMalformed
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    digest,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

FORMAT = "assent-day-book/1"
DAY_HEAD_TYPE = "application/vnd.assent.day-book+json"
_NAME = re.compile(f"{LINE}{{1,{NAME_LENGTH_MAX}}}")
_PARTY = re.compile(r"(?=.{2,32}\Z)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")  # as in the log
_FIELDS = frozenset(
    {
        *("format", "gate", "site", "party", "number", "closed", "previous"),
        *("entries_before", "head_before", "entries", "head", "owners"),
    }
)


@dataclass(frozen=True, kw_only=True)
class DayHead:
    """What a gate signs when it closes a day.

    Attributes:
        gate: as the agency knows it.
        site: as permits call it.
        party: the state on whose ground it stands.
        number: of this day book, from 1 without gaps.
        closed: when.
        previous: the digest of the head before; START for the first.
        entries_before: how many entries the ledger had then, and its head.
        head_before: see `entries_before`.
        entries: how many it has now, and its head.
        head: see `entries`.
        owners: the digest of the owners that come with it.

    """

    gate: str
    site: str
    party: str
    number: int
    closed: datetime
    previous: str
    entries_before: int
    head_before: str
    entries: int
    head: str
    owners: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The head as plain values."""
        return {
            "format": FORMAT,
            "gate": self.gate,
            "site": self.site,
            "party": self.party,
            "number": self.number,
            "closed": format_instant(self.closed),
            "previous": self.previous,
            "entries_before": self.entries_before,
            "head_before": self.head_before,
            "entries": self.entries,
            "head": self.head,
            "owners": self.owners,
        }

    @property
    def encoded(self) -> bytes:
        """The canonical bytes."""
        return canonical_bytes(self.plain)

    @cached_property
    def digest(self) -> str:
        """The digest by which the next head names this one."""
        return digest(self.plain)

    @property
    def words(self) -> str:
        """Which it is, for people."""
        return f"day book {self.number} of {self.gate}"


def parse_day_head(data: bytes) -> DayHead:
    """Return the head whose canonical bytes these are.

    Raises:
        DayBookMalformed: if they are none's.

    """
    try:
        return _head(parse_canonical(data))
    except DayBookMalformed:
        raise
    except AssentError as error:
        malformed(error.message.removesuffix("."))


def _head(value: Any) -> DayHead:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        malformed(f"its format is not {FORMAT}")

    def count(name: str, least: int = 0) -> int:
        return int_of(given[name], least, INTEGER_SAFE_MAX, name)

    def made(name: str) -> str:
        return text_of(given[name], DIGEST, name)

    return DayHead(
        gate=text_of(given["gate"], SLUG, "gate"),
        site=text_of(given["site"], _NAME, "site"),
        party=text_of(given["party"], _PARTY, "party"),
        number=count("number", 1),
        closed=instant_of(given["closed"], "closed"),
        previous=made("previous"),
        entries_before=count("entries_before"),
        head_before=made("head_before"),
        entries=count("entries"),
        head=made("head"),
        owners=made("owners"),
    )


def malformed(why: str) -> NoReturn:
    """Raise the error for what is no day book."""
    raise DayBookMalformed(
        f"This is no day book: {why}.",
        remedy="Have the gate send it again: `assent gate report`.",
    )
