"""A damaged database is mended from its entries or refused: nothing wrong is sound.

Rows by SQL, in both databases; then bytes of their files, whatever they mean.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.own_log import POLICY, OwnLog, contents, entries
from tests.postgresql_server import is_postgresql_here, postgresql_server

from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.store.sql import SqlTransaction
from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import ORIGIN
from assent.translog.errors import LogDamaged, LogUnreachable, StoreUnavailable
from assent.translog.keeping.fsck import Severity, catch_up
from assent.translog.ports import LogStore
from assent.vocabulary import AssentError

SIZE = 600  # two full tiles, and 88 entries in the third
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"

MENDED = {
    "keys gone": "DELETE FROM translog_key WHERE entry_index BETWEEN 100 AND 400",
    "keys changed": "UPDATE translog_key SET key = key + 1 WHERE entry_index < 50",
    "keys moved": "UPDATE translog_key SET entry_index = 7 WHERE entry_index = 8",
    "a tile gone": "DELETE FROM translog_tile WHERE tile_index = 1",
    "all tiles gone": "DELETE FROM translog_tile",
    "a tile cut": "UPDATE translog_tile SET nodes = substr(nodes, 1, 100)",
    "the public head's row gone": "DELETE FROM translog_head WHERE size = 550",
    "the public head forgotten": "UPDATE translog_head SET is_published = FALSE"
    " WHERE size = 550",
}
REFUSED = {
    "an entry altered": "UPDATE translog_entry SET content = 'altered'"
    " WHERE entry_index = 42",
    "an unsigned entry altered": "UPDATE translog_entry SET content = 'altered'"
    " WHERE entry_index = 590",
    "an entry cut": "UPDATE translog_entry SET content = substr(content, 2)"
    " WHERE entry_index = 42",
    "an entry gone": "DELETE FROM translog_entry WHERE entry_index = 42",
    "the last entry gone": "DELETE FROM translog_entry WHERE entry_index = 599",
    "all entries gone": "DELETE FROM translog_entry",
    "an entry moved": "UPDATE translog_entry SET entry_index = 1000000000000"
    " WHERE entry_index = 42",
    "the last entry moved": "UPDATE translog_entry SET entry_index = 600"
    " WHERE entry_index = 599",
}


Run = Callable[[str], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def rows(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[OwnLog, Run]]:
    """Return a log, and what runs SQL against its database."""
    place = str(tmp_path / "log.db")
    if request.param == "postgresql":
        place = request.getfixturevalue("postgresql_url")
    store = open_log_store(place, ORIGIN, create=True)
    log = _grown(store)

    def run(statement: str) -> None:
        with store.writing() as transaction:
            assert isinstance(transaction, SqlTransaction)
            execute = transaction._each  # noqa: SLF001 - as an accident would
            execute(statement, [()])
            if request.param == "sqlite":  # has two tables of keys
                execute(statement.replace("_key ", "_new_key "), [()])

    yield log, run
    store.close()


def _grown(store: LogStore) -> OwnLog:
    """Return a log of 600 entries, of which 550 are published, 300 were before."""
    log = OwnLog(store=store)
    log.publish(300)
    log.publish(550)
    log.append(SIZE)
    return log


def _state(store: LogStore) -> object:
    with store.reading() as transaction:
        return (
            transaction.size() == SIZE and transaction.entries(0, SIZE),
            transaction.keys((-(2**63), -1), 10_000),
            transaction.tiles((-1, 0), 100),
            transaction.heads(-1, 100),
        )


@pytest.mark.parametrize("how", MENDED)
def test_rows_that_follow_from_entries_are_mended(
    rows: tuple[OwnLog, Run], how: str
) -> None:
    log, run = rows
    before = _state(log.store), contents(log.files)
    run(MENDED[how])
    found = log.check()
    assert found
    assert all(one.is_repairable for one in found if one.severity is Severity.DAMAGED)
    log.repair()
    assert log.check() == []
    assert (_state(log.store), contents(log.files)) == before


@pytest.mark.parametrize("how", REFUSED)
def test_entries_that_are_not_what_they_were_are_refused(
    rows: tuple[OwnLog, Run], how: str
) -> None:
    log, run = rows
    run(REFUSED[how])
    assert Severity.FATAL in {one.severity for one in log.check()}
    public = contents(log.files)
    with pytest.raises(LogDamaged):
        log.repair()
    assert contents(log.files) == public


def test_a_database_of_either_kind_catches_up_wholly_or_not_at_all(
    rows: tuple[OwnLog, Run],
) -> None:
    log, _ = rows
    ahead = OwnLog()
    ahead.publish(2000)
    bundle = ahead.files.read("tile/entries/006", bytes_max=2**25)
    ahead.files.remove("tile/entries/006")
    before = _state(log.store)
    with pytest.raises(LogUnreachable):
        catch_up(log.store, ahead.files, POLICY, origin=ORIGIN)
    assert _state(log.store) == before
    ahead.files.write("tile/entries/006", bundle)
    catch_up(log.store, ahead.files, POLICY, origin=ORIGIN)
    log.files, log.witnesses = ahead.files, ahead.witnesses
    assert log.repair().left == log.check() == []
    assert log.publish(2001) == 2001


def _outcome(place: str, public: MemoryFiles) -> str:
    """Repair a log whose database was damaged; tell what came of it."""
    files = MemoryFiles()
    files.contents = dict(public.contents)
    try:
        store = open_log_store(place, ORIGIN)
    except AssentError:
        return "refused"
    try:
        log = OwnLog(store=store, files=files)
        try:
            log.repair()
            found = log.check()
        except (LogDamaged, StoreUnavailable):
            return "refused"
        if any(one.severity is not Severity.HARMLESS for one in found):
            return "told"
        with store.reading() as transaction:
            assert transaction.entries(0, transaction.size()) == entries(0, SIZE)
        return "sound"
    finally:
        store.close()


@pytest.mark.fuzz
def test_no_damage_to_a_file_of_sqlite_passes_for_a_sound_log(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - to be repeatable
    place = tmp_path / "log.db"
    store = open_log_store(str(place), ORIGIN, create=True)
    public = _grown(store).files
    assert isinstance(public, MemoryFiles)
    store.close()
    whole = place.read_bytes()
    pages = len(whole) // 4096
    outcomes = []
    for page in [*range(pages)] * 40 if IS_LONG else chance.sample(range(pages), 12):
        start = page * 4096
        place_in_page = start + chance.randrange(4000)
        for at, data in (
            (start, bytes(4096)),
            (start, chance.randbytes(4096)),
            (place_in_page, chance.randbytes(8)),
            (start + chance.randrange(100), chance.randbytes(1)),
        ):
            damaged = tmp_path / "damaged.db"
            damaged.write_bytes(whole[:at] + data + whole[at + len(data) :])
            outcomes.append(_outcome(str(damaged), public))
            for left in tmp_path.glob("damaged.db*"):
                left.unlink()
    print(Counter(outcomes))  # noqa: T201 - what damage comes to
    assert {"refused", "sound"} <= set(outcomes)


@pytest.mark.fuzz
def test_a_sqlite_file_cut_anywhere_does_not_pass_for_a_sound_log(
    tmp_path: Path,
) -> None:
    place = tmp_path / "log.db"
    store = open_log_store(str(place), ORIGIN, create=True)
    public = _grown(store).files
    assert isinstance(public, MemoryFiles)
    store.close()
    size = place.stat().st_size
    outcomes = []
    for length in range(0, size, size // (100 if IS_LONG else 10)):
        cut = tmp_path / "cut.db"
        shutil.copy(place, cut)
        with cut.open("r+b") as file:
            file.truncate(length)
        outcomes.append(_outcome(str(cut), public))
        for left in tmp_path.glob("cut.db*"):
            left.unlink()
    assert outcomes.count("refused") >= 9


@pytest.mark.skipif(not is_postgresql_here(), reason="PostgreSQL is not on the PATH")
def test_no_damage_to_the_files_of_postgresql_passes_for_a_sound_log() -> None:
    with postgresql_server() as server, server.database() as url:
        store = open_log_store(url, ORIGIN, create=True)
        public = _grown(store).files
        assert isinstance(public, MemoryFiles)
        with store.writing() as transaction:
            assert isinstance(transaction, SqlTransaction)
            ((path,),) = transaction._all(  # noqa: SLF001 - to find its file
                "SELECT pg_relation_filepath('translog_entry')"
            )
        store.close()
        data = server.folder / "data" / path
        for damage in (bytes(8192), b"\xff" * 8192):
            server.stop_at_once()
            server.start()  # what was in the write-ahead log comes back first
            server.stop()
            with data.open("r+b") as file:
                file.seek(8192)
                file.write(damage)
            server.start()
            assert _outcome(url, public) == "refused"
