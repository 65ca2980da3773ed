"""What may name a log's database, and that no name of one is ever repeated."""

import traceback
from contextlib import chdir
from pathlib import Path

import psycopg
import pytest
from tests.postgresql_server import PostgresqlServer

from assent.adapters.translog.store import back_up_log_store, open_log_store
from assent.adapters.translog.store.postgresql import NAMING
from assent.adapters.translog.store.tables import ServerTables
from assent.translog.errors import StoreUnavailable
from assent.translog.keeping.sequence import Sequencer
from assent.vocabulary import AssentError, InputError, NotFound

ORIGIN = "agency.example/log"
MALFORMED = [  # each with the password "hunt" and "er2", or a slip in it
    "postgresql://u:hunt%er2@h/db",
    "postgresql://u:hunt er2@h/db",
    "postgresql://u:hunt@er2@h/db",
    "postgresql://u:hunt/er2@h/db",
    "postgresql://u:1/hunter2@h/db",
    "postgresql://u:hunt:er2",
    "postgresql://u:hunter2@h/db?hunt=er2",
    "postgresql+psycopg://u:hunter2@h/db",
    "mysql://u:hunter2@h/db",
    "postgres://u:hunter2@[::1]x/db",
    " postgresql://u:hunter2@h/db",
    "postgresql:u:hunter2@h/db",
    "sqlite:///hunter2",
    "/postgresql://u:hunter2@h/db",
    "host=h user=u password=hunter2",
    "hunter2/log.db",
    "hunter2",
]


def _check_silent(error: AssentError) -> None:
    told = [
        error.message,
        error.remedy,
        repr(error),
        *traceback.format_exception(error),
    ]
    told += [str(error.__cause__), str(error.__context__)]
    for text in told:
        assert "hunt" not in text
        assert "er2" not in text


@pytest.mark.parametrize("value", MALFORMED)
def test_a_place_that_is_not_understood_is_refused_and_not_repeated(
    value: str, tmp_path: Path
) -> None:
    with chdir(tmp_path), pytest.raises(InputError) as caught:
        open_log_store(value, ORIGIN, create=True)
    _check_silent(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("postgresql://u:hunter2@127.0.0.1:1/db", "no server listens there"),
        ("PostgreSQL://u:hunter2@127.0.0.1:1/db", "no server listens there"),
        ("postgres://u:hunter2@/db?host=/nowhere", "no server listens there"),
        ("postgresql://u:p@127.0.0.1/db?sslmode=hunter2", "it takes no connection"),
    ],
)
def test_a_server_that_is_not_there_is_told_without_the_drivers_words(
    url: str, cause: str
) -> None:
    with pytest.raises(StoreUnavailable, match=cause) as caught:
        open_log_store(url, ORIGIN)
    _check_silent(caught.value)


@pytest.mark.parametrize(
    ("part", "instead"), [("assent@", "hunt:er2@"), ("/postgres?", "/hunter2?")]
)
def test_a_server_that_refuses_is_told_without_its_words(
    server: PostgresqlServer, part: str, instead: str
) -> None:
    with pytest.raises(StoreUnavailable, match="no such user or database") as caught:
        open_log_store(server.url.replace(part, instead), ORIGIN)
    _check_silent(caught.value)


def test_a_path_object_may_be_relative(tmp_path: Path) -> None:
    with chdir(tmp_path):
        open_log_store(Path("100% of it?#.db"), ORIGIN, create=True).close()
    open_log_store(str(tmp_path / "100% of it?#.db"), ORIGIN).close()


# What a PostgreSQL server must do, and what its URL may set.


def _with_options(url: str, options: str) -> str:
    return f"{url}&options={options.replace(' ', '%20').replace('=', '%3D')}"


def _shown(url: str, name: str) -> str:
    open_log_store(url, ORIGIN, create=True).close()
    tables = ServerTables(url, NAMING)
    with tables.writing() as writer:
        (value,) = writer.execute(f"SHOW {name}".encode()).fetchone() or ("",)
    tables.close()
    return str(value)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("off", "on"),
        ("local", "on"),
        ("remote_write", "on"),
        ("on", "on"),
        ("remote_apply", "remote_apply"),
    ],
)
def test_a_commit_is_never_less_durable_than_a_flush(
    postgresql_url: str, asked: str, kept: str
) -> None:
    url = _with_options(postgresql_url, f"-c synchronous_commit={asked}")
    assert _shown(url, "synchronous_commit") == kept


def test_waiting_has_an_end_that_the_url_may_choose(postgresql_url: str) -> None:
    idle = "idle_in_transaction_session_timeout"
    assert _shown(postgresql_url, "lock_timeout") == "1min"
    assert _shown(postgresql_url, idle) == "5min"
    chosen = _with_options(postgresql_url, f"-c lock_timeout=5s -c {idle}=7s")
    assert (_shown(chosen, "lock_timeout"), _shown(chosen, idle)) == ("5s", "7s")


def test_a_writer_that_waits_too_long_is_told(postgresql_url: str) -> None:
    first = open_log_store(postgresql_url, ORIGIN, create=True)
    patient = _with_options(postgresql_url, "-c lock_timeout=100ms")
    second = open_log_store(patient, ORIGIN)
    with (
        first.writing(),
        pytest.raises(StoreUnavailable, match="lock timeout"),
        second.writing(),
    ):
        pass
    assert Sequencer(second).append([b"a"]) == [0]
    first.close()
    second.close()


def test_a_writer_that_hangs_lets_others_go_on(postgresql_url: str) -> None:
    hasty = _with_options(
        postgresql_url, "-c idle_in_transaction_session_timeout=100ms"
    )
    hanging = open_log_store(hasty, ORIGIN, create=True)
    other = open_log_store(postgresql_url, ORIGIN)
    with pytest.raises(StoreUnavailable), hanging.writing():
        assert Sequencer(other).append([b"a"]) == [0]
    assert Sequencer(hanging).append([b"b"]) == [1]
    hanging.close()
    other.close()


def test_a_reader_may_take_its_time(postgresql_url: str) -> None:
    open_log_store(postgresql_url, ORIGIN, create=True).close()
    tables = ServerTables(postgresql_url, NAMING)
    with tables.reading() as reader:
        shown = reader.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert shown == ("0",)
    tables.close()


def test_logs_in_schemas_of_one_database_are_apart(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA one; CREATE SCHEMA "Two, of them"')
    one = _with_options(postgresql_url, "-c search_path=one")
    two = _with_options(postgresql_url, '-c search_path="Two,\\ of\\ them",one')
    first = open_log_store(one, "one.example/log", create=True)
    Sequencer(first).append([b"a", b"b"])
    first.close()
    with pytest.raises(NotFound):
        open_log_store(two, "two.example/log")
    second = open_log_store(two, "two.example/log", create=True)
    with second.reading() as transaction:
        assert transaction.size() == 0
    second.close()
    open_log_store(one, "one.example/log").close()
    nowhere = _with_options(postgresql_url, "-c search_path=nowhere")
    with pytest.raises(InputError, match="schema"):
        open_log_store(nowhere, ORIGIN, create=True)


def test_a_server_that_does_not_flush_is_refused(
    server: PostgresqlServer, postgresql_url: str
) -> None:
    with (
        server.setting("fsync", "off"),
        pytest.raises(StoreUnavailable, match="fsync=off"),
    ):
        open_log_store(postgresql_url, ORIGIN, create=True)
    open_log_store(postgresql_url, ORIGIN, create=True).close()


def test_postgresql_is_backed_up_by_its_own_program(tmp_path: Path) -> None:
    url = "postgresql://u:hunter2@h/db"
    with pytest.raises(InputError) as caught:
        back_up_log_store(url, ORIGIN, tmp_path / "copy.db")
    assert "pg_dump" in caught.value.remedy
    _check_silent(caught.value)
