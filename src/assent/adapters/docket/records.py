"""The tables of the cases, as Django's ORM sees them.

events, cards and series <-> rows

Rows never leave `adapters`. Bodies and details are canonical JSON as text, because
their digests are of those bytes; no column is of a type that one of the databases
would change.
"""

from typing import Any

from django.db import models  # type: ignore[import-untyped] # it has no types


class ExactText(models.TextField):  # type: ignore[misc] # it has no types
    """Text that both databases order by code points, whatever their language."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:  # noqa: ANN401 - Django's
        """Return the column's type; SQLite orders so by itself."""
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class EventRecord(models.Model):  # type: ignore[misc] # it has no types
    """An event; it is added and never changed."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = ExactText()
    number = models.BigIntegerField()
    previous = ExactText()
    kind = ExactText()
    time = models.DateTimeField()
    actor = ExactText()
    body = ExactText()
    digest = ExactText()

    class Meta:
        """The table."""

        db_table = "docket_event"

    def __str__(self) -> str:
        """Name it."""
        return f"{self.case_id} {self.number}"


class CardRecord(models.Model):  # type: ignore[misc] # it has no types
    """A case's card; it can be made again from the events."""

    case_id = ExactText(primary_key=True)
    kind = ExactText()
    state = ExactText()
    title = ExactText()
    developer = ExactText()
    waiting_for = ExactText()
    due = models.DateTimeField(null=True)
    opened = models.DateTimeField()
    updated = models.DateTimeField()
    events = models.BigIntegerField()
    details = ExactText()

    class Meta:
        """The table, and what lists are narrowed by; each ends in the lists' order."""

        db_table = "docket_card"
        indexes = (
            models.Index(fields=["kind", "state", "case_id"], name="card_by_kind"),
            models.Index(fields=["state", "case_id"], name="card_by_state"),
            models.Index(fields=["developer", "case_id"], name="card_by_developer"),
            models.Index(fields=["waiting_for", "case_id"], name="card_by_waiting"),
            models.Index(fields=["due"], name="card_by_due"),
        )

    def __str__(self) -> str:
        """Name it."""
        return str(self.case_id)


class SeriesRecord(models.Model):  # type: ignore[misc] # it has no types
    """The last number that a series gave."""

    name = ExactText(primary_key=True)
    last = models.BigIntegerField()

    class Meta:
        """The table."""

        db_table = "docket_series"

    def __str__(self) -> str:
        """Name it."""
        return str(self.name)
