"""Many processes, killed processes and full disks: a case is whole, or as it was."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.postgresql_server import PostgresqlServer
from tests.small_disk import small_disk

from assent.adapters.docket import DocketDamaged, check_docket, open_docket
from assent.authorisation.docket import (
    Card,
    Docket,
    Event,
    RecordedEvent,
    verify_chain,
)
from assent.translog.errors import StoreUnavailable

CASE = "application-2026-0001"
T = datetime(2026, 3, 1, 12, tzinfo=UTC)
KILLS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of an empty database of cases."""
    where = str(tmp_path / "cases.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    open_docket(where, create=True).close()
    return where


def _card(events: Sequence[RecordedEvent]) -> Card:
    return Card(
        case_id=events[0].case_id,
        kind="application",
        state="draft",
        title="A model",
        developer="Example Labs",
        waiting_for="applicant",
        due=None,
        opened=T,
        updated=T,
        events=len(events),
    )


def _add(docket: Docket, text: str = "", case_id: str = CASE) -> int:
    """Add an event and put the card; return how many events there are."""
    with docket.writing() as transaction:
        events = transaction.events(case_id)
        event = Event(kind="noted", time=T, actor="KEN", body={"text": text})
        events += transaction.append(case_id, len(events), [event])
        transaction.put_card(_card(events))
    return len(events)


def _count(docket: Docket) -> int:
    with docket.reading() as transaction:
        return len(transaction.events(CASE))


def _fill(docket: Docket, text: str) -> int:
    """Add events until there is no room; return how many were acknowledged."""
    count = 0
    try:
        for _ in range(10_000):
            count = _add(docket, text)
    except StoreUnavailable:
        return count
    raise AssertionError("the disk never filled")


# Many processes.

_PROCESS = """
import sys
from datetime import UTC, datetime
from assent.adapters.docket import open_docket
from assent.authorisation.docket import Event
case, time = "application-2026-0001", datetime(2026, 3, 1, tzinfo=UTC)
with open_docket(sys.argv[1]) as docket:
    for _ in range(25):
        with docket.writing() as transaction:
            number = transaction.next_number("permit-2026")
            count = len(transaction.events(case))
            event = Event(kind="noted", time=time, actor="KEN", body={"n": number})
            transaction.append(case, count, [event])
"""


def test_processes_lose_no_update_and_share_no_number(place: str) -> None:
    command = [sys.executable, "-c", _PROCESS, place]
    running = [subprocess.Popen(command) for _ in range(3)]  # noqa: S603 - ours
    assert [process.wait(120) for process in running] == [0, 0, 0]
    with open_docket(place) as docket, docket.reading() as transaction:
        events = transaction.events(CASE)
    assert [one.event.body["n"] for one in events] == list(range(1, 76))
    verify_chain(events)


# Killed.

_UNTIL_KILLED = """
import sys
from datetime import UTC, datetime
from assent.adapters.docket import open_docket
from assent.authorisation.docket import Card, Event
case, time = "application-2026-0001", datetime(2026, 3, 1, 12, tzinfo=UTC)
with open_docket(sys.argv[1]) as docket:
    while True:
        with docket.writing() as transaction:
            count = len(transaction.events(case))
            event = Event(kind="noted", time=time, actor="KEN")
            transaction.append(case, count, [event, event, event])
            assert transaction.next_number("notes") == count // 3 + 1
            transaction.put_card(Card(
                case_id=case, kind="application", state="draft", title="A model",
                developer="Example Labs", waiting_for="applicant", due=None,
                opened=time, updated=time, events=count + 3))
        print(count + 3, flush=True)
"""


def test_a_killed_process_leaves_its_transaction_whole_or_not_at_all(
    place: str,
) -> None:
    acked = 0
    for kill in range(KILLS):
        command = [sys.executable, "-c", _UNTIL_KILLED, place]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - ours
            assert running.stdout is not None
            acked = int(running.stdout.readline())
            time.sleep(0.013 * kill)
            running.send_signal(signal.SIGKILL)
            rest = running.stdout.read().split("\n")
            acked = max([acked, *map(int, filter(None, rest[:-1]))])
        with open_docket(place) as docket:
            count = _count(docket)
            assert count in {acked, acked + 3}
            assert check_docket(docket, lambda _: _card) == []
            with docket.writing() as transaction:
                assert transaction.next_number("notes") == count // 3 + 1
                transaction.set_series("notes", count // 3)


def test_a_server_that_stopped_is_used_again_when_it_is_back(
    server: PostgresqlServer, postgresql_url: str
) -> None:
    with open_docket(postgresql_url, create=True) as docket:
        assert _add(docket) == 1
        server.stop_at_once()
        try:
            with pytest.raises(StoreUnavailable):
                _add(docket)
            with pytest.raises(StoreUnavailable):
                _count(docket)
        finally:
            server.start()
        assert _add(docket) == 2
        with docket.reading() as transaction:
            verify_chain(transaction.events(CASE))


# Full, busy and damaged.


def test_a_database_that_may_grow_no_more_loses_nothing_and_goes_on(
    tmp_path: Path,
) -> None:
    with open_docket(tmp_path / "cases.db", create=True) as docket:
        with docket._used(docket._writer) as connection:  # noqa: SLF001 - it is there
            connection.cursor().execute("PRAGMA max_page_count = 200")
        count = _fill(docket, "x" * 5_000)
        assert count > 10
        assert _count(docket) == count
        with docket._used(docket._writer) as connection:  # noqa: SLF001 - likewise
            connection.cursor().execute("PRAGMA max_page_count = 100000")
        assert _add(docket, "x" * 5_000) == count + 1
        assert check_docket(docket, lambda _: _card) == []


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path) as disk,
        open_docket(disk / "cases.db", create=True) as docket,
    ):
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(300_000))
        count = _fill(docket, "x" * 3_000)
        assert count > 10
        ballast.unlink()
        assert _add(docket) == count + 1
        assert check_docket(docket, lambda _: _card) == []


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "cases.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DocketDamaged):
        open_docket(tmp_path / "cases.db")


def test_a_database_that_lost_a_table_is_damaged_or_refuses(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    open_docket(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE docket_event")
    with open_docket(path) as docket, pytest.raises(DocketDamaged):
        _add(docket)
