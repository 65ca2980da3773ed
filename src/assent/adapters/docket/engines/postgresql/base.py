"""Django on a PostgreSQL server that keeps what it acknowledged.

parameters -> connection (`server`)

Neither Django's settings nor its messages hold the password's text once a connection
cannot be made: `server` passes on none of the driver's.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import (  # type: ignore[import-untyped] # it has no types
    base,
)

from assent.adapters.translog.store.server import (
    READER_WAITS_S,
    WRITER_WAITS_S,
    connect,
)


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc] # it has no types
    """Django's, but for how a connection is made."""

    def get_new_connection(self, settings: dict[str, Any]) -> "psycopg.Connection":
        """Return a connection whose commits are durable and whose waits end."""
        is_reader = settings.pop("is_reader")
        if "dbname" not in self.settings_dict["OPTIONS"]:
            del settings["dbname"]  # Django's guess; the driver's is that of the URL
        connection = connect(settings, READER_WAITS_S if is_reader else WRITER_WAITS_S)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        if is_reader:
            self.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
        connection.isolation_level = self.isolation_level
        return connection
