"""One transaction on the cases, on a connection of Django's.

rows of one connection -> what `ports.DocketTransaction` promises

It is made by the store for the thread and the time of one transaction, and does what
is asked in as few statements as it takes: a new event costs two, a card one. What
every act does is written out in SQL that both databases know (`rows`); lists,
which are narrowed in many ways, are in the ORM.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from assent.adapters.docket.records import EventRecord, SeriesRecord
from assent.adapters.docket.rows import (
    ADD_EVENT,
    EVENTS_AFTER,
    LAST_EVENT,
    NEXT_NUMBER,
    ONE_CARD,
    PUT_CARD,
    PUT_NUMBER,
    card_of,
    card_row,
    cards_after,
    event_row,
    events_of,
    is_text,
    recorded_event,
    remember,
)
from assent.authorisation.docket import Card, Event, RecordedEvent, chain
from assent.authorisation.docket.ports import CARDS_MAX
from assent.vocabulary import CaseChanged, InputError, NotAllowed

_WAITING_MAX = 500  # rows of a few thousand bytes each
_CASES_MAX = 256  # of one statement; a page of notices has as many
SERIES_MAX = 100  # letters of a series' name: a kind and a year


class DjangoTransaction:
    """A transaction that is under way on a connection."""

    def __init__(self, connection: Any, cursor: Any, *, writes: bool) -> None:  # noqa: ANN401 - Django has no types
        """Speak within the transaction that the connection is in."""
        self._alias = connection.alias
        self._cursor = cursor
        self._stored_time = connection.ops.adapt_datetimefield_value
        self._writes = writes
        # Nobody else writes meanwhile, so that a case is read and checked once. Who
        # only reads may read them all: it keeps what it asked for ahead.
        self._histories: dict[str, list[RecordedEvent]] = {}
        # What is written waits until it is read by statement, or for the commit: rows
        # of one table go together, and of a case's cards only the last.
        self._new_events: list[tuple[Any, ...]] = []
        self._waiting: set[str] = set()  # the cases of `_new_events`
        self._new_cards: dict[str, tuple[Any, ...]] = {}

    def events(self, case_id: str, *, after: int = 0) -> list[RecordedEvent]:
        """Return the events of a case with numbers above `after`, in order.

        Raises:
            CaseDamaged: if one is not the one that was written.

        """
        if not is_text(case_id):
            return []
        if (history := self._histories.get(case_id)) is not None:
            return history[after:]
        self._flush_events_of(case_id)
        self._cursor.execute(EVENTS_AFTER, (case_id, after))
        history = [recorded_event(row) for row in self._cursor.fetchall()]
        if self._writes and not after:
            self._histories[case_id] = history[:]
        return history

    def read_ahead(self, case_ids: Iterable[str]) -> None:
        """Fetch the events of all these cases at once, for `events` to have at hand.

        Raises:
            CaseDamaged: if one is not the one that was written.

        """
        known = self._histories.keys() | self._waiting
        asked = sorted({one for one in case_ids if is_text(one)} - known)
        for first in range(0, len(asked), _CASES_MAX):
            some = asked[first : first + _CASES_MAX]
            self._cursor.execute(events_of(len(some)), some)
            found: dict[str, list[RecordedEvent]] = {case_id: [] for case_id in some}
            for row in self._cursor.fetchall():
                event = recorded_event(row)
                found[event.case_id].append(event)
            self._histories |= found

    def append(
        self, case_id: str, expected: int, events: Sequence[Event]
    ) -> list[RecordedEvent]:
        """Add events to a case that has `expected` of them; return them recorded.

        Raises:
            CaseChanged: if it has more, or fewer.
            DocumentInvalid: if there can be no such case.
            CaseDamaged: if its last event is not the one that was written.

        """
        self._check_writing()
        history = self._last(case_id) if is_text(case_id) else []
        count = history[-1].number if history else 0
        added = chain(case_id, history, (event.as_kept for event in events))
        if count != expected:
            raise CaseChanged(
                f"{case_id} has {count} events, not {expected}: somebody else wrote"
                " to it.",
                remedy="Read it again, and decide again.",
            )
        if added:
            for one in added:
                row = event_row(one, self._stored_time)
                self._new_events.append(row)
                self._waiting.add(case_id)
                remember(row, one)
            if len(self._new_events) > _WAITING_MAX:
                self.flush()
            if case_id in self._histories:
                self._histories[case_id] += added
        return added

    def put_card(self, card: Card) -> None:
        """Write a case's card, in place of the one it had.

        Raises:
            InputError: if it cannot be stored.

        """
        self._check_writing()
        self._new_cards[card.case_id] = card_row(card, self._stored_time)
        if len(self._new_cards) > _WAITING_MAX:
            self.flush()

    def flush(self) -> None:
        """Send what waits to the database, for the commit to keep."""
        self._waiting.clear()
        rows, self._new_events = self._new_events, []
        self._write(ADD_EVENT, rows)
        cards, self._new_cards = self._new_cards, {}
        self._write(PUT_CARD, list(cards.values()))

    def _flush_events_of(self, case_id: str) -> None:
        if case_id in self._waiting:
            self.flush()

    def _write(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if len(rows) == 1:
            self._cursor.execute(statement, rows[0])
        elif rows:
            self._cursor.executemany(statement, rows)

    def card(self, case_id: str) -> Card | None:
        """Return a case's card."""
        if not is_text(case_id):
            return None
        self.flush()
        self._cursor.execute(ONE_CARD, (case_id,))
        return next((card_of(row) for row in self._cursor.fetchall()), None)

    def cards(  # noqa: PLR0913 - one argument for each thing a list is narrowed by
        self,
        *,
        kind: str | None = None,
        states: Sequence[str] = (),
        developer: str | None = None,
        waiting_for: str | None = None,
        after: str = "",
        limit: int = CARDS_MAX,
    ) -> list[Card]:
        """Return cards in the order of their case ids, those above `after`.

        Raises:
            InputError: if the limit is not one of 1 to CARDS_MAX, or a text cannot be
                stored.

        """
        _check_page(
            limit, after, kind or "", developer or "", waiting_for or "", *states
        )
        self.flush()
        equal = {"kind": kind, "developer": developer, "waiting_for": waiting_for}
        given = {name: value for name, value in equal.items() if value is not None}
        self._cursor.execute(
            cards_after(tuple(given), len(states)),
            (after, *given.values(), *states, limit),
        )
        return [card_of(row) for row in self._cursor.fetchall()]

    def case_ids(self, *, after: str = "", limit: int = CARDS_MAX) -> list[str]:
        """Return the cases that have events, in order, those above `after`.

        Raises:
            InputError: if the limit is not one of 1 to CARDS_MAX, or a text cannot be
                stored.

        """
        _check_page(limit, after)
        self.flush()
        events = EventRecord.objects.using(self._alias)
        rows = events.filter(case_id__gt=after).order_by("case_id")
        found: Any = rows.values_list("case_id", flat=True).distinct()
        return list(found[:limit])

    def next_number(self, series: str) -> int:
        """Return the next number of a series, from 1; none is given twice.

        Raises:
            InputError: if the series cannot be called so.

        """
        self._check_writing()
        _check_series(series)
        self._cursor.execute(NEXT_NUMBER, (series,))
        ((number,),) = self._cursor.fetchall()
        _check_series(series, number)
        return int(number)

    def series(self) -> dict[str, int]:
        """Return the last number of every series."""
        rows = SeriesRecord.objects.using(self._alias).order_by("name")
        return dict(rows.values_list("name", "last"))

    def set_series(self, series: str, last: int) -> None:
        """Let a series go on after this number.

        Raises:
            InputError: if the series cannot be called so, or there is no such number.

        """
        self._check_writing()
        _check_series(series, last)
        self._cursor.execute(PUT_NUMBER, (series, last))

    def _last(self, case_id: str) -> list[RecordedEvent]:
        if case_id in self._histories:
            return self._histories[case_id][-1:]
        self._flush_events_of(case_id)
        self._cursor.execute(LAST_EVENT, (case_id,))
        return [recorded_event(row) for row in self._cursor.fetchall()]

    def _check_writing(self) -> None:
        if not self._writes:
            raise NotAllowed(
                "This transaction only reads.", remedy="Begin one with `writing`."
            )


def _check_page(limit: int, *texts: str) -> None:
    if not 1 <= limit <= CARDS_MAX or not all(map(is_text, texts)):
        raise InputError(
            f"A page has 1 to {CARDS_MAX} cases, and is narrowed by short texts.",
            remedy="Ask for the next page with `after`.",
        )


def _check_series(series: str, last: int = 1) -> None:
    is_named = 0 < len(series) <= SERIES_MAX and series.isprintable()
    if not is_named or not 0 < last < 2**63:
        raise InputError(
            f"{series!r:.80} is no series, or {last} none of its numbers.",
            remedy=f"Name it in 1 to {SERIES_MAX} printable characters.",
        )
