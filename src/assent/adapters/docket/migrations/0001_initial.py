"""Make the tables of the cases.

an empty database -> events, cards, series
"""

from django.db import (  # type: ignore[import-untyped] # it has no types
    migrations,
    models,
)

from assent.adapters.docket.records import ExactText


class Migration(migrations.Migration):  # type: ignore[misc] # it has no types
    """The first step."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="EventRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", ExactText()),
                ("number", models.BigIntegerField()),
                ("previous", ExactText()),
                ("kind", ExactText()),
                ("time", models.DateTimeField()),
                ("actor", ExactText()),
                ("body", ExactText()),
                ("digest", ExactText()),
            ],
            options={"db_table": "docket_event"},
        ),
        migrations.CreateModel(
            name="SeriesRecord",
            fields=[
                ("name", ExactText(primary_key=True, serialize=False)),
                ("last", models.BigIntegerField()),
            ],
            options={"db_table": "docket_series"},
        ),
        migrations.CreateModel(
            name="CardRecord",
            fields=[
                ("case_id", ExactText(primary_key=True, serialize=False)),
                ("kind", ExactText()),
                ("state", ExactText()),
                ("title", ExactText()),
                ("developer", ExactText()),
                ("waiting_for", ExactText()),
                ("due", models.DateTimeField(null=True)),
                ("opened", models.DateTimeField()),
                ("updated", models.DateTimeField()),
                ("events", models.BigIntegerField()),
                ("details", ExactText()),
            ],
            options={
                "db_table": "docket_card",
                "indexes": [
                    models.Index(
                        fields=["kind", "state", "case_id"], name="card_by_kind"
                    ),
                    models.Index(fields=["state", "case_id"], name="card_by_state"),
                    models.Index(
                        fields=["developer", "case_id"], name="card_by_developer"
                    ),
                    models.Index(
                        fields=["waiting_for", "case_id"], name="card_by_waiting"
                    ),
                    models.Index(fields=["due"], name="card_by_due"),
                ],
            },
        ),
    )
