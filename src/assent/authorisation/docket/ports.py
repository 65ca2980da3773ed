"""What the cases need of the world: a database of events and cards.

`adapters` implements it on SQLite and PostgreSQL, `testing` in memory; the same
contract tests run on all.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from assent.authorisation.docket.card import Card
from assent.authorisation.docket.event import Event, RecordedEvent

CARDS_MAX = 1_000  # of one page; `after` asks for the next


class DocketTransaction(Protocol):
    """One transaction on the cases; what it wrote is there whole or not at all."""

    def events(self, case_id: str, *, after: int = 0) -> list[RecordedEvent]:
        """Return the events of a case with numbers above `after`, in order.

        An unknown case has none.
        """

    def read_ahead(self, case_ids: Iterable[str]) -> None:
        """Fetch the events of all these cases at once, for `events` to have at hand."""

    def append(
        self, case_id: str, expected: int, events: Sequence[Event]
    ) -> list[RecordedEvent]:
        """Add events to a case that has `expected` of them; return them recorded.

        Raises:
            CaseChanged: if it has more, or fewer.
            DocumentInvalid: if there can be no such case.

        """

    def put_card(self, card: Card) -> None:
        """Write a case's card, in place of the one it had."""

    def card(self, case_id: str) -> Card | None:
        """Return a case's card."""

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

    def case_ids(self, *, after: str = "", limit: int = CARDS_MAX) -> list[str]:
        """Return the cases that have events, in order, those above `after`."""

    def next_number(self, series: str) -> int:
        """Return the next number of a series, from 1; none is given twice.

        A transaction that fails gives its numbers back.
        """


class Docket(Protocol):
    """A database of cases. Every transaction is isolated from the others.

    Both raise StoreUnavailable if the database refuses or cannot be reached.
    """

    def reading(self) -> AbstractContextManager[DocketTransaction]:
        """Begin a transaction that sees one state and writes nothing."""

    def writing(self) -> AbstractContextManager[DocketTransaction]:
        """Begin a transaction that commits at the end, unless an error leaves it.

        Writers come one after another, so that what one has read stays true until it
        commits.
        """

    def close(self) -> None:
        """Let go of the database."""


DeriveCard = Callable[[Sequence[RecordedEvent]], Card]  # from all events of a case
