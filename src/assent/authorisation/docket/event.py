"""An event of a case, and its place in the case's chain.

Event + the event before it -> RecordedEvent(case, number, previous digest)

Events are only ever added. Each names the digest of the one before it, so whoever knows
the last digest knows that nothing before it was changed, left out or put in between.
The chain does not show that events were written down when they happened, nor that none
is missing at its end: that takes the public log, which holds some of the digests.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType

from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    DocumentTooLarge,
    Plain,
    canonical_bytes,
    format_instant,
)

BODY_BYTES_MAX = 1_000_000  # a document belongs in the document store, by its digest
START = "sha256:" + "0" * 64  # what the first event of a case names as the one before
CASE_ID = re.compile(r"[a-z][a-z0-9-]{0,40}-[0-9]{4}-[0-9]{4,9}")
_KIND = re.compile(r"[a-z][a-z_]{1,60}")
_ACTOR = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,200}")


class CaseDamaged(AssentError):
    """The events of a case do not form the chain that was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened: its kind in the past tense, when, who did it, and the details.

    Raises:
        DocumentInvalid, QuantityInvalid: if a field cannot be written down.
        DocumentTooLarge: if the body is longer than BODY_BYTES_MAX.

    `body_encoded` are the canonical bytes of the body.
    """

    kind: str
    time: datetime
    actor: str
    body: Mapping[str, Plain] = field(default_factory=dict)
    body_encoded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check what everybody will read for ever."""
        if _KIND.fullmatch(self.kind) is None or _ACTOR.fullmatch(self.actor) is None:
            raise DocumentInvalid(
                f"An event has a kind in lower case and an actor on one line, not"
                f" {self.kind!r:.60} by {self.actor!r:.60}.",
                remedy="Give the name of whoever acted, without control characters.",
            )
        format_instant(self.time)
        encoded = canonical_bytes(self.body)
        if len(encoded) > BODY_BYTES_MAX:
            raise DocumentTooLarge(
                f"The event {self.kind} has more than {BODY_BYTES_MAX:,} bytes.",
                remedy="Store the document and name its digest.",
            )
        object.__setattr__(self, "body", MappingProxyType(dict(self.body)))
        object.__setattr__(self, "body_encoded", encoded)

    @property
    def as_kept(self) -> "Event":
        """The event as it will be read again: plain JSON, UTC to the second."""
        kept = object.__new__(Event)  # what was checked need not be checked again
        for name, value in (
            ("kind", self.kind),
            ("time", self.time.astimezone(UTC).replace(microsecond=0)),
            ("actor", self.actor),
            ("body", MappingProxyType(json.loads(self.body_encoded))),
            ("body_encoded", self.body_encoded),
        ):
            object.__setattr__(kept, name, value)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event in its place: `number` counts from 1 within the case.

    `digest` is the one that the next event names, of everything in this one.
    """

    case_id: str
    number: int
    previous: str
    event: Event
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the digest once: whoever reads a case asks for it again and again."""
        rest: Plain = {
            "case_id": self.case_id,
            "number": self.number,
            "previous": self.previous,
            "kind": self.event.kind,
            "time": format_instant(self.event.time),
        }
        # The canonical bytes of all of it; the longest part is encoded already.
        actor, body = canonical_bytes(self.event.actor), self.event.body_encoded
        whole = b'{"actor":%b,"body":%b,%b' % (actor, body, canonical_bytes(rest)[1:])
        object.__setattr__(self, "digest", f"sha256:{sha256(whole).hexdigest()}")


def chain(
    case_id: str, history: Sequence[RecordedEvent], events: Iterable[Event]
) -> list[RecordedEvent]:
    """Return new events in their places after those that are there.

    Args:
        case_id: the case, such as application-2026-0001.
        history: its events so far, or the last of them.
        events: what happened since, in order.

    Raises:
        DocumentInvalid: if the case cannot be called so.

    """
    if CASE_ID.fullmatch(case_id) is None:
        raise DocumentInvalid(
            f"{case_id!r:.80} is no case.",
            remedy="A case is called like application-2026-0001.",
        )
    number = history[-1].number if history else 0
    previous = history[-1].digest if history else START
    recorded = []
    for event in events:
        number += 1
        new = RecordedEvent(
            case_id=case_id, number=number, previous=previous, event=event
        )
        previous = new.digest
        recorded.append(new)
    return recorded


def verify_chain(events: Sequence[RecordedEvent]) -> None:
    """Hold all events of a case, from the first, against their chain.

    Raises:
        CaseDamaged: if one is missing, changed or of another case.

    """
    previous = START
    for number, recorded in enumerate(events, start=1):
        if (
            recorded.number != number
            or recorded.previous != previous
            or recorded.case_id != events[0].case_id
        ):
            raise CaseDamaged(
                f"Event {number} of {events[0].case_id} is not the one that was"
                " recorded.",
                remedy="Restore the database from a backup; trust nothing after this.",
            )
        previous = recorded.digest
