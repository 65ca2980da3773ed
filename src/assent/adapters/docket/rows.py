"""Events and cards as rows, and back; and what every act asks of the database.

Event <-> row of EVENT_COLUMNS; Card <-> row of CARD_COLUMNS

What is read is held against its digest: a row that was changed is no event.

The statements are in SQL that SQLite and PostgreSQL know, with %s where Django's
cursors put the values: Django's ORM would take as long to write them as the databases
to answer them. The names of tables are the models'.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from assent.adapters.docket.errors import DAMAGED_REMEDY
from assent.adapters.docket.records import CardRecord, EventRecord, SeriesRecord
from assent.authorisation.docket import Card, CaseDamaged, Event, RecordedEvent
from assent.vocabulary import DocumentInvalid, InputError, canonical_bytes

EVENT_COLUMNS = (
    "case_id",
    "number",
    "previous",
    "kind",
    "time",
    "actor",
    "body",
    "digest",
)
CARD_COLUMNS = (
    "case_id",
    "kind",
    "state",
    "title",
    "developer",
    "waiting_for",
    "due",
    "opened",
    "updated",
    "events",
    "details",
)
TEXT_BYTES_MAX = 600  # three of them fit an entry of PostgreSQL's indexes
TITLE_BYTES_MAX = 10_000
DETAILS_BYTES_MAX = 100_000  # a card is read with a thousand others
# A case is read at every act; so much of it, 40 MB in all, is parsed and hashed once.
_REMEMBERED_MAX = 4_000
_REMEMBERED_LENGTH_MAX = 10_000
_remembered: OrderedDict[tuple[Any, ...], RecordedEvent] = OrderedDict()
_lock = threading.Lock()
StoredTime = Callable[[datetime], Any]  # as the database keeps it
_TEXTS = ("case_id", "kind", "state", "developer", "waiting_for")


def event_row(recorded: RecordedEvent, stored_time: StoredTime) -> tuple[Any, ...]:
    """Return the row of EVENT_COLUMNS of an event."""
    event = recorded.event
    return (
        recorded.case_id,
        recorded.number,
        recorded.previous,
        event.kind,
        stored_time(event.time),
        event.actor,
        event.body_encoded.decode(),
        recorded.digest,
    )


def recorded_event(row: tuple[Any, ...]) -> RecordedEvent:
    """Return the event of a row of EVENT_COLUMNS.

    Raises:
        CaseDamaged: if it is not the one that was written.

    """
    recorded = _remembered.get(row)
    if recorded is None:
        recorded = _verified(row)
        remember(row, recorded)
    return recorded


def remember(row: tuple[Any, ...], recorded: RecordedEvent) -> None:
    """Keep what a row was read as, or will be: by all of it, so it is that event."""
    if len(row[EVENT_COLUMNS.index("body")]) > _REMEMBERED_LENGTH_MAX:
        return
    with _lock:
        _remembered[row] = recorded
        if len(_remembered) > _REMEMBERED_MAX:
            _remembered.popitem(last=False)


def _verified(row: tuple[Any, ...]) -> RecordedEvent:
    case_id, number, previous, kind, time, actor, body, digest = row
    try:
        event = Event(kind=kind, time=_read(time), actor=actor, body=_plain(body))
        recorded = RecordedEvent(
            case_id=case_id, number=number, previous=previous, event=event
        )
        is_the_same = recorded.digest == digest
    except (ValueError, TypeError, AttributeError, RecursionError, InputError):
        is_the_same = False
    if not is_the_same:
        raise CaseDamaged(
            f"Event {number} of {case_id} is not the one that was written.",
            remedy=DAMAGED_REMEDY,
        )
    return recorded


def card_row(card: Card, stored_time: StoredTime) -> tuple[Any, ...]:
    """Return the row of CARD_COLUMNS of a card.

    Raises:
        DocumentInvalid: if a text cannot be stored or is too long, or a time has no
            zone.
        QuantityInvalid: if the details are not plain.

    """
    columns = {name: getattr(card, name) for name in CARD_COLUMNS}
    is_storable = all(is_text(columns[name]) for name in _TEXTS)
    for name in ("due", "opened", "updated"):
        time = columns[name]
        if time is not None and time.utcoffset() is not None:
            columns[name] = stored_time(_to_the_second(time))
        elif time is not None or name != "due":
            is_storable = False
    columns["details"] = details = canonical_bytes(card.details).decode()
    is_storable &= is_text(details, DETAILS_BYTES_MAX)
    if not (is_storable and is_text(card.title, TITLE_BYTES_MAX)):
        raise DocumentInvalid(
            f"The card of {card.case_id!r:.80} cannot be stored.",
            remedy="Use short texts, no null characters, and times with a zone.",
        )
    return tuple(columns.values())


def card_of(row: tuple[Any, ...]) -> Card:
    """Return the card of a row of CARD_COLUMNS.

    Raises:
        CaseDamaged: if it is none.

    """
    columns = dict(zip(CARD_COLUMNS, row, strict=True))
    try:
        for name in ("due", "opened", "updated"):
            is_none = name == "due" and columns[name] is None
            columns[name] = None if is_none else _read(columns[name])
        return Card(**columns | {"details": _plain(columns["details"])})
    except (ValueError, TypeError, RecursionError):
        raise CaseDamaged(
            f"The card of {columns['case_id']} is none.",
            remedy="Make the cards again from the events.",
        ) from None


def _plain(text: str) -> Any:  # noqa: ANN401 - any plain value
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError
    return value


def is_text(text: str, bytes_max: int = TEXT_BYTES_MAX) -> bool:
    """Tell whether PostgreSQL can hold it: no null characters, no half characters."""
    try:
        return "\0" not in text and len(text.encode()) <= bytes_max
    except UnicodeEncodeError:
        return False


def _read(time: object) -> datetime:
    """Return a time that a cursor gave: of SQLite a text in UTC, without a zone."""
    if isinstance(time, str):
        return datetime.fromisoformat(time).replace(tzinfo=UTC)
    if isinstance(time, datetime):
        return time.astimezone(UTC)
    raise TypeError


def _to_the_second(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


_EVENTS, _CARDS, _SERIES = (
    f'"{model._meta.db_table}"'  # noqa: SLF001 - Django's public name of it
    for model in (EventRecord, CardRecord, SeriesRecord)
)


def _list(names: tuple[str, ...], form: str = '"{}"') -> str:
    return ", ".join(form.format(name) for name in names)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {table} ({_list(columns)})"  # noqa: S608 - our own names
        f" VALUES ({_list(columns, '%s')})"
    )


def _put(table: str, columns: tuple[str, ...]) -> str:
    key, *others = columns
    changes = _list(tuple(others), '"{0}" = EXCLUDED."{0}"')
    return f'{_insert(table, columns)} ON CONFLICT ("{key}") DO UPDATE SET {changes}'


EVENTS_AFTER = (
    f"SELECT {_list(EVENT_COLUMNS)} FROM {_EVENTS}"  # noqa: S608 - our own names
    ' WHERE "case_id" = %s AND "number" > %s ORDER BY "number"'
)
LAST_EVENT = (
    f"SELECT {_list(EVENT_COLUMNS)} FROM {_EVENTS}"  # noqa: S608 - our own names
    ' WHERE "case_id" = %s ORDER BY "number" DESC LIMIT 1'
)
ADD_EVENT = _insert(_EVENTS, EVENT_COLUMNS)
PUT_CARD = _put(_CARDS, CARD_COLUMNS)
ONE_CARD = f'SELECT {_list(CARD_COLUMNS)} FROM {_CARDS} WHERE "case_id" = %s'  # noqa: S608 - our own names
NEXT_NUMBER = (
    f'INSERT INTO {_SERIES} ("name", "last") VALUES (%s, 1)'  # noqa: S608 - our own names
    f' ON CONFLICT ("name") DO UPDATE SET "last" = {_SERIES}."last" + 1'
    ' RETURNING "last"'
)
PUT_NUMBER = _put(_SERIES, ("name", "last"))


@lru_cache(maxsize=256)  # one for each number of cases
def events_of(cases: int) -> str:
    """Return the statement of all events of so many cases, each in order."""
    return (
        f"SELECT {_list(EVENT_COLUMNS)} FROM {_EVENTS}"  # noqa: S608 - our own names
        f' WHERE "case_id" IN ({", ".join(["%s"] * cases)})'
        ' ORDER BY "case_id", "number"'
    )


@lru_cache(maxsize=64)  # a handful of lists, by how many states they show
def cards_after(equal: tuple[str, ...], states: int) -> str:
    """Return the statement of a page of cards.

    Args:
        equal: columns that are to hold a value each.
        states: of how many states.

    """
    asked = ['"case_id" > %s', *(f'"{name}" = %s' for name in equal)]
    if states:
        asked.append(f'"state" IN ({", ".join(["%s"] * states)})')
    return (
        f"SELECT {_list(CARD_COLUMNS)} FROM {_CARDS}"  # noqa: S608 - our own names
        f' WHERE {" AND ".join(asked)} ORDER BY "case_id" LIMIT %s'
    )
