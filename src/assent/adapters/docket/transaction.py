"""One transaction on the cases, in Django's ORM.

rows of one alias -> what `ports.DocketTransaction` promises

It is made by the store for the thread and the time of one transaction, and does what
is asked in as few statements as it takes: a new event costs two, a card one.
"""

from collections.abc import Sequence
from typing import Any

from assent.adapters.docket.records import CardRecord, EventRecord, SeriesRecord
from assent.adapters.docket.rows import (
    CARD_COLUMNS,
    EVENT_COLUMNS,
    as_kept,
    card_of,
    card_record,
    card_row,
    event_record,
    is_text,
    recorded_event,
)
from assent.authorisation.docket import Card, Event, RecordedEvent, chain
from assent.authorisation.docket.ports import CARDS_MAX
from assent.vocabulary import CaseChanged, InputError, NotAllowed

SERIES_MAX = 100  # letters of a series' name: a kind and a year


class DjangoTransaction:
    """A transaction that is under way on an alias."""

    def __init__(self, alias: str, *, writes: bool) -> None:
        """Speak within the transaction that the alias's connection is in."""
        self._events = EventRecord.objects.using(alias)
        self._cards = CardRecord.objects.using(alias)
        self._series = SeriesRecord.objects.using(alias)
        self._writes = writes
        # Nobody else writes meanwhile, so that a case is read and checked once.
        self._histories: dict[str, list[RecordedEvent]] = {}

    def events(self, case_id: str, *, after: int = 0) -> list[RecordedEvent]:
        """Return the events of a case with numbers above `after`, in order.

        Raises:
            CaseDamaged: if one is not the one that was written.

        """
        if not is_text(case_id):
            return []
        if (history := self._histories.get(case_id)) is not None:
            return history[after:]
        rows = self._events.filter(case_id=case_id, number__gt=after)
        found = rows.order_by("number").values_list(*EVENT_COLUMNS)
        history = [recorded_event(row) for row in found]
        if self._writes and not after:
            self._histories[case_id] = history[:]
        return history

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
        added = chain(case_id, history, map(as_kept, events))
        if count != expected:
            raise CaseChanged(
                f"{case_id} has {count} events, not {expected}: somebody else wrote"
                " to it.",
                remedy="Read it again, and decide again.",
            )
        if added:
            self._events.bulk_create([event_record(one) for one in added])
            if case_id in self._histories:
                self._histories[case_id] += added
        return added

    def put_card(self, card: Card) -> None:
        """Write a case's card, in place of the one it had.

        Raises:
            InputError: if it cannot be stored.

        """
        self._check_writing()
        self._cards.bulk_create(
            [card_record(card_row(card))],
            update_conflicts=True,
            unique_fields=["case_id"],
            update_fields=CARD_COLUMNS[1:],
        )

    def card(self, case_id: str) -> Card | None:
        """Return a case's card."""
        if not is_text(case_id):
            return None
        rows = self._cards.filter(case_id=case_id).values_list(*CARD_COLUMNS)
        return next((card_of(row) for row in rows), None)

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
        equal = {"kind": kind, "developer": developer, "waiting_for": waiting_for}
        rows = self._cards.filter(
            case_id__gt=after,
            **{name: value for name, value in equal.items() if value is not None},
        )
        if states:
            rows = rows.filter(state__in=list(states))
        page = rows.order_by("case_id").values_list(*CARD_COLUMNS)
        return [card_of(row) for row in page[:limit]]

    def case_ids(self, *, after: str = "", limit: int = CARDS_MAX) -> list[str]:
        """Return the cases that have events, in order, those above `after`.

        Raises:
            InputError: if the limit is not one of 1 to CARDS_MAX, or a text cannot be
                stored.

        """
        _check_page(limit, after)
        rows = self._events.filter(case_id__gt=after).order_by("case_id")
        found: Any = rows.values_list("case_id", flat=True).distinct()
        return list(found[:limit])

    def next_number(self, series: str) -> int:
        """Return the next number of a series, from 1; none is given twice.

        Raises:
            InputError: if the series cannot be called so.

        """
        last = self._series.filter(name=series).values_list("last", flat=True).first()
        number = 1 + int(last or 0)
        self.set_series(series, number)
        return number

    def series(self) -> dict[str, int]:
        """Return the last number of every series."""
        return dict(self._series.order_by("name").values_list("name", "last"))

    def set_series(self, series: str, last: int) -> None:
        """Let a series go on after this number.

        Raises:
            InputError: if the series cannot be called so, or there is no such number.

        """
        self._check_writing()
        is_named = 0 < len(series) <= SERIES_MAX and series.isprintable()
        if not is_named or not 0 < last < 2**63:
            raise InputError(
                f"{series!r:.80} is no series, or {last} none of its numbers.",
                remedy=f"Name it in 1 to {SERIES_MAX} printable characters.",
            )
        self._series.bulk_create(
            [SeriesRecord(name=series, last=last)],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["last"],
        )

    def _last(self, case_id: str) -> list[RecordedEvent]:
        if case_id in self._histories:
            return self._histories[case_id][-1:]
        rows = self._events.filter(case_id=case_id).order_by("-number")
        return [recorded_event(row) for row in rows.values_list(*EVENT_COLUMNS)[:1]]

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
