"""Statements within a transaction, whatever the database.

SQL + values -> rows;  `?` stands for a value
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from assent.vocabulary import NotAllowed


class SqlStatements(ABC):
    """A transaction that is under way."""

    def __init__(self, *, writes: bool) -> None:
        """Say whether it may write."""
        self._writes = writes

    @abstractmethod
    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows that a query finds."""

    @abstractmethod
    def _among(self, query: str, names: Sequence[str]) -> list[Any]:
        """Return all rows whose column, the last word of the query, is a name."""

    @abstractmethod
    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values."""

    def _check_writing(self) -> None:
        if not self._writes:
            raise NotAllowed(
                "This transaction only reads.", remedy="Begin one with `writing`."
            )
