"""A connection to a PostgreSQL server that keeps what it acknowledged.

URL -> connection, or StoreUnavailable

Until there is a connection the driver's messages can hold parts of the URL, and so of
the password: none is passed on. Settings that the URL, the role or the database make
are kept, unless they would lose what was acknowledged or wait without end.

What no setting here can show: with standbys that are not in `synchronous_standby_names`
a fail-over loses the entries that were acknowledged last; and a pool between us and the
server must keep a server connection for a whole session.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from assent.adapters.translog.store.place import url_refused
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError

WAIT_S = 60  # as long as SQLite's
_DEFAULTS: dict[str, str | int] = {  # a peer that is gone is noticed within a minute
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": WAIT_S * 1000,
}
READER_WAITS_S = {"lock_timeout": WAIT_S}
# A writer that hangs lets others go on. It may be fetching files that it lacks, so it
# has longer than they wait; a reader keeps nobody waiting.
WRITER_WAITS_S = READER_WAITS_S | {"idle_in_transaction_session_timeout": 300}
_WEAKER_THAN_ON = {"off", "local", "remote_write"}
_READ = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
_SET = "SELECT set_config(%s, %s, false)"
_CAUSES = {  # what the driver says somewhere -> what we say
    "resolve host": "its host has no address",
    "translate host": "its host has no address",
    "Connection refused": "no server listens there",
    "No such file": "no server listens there",
    "unreachable": "its host cannot be reached",
    "No route": "its host cannot be reached",
    "timeout": "it does not answer",
    "authentication failed": "it refuses the user or the password",
    "password supplied": "it asks for a password",
    "pg_hba.conf": "it lets that user in from elsewhere only",
    "does not exist": "it has no such user or database",
    "too many": "it has too many connections",
    "starting up": "it is starting",
    "shutting down": "it is stopping",
    "SSL": "TLS fails",
    "certificate": "TLS fails",
}


def parse_url(url: str) -> dict[str, Any]:
    """Return the connection's parameters.

    Raises:
        InputError: if it is malformed; no part of it is repeated.

    """
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, ValueError):
        parameters = {}
    # A host or a database with an @, or a port of letters, is a part of a password that
    # has an @ or a /. Raised here, the error carries no other that quotes the URL.
    rest = f"{parameters.get('host', '')}{parameters.get('dbname', '')}"
    port = str(parameters.get("port", "0")).replace(",", "")
    if not parameters or "@" in rest or not port.isdecimal():
        raise url_refused()
    return _DEFAULTS | parameters


def connect(
    parameters: dict[str, Any], waits_s: Mapping[str, int]
) -> "psycopg.Connection":
    """Return a new connection whose commits are durable.

    Args:
        parameters: what `parse_url` returned.
        waits_s: settings that end a wait, used where it would have no end.

    Raises:
        StoreUnavailable: if there is none to be had, or the server has `fsync=off`.

    """
    try:
        connection = psycopg.connect(**parameters, autocommit=True)
    except (psycopg.Error, ValueError) as error:
        refusal = _refusal(str(error))
    else:
        try:
            _prepare(connection, waits_s)
        except BaseException:
            connection.close()
            raise
        return connection
    raise refusal


def _refusal(said: str) -> StoreUnavailable:
    cause = next((text for sign, text in _CAUSES.items() if sign in said), None)
    return StoreUnavailable(
        f"PostgreSQL cannot be reached: {cause or 'it takes no connection'}.",
        remedy="Check DATABASE_URL and the server (`psql` tells more).",
    )


def _prepare(connection: "psycopg.Connection", waits_s: Mapping[str, int]) -> None:
    """Make commits durable and waiting finite."""
    names = ["fsync", "synchronous_commit", *waits_s]
    settings: dict[str, str] = dict(connection.execute(_READ, [names]).fetchall())
    if settings["fsync"] == "off":
        raise StoreUnavailable(
            "The PostgreSQL server has fsync=off: a power cut would lose entries.",
            remedy="Set fsync=on in postgresql.conf, and reload it.",
        )
    if settings["synchronous_commit"] in _WEAKER_THAN_ON:
        connection.execute(_SET, ["synchronous_commit", "on"])
    for name, wait_s in waits_s.items():
        if settings[name] == "0":
            connection.execute(_SET, [name, f"{wait_s}s"])


def check_schema(schema: str | None) -> None:
    """Refuse a search path that leads nowhere.

    Raises:
        InputError: if it does.

    """
    if schema is None:
        raise InputError(
            "No schema of the PostgreSQL database's search_path is there.",
            remedy="Make it with CREATE SCHEMA, or name another in the URL's options.",
        )
