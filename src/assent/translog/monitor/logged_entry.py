"""An entry where it stands in the log, and whether somebody cares about it.

Batch -> LoggedEntry of each entry -> bytes for whoever is told of it

What `encoded` holds, with `…` for what is longer:

    {"data":"aGVsbG8=","format":"assent-logged-entry/1","index":7,"leaf_hash":"iheO…","official":null,"origin":"log.example/a"}

`data` is the entry in base64 and `official` its fields, or null for a foreign entry: the
log takes any bytes. Nothing in it is signed: whoever is told believes the monitor.
"""  # noqa: E501 - the literal is the format

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assent.translog.entry import Entry, parse_entry
from assent.translog.errors import EntryInvalid
from assent.translog.formats.encoding import encode_base64
from assent.translog.merkle import leaf_hash
from assent.translog.monitor.follow import Batch
from assent.vocabulary import InputError, canonical_bytes, parse_canonical

FORMAT = "assent-logged-entry/1"
_ANY: dict[str, Any] = {
    "kind": "permit",
    "subject": "any",
    "time": datetime(2026, 1, 1, tzinfo=UTC),
}


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """The bytes at an index of a log; `official` is None if they are foreign."""

    origin: str
    index: int
    data: bytes
    official: Entry | None

    @property
    def encoded(self) -> bytes:
        """Return a JSON document that tells of it."""
        is_ours = self.official is not None
        return canonical_bytes(
            {
                "format": FORMAT,
                "origin": self.origin,
                "index": self.index,
                "leaf_hash": encode_base64(leaf_hash(self.data)),
                "data": encode_base64(self.data),
                "official": parse_canonical(self.data) if is_ours else None,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries to show: those with one of the values given, of each kind given.

    An empty set leaves a field open. Foreign entries have no fields: they are shown
    where all are open.

    Raises:
        InputError: if a value is one that no entry can have.

    """

    kinds: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    developers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Check the values: one that never matches would hide what it asks for."""
        probes = [
            *({"kind": kind} for kind in self.kinds),
            *({"party": party} for party in self.parties),
            *({"developer": name} for name in self.developers),
        ]
        for probe in probes:
            try:
                Entry(**{**_ANY, **probe})
            except EntryInvalid as error:
                raise InputError(
                    error.message.replace(
                        "This is no official entry", "No entry can be picked"
                    ),
                    remedy="Kinds are in small letters (permit), parties in capitals"
                    " (KEN), developers on one line, as in the log.",
                ) from None

    def picks(self, logged: LoggedEntry) -> bool:
        """Tell whether to show an entry."""
        entry = logged.official
        if entry is None:
            return not (self.kinds or self.parties or self.developers)
        return (
            (not self.kinds or entry.kind in self.kinds)
            and (not self.parties or entry.party in self.parties)
            and (not self.developers or entry.developer in self.developers)
        )


def logged_entries(batch: Batch) -> Iterator[LoggedEntry]:
    """Yield the entries of a batch, told apart by whether they are official."""
    origin = batch.state.signed.head.origin
    for index, data in enumerate(batch.entries, batch.start):
        try:
            official = parse_entry(data)
        except EntryInvalid:
            official = None
        yield LoggedEntry(origin, index, data, official)
