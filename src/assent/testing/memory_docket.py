"""A database of cases in memory, with the same transactions.

events, cards -> what `ports.Docket` promises, until the process ends
"""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assent.authorisation.docket import Card, Event, RecordedEvent, chain
from assent.authorisation.docket.ports import CARDS_MAX
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import (
    CaseChanged,
    DocumentInvalid,
    InputError,
    NotAllowed,
    canonical_bytes,
)

SERIES_MAX = 100
TEXT_BYTES_MAX = 600
TITLE_BYTES_MAX = 10_000
DETAILS_BYTES_MAX = 100_000


@dataclass
class MemoryTransaction:
    """The state of all cases, which a transaction reads and changes."""

    histories: dict[str, list[RecordedEvent]] = field(default_factory=dict)
    kept_cards: dict[str, Card] = field(default_factory=dict)
    last_numbers: dict[str, int] = field(default_factory=dict)
    writes: bool = False

    def events(self, case_id: str, *, after: int = 0) -> list[RecordedEvent]:
        """Return the events of a case with numbers above `after`, in order."""
        return [one for one in self.histories.get(case_id, []) if one.number > after]

    def read_ahead(self, case_ids: Iterable[str]) -> None:
        """Do nothing: the events of all cases are at hand."""

    def append(
        self, case_id: str, expected: int, events: Sequence[Event]
    ) -> list[RecordedEvent]:
        """Add events to a case that has `expected` of them; return them recorded.

        Raises:
            CaseChanged: if it has more, or fewer.

        """
        self._check_writing()
        history = self.histories.get(case_id, [])
        added = chain(case_id, history[-1:], map(_as_kept, events))
        if len(history) != expected:
            raise CaseChanged(
                f"{case_id} has {len(history)} events, not {expected}: somebody else"
                " wrote to it.",
                remedy="Read it again, and decide again.",
            )
        if added:
            self.histories[case_id] = [*history, *added]
        return added

    def put_card(self, card: Card) -> None:
        """Write a case's card, in place of the one it had.

        Raises:
            DocumentInvalid: if it cannot be stored.

        """
        self._check_writing()
        texts = (card.developer, card.case_id, card.kind, card.state, card.waiting_for)
        times = (card.opened, card.updated, *([card.due] if card.due else []))
        details = canonical_bytes(card.details)
        if (
            not all(map(_is_text, texts))
            or not _is_text(card.title, TITLE_BYTES_MAX)
            or len(details) > DETAILS_BYTES_MAX
            or any(time.utcoffset() is None for time in times)
        ):
            raise DocumentInvalid(
                f"The card of {card.case_id!r:.80} cannot be stored.",
                remedy="Use short texts, no null characters, and times with a zone.",
            )
        self.kept_cards[card.case_id] = replace(
            card,
            details=json.loads(details),
            due=card.due and _to_the_second(card.due),
            opened=_to_the_second(card.opened),
            updated=_to_the_second(card.updated),
        )

    def card(self, case_id: str) -> Card | None:
        """Return a case's card."""
        return self.kept_cards.get(case_id)

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
        """Return cards in the order of their case ids, those above `after`."""
        _check_page(
            limit, after, kind or "", developer or "", waiting_for or "", *states
        )
        return [
            card
            for case_id, card in sorted(self.kept_cards.items())
            if case_id > after
            and kind in (None, card.kind)
            and (not states or card.state in states)
            and developer in (None, card.developer)
            and waiting_for in (None, card.waiting_for)
        ][:limit]

    def case_ids(self, *, after: str = "", limit: int = CARDS_MAX) -> list[str]:
        """Return the cases that have events, in order, those above `after`."""
        _check_page(limit, after)
        return sorted(one for one in self.histories if one > after)[:limit]

    def next_number(self, series: str) -> int:
        """Return the next number of a series, from 1; none is given twice."""
        number = 1 + self.last_numbers.get(series, 0)
        self.set_series(series, number)
        return number

    def series(self) -> dict[str, int]:
        """Return the last number of every series."""
        return dict(sorted(self.last_numbers.items()))

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
        self.last_numbers[series] = last

    def _check_writing(self) -> None:
        if not self.writes:
            raise NotAllowed(
                "This transaction only reads.", remedy="Begin one with `writing`."
            )


class MemoryDocket:
    """A database of cases that forgets everything with the process."""

    def __init__(self) -> None:
        """Start with no cases."""
        self._state = MemoryTransaction()
        self._lock = threading.RLock()
        self._writes = False
        self._is_closed = False

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Return a transaction that excludes all other writers.

        Raises:
            StoreUnavailable: if the same thread writes already, or it was closed.

        """
        with self._lock:
            self._check_open()
            if self._writes:
                raise StoreUnavailable(
                    "The cases are being written to by the same thread.",
                    remedy="End one `writing` before the next.",
                )
            state = self._state  # what is inside never changes: copies need not be deep
            draft = MemoryTransaction(
                {**state.histories},
                {**state.kept_cards},
                {**state.last_numbers},
                writes=True,
            )
            self._writes = True
            try:
                yield draft
            finally:
                self._writes = draft.writes = False
            self._state = draft

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """Return a transaction that sees one state.

        Raises:
            StoreUnavailable: if it was closed.

        """
        self._check_open()
        yield self._state

    def close(self) -> None:
        """Refuse everything from now on."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreUnavailable("The cases were closed.", remedy="Open them again.")


def _as_kept(event: Event) -> Event:
    """Return an event as it would be read again: plain JSON, UTC to the second."""
    body = json.loads(canonical_bytes(event.body))
    return replace(event, body=body, time=_to_the_second(event.time))


def _to_the_second(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


def _is_text(text: str, bytes_max: int = TEXT_BYTES_MAX) -> bool:
    try:
        return "\0" not in text and len(text.encode()) <= bytes_max
    except UnicodeEncodeError:
        return False


def _check_page(limit: int, *texts: str) -> None:
    if not 1 <= limit <= CARDS_MAX or not all(map(_is_text, texts)):
        raise InputError(
            f"A page has 1 to {CARDS_MAX} cases, and is narrowed by short texts.",
            remedy="Ask for the next page with `after`.",
        )
