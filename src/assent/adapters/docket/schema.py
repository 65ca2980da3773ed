"""The tables of the cases: made, brought up to date, and held against this program.

connection -> nothing, or NotFound or InputError

All steps are one transaction, behind one lock: of two programs that make a database at
once the second finds it made, and one that is killed leaves nothing.
"""

from typing import Any

from django.db.migrations.exceptions import (  # type: ignore[import-untyped] # it has no types
    MigrationSchemaMissing,
)
from django.db.migrations.executor import (  # type: ignore[import-untyped] # likewise
    MigrationExecutor,
)

from assent.vocabulary import InputError, NotFound

APP = "docket"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('docket'))"
_NO_SCHEMA = "Make it with CREATE SCHEMA, or name another in the URL's options."


def make_tables(connection: Any, name: str) -> None:  # noqa: ANN401 - Django has no types
    """Make the tables, or do the steps that they lack.

    Raises:
        InputError: if they are a newer program's, or there is no schema for them.

    """
    if connection.vendor == "postgresql":
        connection.cursor().execute(_LOCK)
    executor = MigrationExecutor(connection)
    _check_not_newer(executor, name)
    try:
        executor.migrate(executor.loader.graph.leaf_nodes(APP))
    except MigrationSchemaMissing:
        raise InputError(
            f"{name} has no schema to make tables in.", remedy=_NO_SCHEMA
        ) from None


def check_tables(connection: Any, name: str) -> None:  # noqa: ANN401 - Django has no types
    """Hold the tables against what this program knows.

    Raises:
        NotFound: if there are none.
        InputError: if they are of an older or newer version.

    """
    executor = MigrationExecutor(connection)
    if not any(app == APP for app, _ in executor.loader.applied_migrations):
        raise NotFound(f"{name} holds no cases.", remedy="Make it, or check the place.")
    _check_not_newer(executor, name)
    if executor.migration_plan(executor.loader.graph.leaf_nodes(APP)):
        raise InputError(
            f"{name} is of an older version.",
            remedy="Back it up, then open it with `create` to bring it up to date.",
        )


def _check_not_newer(executor: Any, name: str) -> None:  # noqa: ANN401 - likewise
    known = executor.loader.disk_migrations
    applied = executor.loader.applied_migrations
    if any(step[0] == APP and step not in known for step in applied):
        raise InputError(
            f"{name} is of a newer version than this program.",
            remedy="Use the release of assent that made it, or a newer one.",
        )
