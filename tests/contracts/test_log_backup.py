"""An SQLite file of a log: backed up, read where nobody may write, told when unfit."""

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from assent.adapters.translog.sqlite_file import translated, use_write_ahead_log
from assent.adapters.translog.store import back_up_log_store, open_log_store
from assent.translog.errors import LogDamaged, StoreUnavailable, WrongOrigin
from assent.translog.keeping.sequence import Sequencer
from assent.vocabulary import InputError, NotFound

ORIGIN = "agency.example/log"
NOBODY = 65534


def _made(path: Path, size: int = 3) -> None:
    with closing(open_log_store(path, ORIGIN, create=True)) as store:
        Sequencer(store).append([b"entry %d" % number for number in range(size)])


def _entries(path: Path) -> list[bytes]:
    with closing(open_log_store(path, ORIGIN)) as store, store.reading() as transaction:
        return transaction.entries(0, transaction.size())


def _sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


# Backing up.


def test_a_backup_holds_what_a_copied_file_lacks(tmp_path: Path) -> None:
    place = tmp_path / "log.db"
    with closing(open_log_store(place, ORIGIN, create=True)) as store:
        Sequencer(store).append([b"a", b"b"])
        back_up_log_store(place, ORIGIN, tmp_path / "backup.db")
        shutil.copy(place, tmp_path / "copied.db")
        names = {path.name for path in tmp_path.iterdir()}
    assert names == {"log.db", "log.db-wal", "log.db-shm", "backup.db", "copied.db"}
    assert _entries(tmp_path / "backup.db") == [b"a", b"b"]
    with pytest.raises((NotFound, LogDamaged)):
        _entries(tmp_path / "copied.db")


def test_backups_made_while_others_append_hold_one_state_each(tmp_path: Path) -> None:
    place, is_over = tmp_path / "log.db", threading.Event()
    _made(place)

    def append() -> None:
        with closing(open_log_store(place, ORIGIN)) as store:
            sequencer, number = Sequencer(store), 3
            while not is_over.is_set():
                new = range(number, number + 50)
                sequencer.append([b"entry %d" % one for one in new])
                number += 50

    appending = threading.Thread(target=append)
    appending.start()
    try:
        for number in range(10):
            back_up_log_store(place, ORIGIN, tmp_path / f"{number}.db")
    finally:
        is_over.set()
        appending.join()
    for number in range(10):
        found = _entries(tmp_path / f"{number}.db")
        assert found == [b"entry %d" % one for one in range(len(found))]
        assert len(found) % 50 == 3


def test_a_log_goes_on_from_its_backup(tmp_path: Path) -> None:
    _made(tmp_path / "log.db")
    back_up_log_store(tmp_path / "log.db", ORIGIN, tmp_path / "backup.db")
    with closing(open_log_store(tmp_path / "backup.db", ORIGIN)) as store:
        assert Sequencer(store).append([b"entry 1", b"new"]) == [1, 3]


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    _made(tmp_path / "log.db")
    (tmp_path / "backup.db").write_bytes(b"precious")
    with pytest.raises(InputError, match="already"):
        back_up_log_store(tmp_path / "log.db", ORIGIN, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_bytes() == b"precious"
    with pytest.raises(WrongOrigin):
        back_up_log_store(tmp_path / "log.db", "other.example/1", tmp_path / "b.db")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        back_up_log_store(tmp_path / "log.db", ORIGIN, tmp_path / "none" / "b.db")
    assert {path.name for path in tmp_path.iterdir()} == {"log.db", "backup.db"}


# Reading where nobody may write.


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that another user can reach."""
    made = Path(tempfile.mkdtemp(prefix="assent-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@contextmanager
def _not_writable(folder: Path) -> Iterator[None]:
    """Be somebody who may write to none of the files, nor to the folder."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_copy_that_nobody_may_write_to_can_be_read(folder: Path) -> None:
    place = folder / "log.db"
    _made(place)
    with _not_writable(folder):
        assert _entries(place) == [b"entry 0", b"entry 1", b"entry 2"]
        with closing(open_log_store(place, ORIGIN)) as store:
            with pytest.raises(StoreUnavailable, match="readonly") as caught:
                Sequencer(store).append([b"more"])
            assert "who may write" in caught.value.remedy
    assert [path.name for path in folder.iterdir()] == ["log.db"]


def test_a_copy_with_a_write_ahead_log_is_read_whole_or_not_at_all(
    folder: Path, tmp_path: Path
) -> None:
    with closing(open_log_store(tmp_path / "log.db", ORIGIN, create=True)) as store:
        Sequencer(store).append([b"a"])
        shutil.copy(tmp_path / "log.db", folder)
        shutil.copy(tmp_path / "log.db-wal", folder)
    with _not_writable(folder), pytest.raises(StoreUnavailable) as caught:
        open_log_store(folder / "log.db", ORIGIN)
    assert "write-ahead log" in caught.value.remedy
    assert _entries(folder / "log.db") == [b"a"]


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    place = tmp_path / "log.db"
    _made(place)
    with closing(open_log_store(place, ORIGIN)) as store, store.writing():
        assert len(_entries(place)) == 3


# Files that are unfit.


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("DROP TABLE translog", NotFound, "holds no log"),
        ("DROP TABLE translog_tile", LogDamaged, "lacks the table translog_tile"),
        ("PRAGMA user_version = 7", InputError, "version 7"),
    ],
)
def test_tables_that_are_not_ours_are_told(
    tmp_path: Path, statement: str, error: type[Exception], words: str
) -> None:
    _made(tmp_path / "log.db")
    _sql(tmp_path / "log.db", statement)
    with pytest.raises(error, match=words):
        open_log_store(tmp_path / "log.db", ORIGIN)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "log.db"
    _sql(place, "CREATE TABLE accounts (name TEXT)")
    with pytest.raises(NotFound):
        open_log_store(place, ORIGIN)
    with pytest.raises(NotFound):
        open_log_store(place, ORIGIN, create=True)


def test_a_journal_that_is_no_write_ahead_log_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(StoreUnavailable, match="its journal is memory"),
    ):
        use_write_ahead_log(connection, Path("log.db"))


def test_a_file_with_another_journal_gets_a_write_ahead_log(tmp_path: Path) -> None:
    place = tmp_path / "log.db"
    _made(place)
    _sql(place, "PRAGMA journal_mode = DELETE")
    with closing(open_log_store(place, ORIGIN)) as store:
        Sequencer(store).append([b"more"])
        assert (tmp_path / "log.db-wal").stat().st_size > 0


def test_a_defect_of_this_program_is_not_told_as_damage() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(sqlite3.ProgrammingError),
        translated("It", "Stop."),
    ):
        connection.execute("SELECT ?", [])
