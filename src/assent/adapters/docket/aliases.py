"""Connections that Django knows under names of our own, one pair for each open store.

place -> Connections: a writer and readers, each bound to a thread while it is used

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
from assent.translog.errors import StoreUnavailable
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


class Connections:
    """The connections that a store has to its database, for readers or for writers."""

    def __init__(self, options: dict[str, Any], engine: str) -> None:
        """Keep what a connection needs; nothing is opened yet."""
        database = {
            "ENGINE": f"{_ENGINES}.{engine}",
            "NAME": "cases",  # which Django asks for; `options` says where they are
            "OPTIONS": options,
            "CONN_MAX_AGE": None,
        }
        self._database = connections.configure_settings({"default": database})
        self._idle: list[Any] = []
        self._guard = threading.Lock()
        self._is_closed = False

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """Lend this thread a connection, under its alias, until the end.

        Raises:
            StoreUnavailable: if they were closed.

        """
        with self._guard:
            if self._is_closed:
                raise StoreUnavailable(
                    "The database of cases was closed.", remedy="Open it again."
                )
            connection = self._idle.pop() if self._idle else self._new()
        connections[connection.alias] = connection
        try:
            connection.close_if_unusable_or_obsolete()
            yield connection
        finally:
            del connections[connection.alias]
            with self._guard:
                is_kept = not self._is_closed and len(self._idle) < _IDLE_MAX
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                _forget(connection)

    def close(self) -> None:
        """Close what is not lent; what is lent is closed when it comes back."""
        with self._guard:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            _forget(connection)

    def _new(self) -> Any:  # noqa: ANN401 - Django has no types
        alias = f"docket-{next(_numbers)}"
        connections.databases[alias] = self._database["default"]
        connection = connections.create_connection(alias)
        connection.inc_thread_sharing()
        return connection


def _forget(connection: Any) -> None:  # noqa: ANN401 - Django has no types
    connection.close()
    del connections.databases[connection.alias]


def sqlite_connections(path: Path, *, reads: bool, create: bool = False) -> Connections:
    """Return the connections to an SQLite file, for readers or for writers."""
    options: dict[str, Any] = {
        "database": str(path),
        "timeout": BUSY_TIMEOUT_S,
        "create": create,
        "settings": (f"cache_size=-{_CACHE_KIB}", *(["query_only=ON"] * reads)),
        "transaction_mode": "DEFERRED" if reads else "IMMEDIATE",
    }
    return Connections(options, "sqlite")


def postgresql_connections(parameters: dict[str, Any], *, reads: bool) -> Connections:
    """Return the connections to a PostgreSQL database, for readers or for writers."""
    # The few statements there are get prepared on the server: a fifth of the time.
    prepared = {"server_side_binding": True, "prepare_threshold": 5}
    return Connections({**parameters, **prepared, "is_reader": reads}, "postgresql")
