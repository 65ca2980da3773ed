"""A notice: what the agency owes the public log, from the decision until it is logged.

entry + what follows once it is public -> Notice, a small case of its own

A notice is written in the same transaction as the decision it tells of, so no decision
can be made and not be announced. What may take effect only when everybody can see it
(a permit, a variation, a reinstatement) waits in the notice as events that are added
to their cases in the very transaction that records the notice as logged. What protects
people (a suspension, a revocation) takes effect at once and is announced afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assent.authorisation.docket import Card, CaseDamaged, Event, RecordedEvent
from assent.translog.entry import Entry, parse_entry
from assent.vocabulary import Plain

KIND = "notice"
WRITTEN, LOGGED, DROPPED = "written", "logged", "dropped"
_ENDINGS: tuple[list[str], ...] = ([], ["notice_logged"], ["notice_dropped"])
_ACTOR = "secretariat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """An event that is added to a case when the notice is logged."""

    case_id: str
    kind: str
    body: Mapping[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An entry for the log and what waits for it; `index` is None until it is there.

    One that is dropped never gets there: another tells of the same decision.
    """

    notice_id: str
    concerns: str
    entry: Entry
    deferred: tuple[Deferred, ...]
    index: int | None = None
    proof_digest: str | None = None
    is_dropped: bool = False

    @property
    def case_ids(self) -> tuple[str, ...]:
        """Its own case, and those that wait for it."""
        return (self.notice_id, *(later.case_id for later in self.deferred))

    @property
    def state(self) -> str:
        """Tell whether it is still to be logged, is logged, or never will be."""
        if self.is_dropped:
            return DROPPED
        return WRITTEN if self.index is None else LOGGED


def write_notice(
    entry: Entry, concerns: str, deferred: Iterable[Deferred], now: datetime
) -> Event:
    """Return the event that begins a notice."""
    return Event(
        kind="notice_written",
        time=now,
        actor=_ACTOR,
        body={
            "entry": entry.encoded.decode(),
            "concerns": concerns,
            "deferred": [
                {"case_id": later.case_id, "kind": later.kind, "body": later.body}
                for later in deferred
            ],
        },
    )


def log_notice(
    index: int, proof_digest: str, skipped: Sequence[str], now: datetime
) -> Event:
    """Return the event that ends a notice; `skipped` is what could not follow any more.

    A permit that was revoked while its reinstatement waited for the log, for example,
    stays revoked.
    """
    return Event(
        kind="notice_logged",
        time=now,
        actor=_ACTOR,
        body={"index": index, "proof": proof_digest, "skipped": list(skipped)},
    )


def drop_notice(reason: str, now: datetime) -> Event:
    """Return the event that ends a notice of what can have no effect any more."""
    return Event(kind="notice_dropped", time=now, actor=_ACTOR, body={"reason": reason})


def fold_notice(events: Sequence[RecordedEvent]) -> Notice:
    """Return the notice that its events make.

    Raises:
        CaseDamaged: if they make none.

    """
    kinds = [recorded.event.kind for recorded in events]
    if kinds[:1] != ["notice_written"] or kinds[1:] not in _ENDINGS:
        case_id = events[0].case_id if events else "a notice"
        raise CaseDamaged(
            f"{case_id} has the events {', '.join(kinds[:5]) or 'of none'}.",
            remedy="Restore the database from a backup.",
        )
    written: Any = events[0].event.body
    logged: Any = events[1].event.body if len(events) > 1 else {}
    return Notice(
        notice_id=events[0].case_id,
        concerns=written["concerns"],
        entry=parse_entry(written["entry"].encode()),
        deferred=tuple(Deferred(**later) for later in written["deferred"]),
        index=logged.get("index"),
        proof_digest=logged.get("proof"),
        is_dropped=kinds[1:] == ["notice_dropped"],
    )


def notice_card(events: Sequence[RecordedEvent]) -> Card:
    """Return the card of a notice."""
    notice = fold_notice(events)
    return Card(
        case_id=notice.notice_id,
        kind=KIND,
        state=notice.state,
        title=f"{notice.entry.kind} {notice.entry.subject}",
        developer=notice.entry.developer or "",
        waiting_for="agency" if notice.state == WRITTEN else "nobody",
        due=None,
        opened=events[0].event.time,
        updated=events[-1].event.time,
        events=len(events),
        details={"concerns": notice.concerns, "index": notice.index},
    )
