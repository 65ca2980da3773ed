"""Django on an SQLite file whose commits are flushed.

path, settings -> connection (`sqlite_file`)

Writers begin with BEGIN IMMEDIATE (the option `transaction_mode`): one of them waits
for the other, instead of failing when it comes to write. Foreign keys stay off, since
the tables have none, so that they can be made within one transaction.
"""

import sqlite3
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import (  # type: ignore[import-untyped] # it has no types
    base,
)

from assent.adapters.translog.sqlite_file import connect


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc] # it has no types
    """Django's, but for how a connection is made."""

    def get_new_connection(self, settings: dict[str, Any]) -> sqlite3.Connection:
        """Return a connection whose commits are durable."""
        return connect(
            Path(settings["database"]),
            timeout_s=settings["timeout"],
            create=settings["create"],
            settings=settings["settings"],
        )
