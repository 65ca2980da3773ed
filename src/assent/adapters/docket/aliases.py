"""Connections that Django knows under names of our own, one pair for each open store.

place -> Alias: a writer and readers, each bound to a thread while it is used

Django keeps one connection for each alias and thread and closes none when the thread
ends. Here connections belong to a store: they are lent to a thread for a transaction
and taken back, so a store that is closed has left none open anywhere.
"""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django  # type: ignore[import-untyped] # it has no types
from django.apps import apps  # type: ignore[import-untyped] # likewise
from django.conf import settings  # type: ignore[import-untyped] # likewise
from django.db import connections  # type: ignore[import-untyped] # likewise

from assent.adapters.translog.store.sqlite import BUSY_TIMEOUT_S
from assent.vocabulary import ComponentMissing

APP = "assent.adapters.docket.apps.DocketConfig"
_ENGINES = "assent.adapters.docket.engines"
_CACHE_KIB = 16_384
_IDLE_MAX = 4  # connections that wait to be lent; more readers open their own
_numbers = itertools.count(1)
_lock = threading.Lock()


def configure() -> None:
    """Set Django up once in a process, unless a web app did.

    Raises:
        ComponentMissing: if a web app did, without this app or without time zones.

    """
    with _lock:
        if not settings.configured:
            settings.configure(
                INSTALLED_APPS=[APP], USE_TZ=True, TIME_ZONE="UTC", LOGGING_CONFIG=None
            )
        if not apps.ready:
            django.setup()
    is_here = apps.is_installed("assent.adapters.docket")
    if not (is_here and settings.USE_TZ):
        raise ComponentMissing(
            "Django was set up for something else than cases.",
            remedy=f"Put {APP} into INSTALLED_APPS, and set USE_TZ to True.",
        )


class Alias:
    """A name for a database, and the connections that a store has to it."""

    def __init__(self, options: dict[str, Any], engine: str) -> None:
        """Tell Django of the database; nothing is opened yet."""
        self.name = f"docket-{next(_numbers)}"
        database = {
            "ENGINE": f"{_ENGINES}.{engine}",
            "NAME": "cases",  # which Django asks for; `options` says where they are
            "OPTIONS": options,
            "CONN_MAX_AGE": None,
        }
        filled = connections.configure_settings({"default": database})["default"]
        connections.databases[self.name] = filled
        self._idle: list[Any] = []
        self._guard = threading.Lock()
        self._is_closed = False

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """Lend this thread a connection, under the alias, until the end."""
        with self._guard:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = connections.create_connection(self.name)
            connection.inc_thread_sharing()
        connection.close_if_unusable_or_obsolete()
        connections[self.name] = connection
        try:
            yield connection
        finally:
            del connections[self.name]
            with self._guard:
                is_kept = not self._is_closed and len(self._idle) < _IDLE_MAX
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                connection.close()

    def close(self) -> None:
        """Close what is not lent; what is lent is closed when it comes back."""
        with self._guard:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        connections.databases.pop(self.name, None)


def sqlite_alias(path: Path, *, reads: bool, create: bool = False) -> Alias:
    """Return the alias of an SQLite file, for readers or for writers."""
    options: dict[str, Any] = {
        "database": str(path),
        "timeout": BUSY_TIMEOUT_S,
        "create": create,
        "settings": (f"cache_size=-{_CACHE_KIB}", *(["query_only=ON"] * reads)),
        "transaction_mode": "DEFERRED" if reads else "IMMEDIATE",
    }
    return Alias(options, "sqlite")


def postgresql_alias(parameters: dict[str, Any], *, reads: bool) -> Alias:
    """Return the alias of a PostgreSQL database, for readers or for writers."""
    # The few statements there are get prepared on the server: a fifth of the time.
    prepared = {"server_side_binding": True, "prepare_threshold": 5}
    return Alias({**parameters, **prepared, "is_reader": reads}, "postgresql")
