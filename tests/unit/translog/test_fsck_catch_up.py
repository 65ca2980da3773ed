"""An old backup catches up with what its log made public, wholly or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.own_log import POLICY, WITNESS_KEYS, OwnLog, entries

from assent.adapters.translog.store import open_log_store
from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import ORIGIN, SmallLog
from assent.translog.errors import LogDamaged, QuorumNotMet, TileDamaged
from assent.translog.keeping.fsck import catch_up
from assent.translog.keeping.sequence import Sequencer

SIZE = 600  # two full tiles, and 88 entries in the third


@pytest.fixture
def log() -> OwnLog:
    """Return a log of 600 entries, of which 550 are published, 300 were before."""
    log = OwnLog()
    log.publish(300)
    log.publish(550)
    log.append(SIZE)
    return log


def files_of(log: OwnLog) -> dict[str, bytes]:
    assert isinstance(log.files, MemoryFiles)
    return log.files.contents


def held(log: OwnLog) -> list[bytes]:
    with log.store.reading() as transaction:
        return transaction.entries(0, transaction.size())


def state(log: OwnLog) -> object:
    with log.store.reading() as transaction:
        return (
            held(log),
            transaction.keys((-(2**63), -1), 10_000),
            transaction.tiles((-1, 0), 100),
            transaction.heads(-1, 100),
        )


@pytest.mark.parametrize("size", [0, 1, 200, 256, 300, 549, 550])
def test_an_old_backup_catches_up_with_what_is_public(log: OwnLog, size: int) -> None:
    backup = OwnLog()
    backup.append(size)
    told: list[int] = []
    signed = catch_up(
        backup.store, log.files, POLICY, origin=ORIGIN, progress=told.append
    )
    assert signed == backup.published() == log.published()
    assert held(backup) == entries(0, 550)
    assert told[-1:] == ([550] if size < 550 else [])
    backup.files, backup.witnesses = log.files, log.witnesses
    assert backup.publish(700) == 700
    assert backup.repair().left == []
    assert backup.check() == []


def test_a_database_that_holds_more_than_is_public_keeps_it(log: OwnLog) -> None:
    before = state(log)
    catch_up(log.store, log.files, POLICY, origin=ORIGIN)
    assert state(log) == before


@pytest.mark.parametrize("size", [1, 300, 900])
def test_other_entries_do_not_catch_up(log: OwnLog, size: int) -> None:
    other = OwnLog()
    Sequencer(other.store).append([b"other %d" % number for number in range(size)])
    before = state(other)
    with pytest.raises(LogDamaged):
        catch_up(other.store, log.files, POLICY, origin=ORIGIN)
    assert state(other) == before


def test_nothing_that_was_not_signed_is_caught_up_with(log: OwnLog) -> None:
    files_of(log)["tile/entries/001"] = files_of(log)["tile/entries/000"]
    backup = OwnLog()
    backup.append(10)
    before = state(backup)
    with pytest.raises(TileDamaged):
        catch_up(backup.store, log.files, POLICY, origin=ORIGIN)
    assert state(backup) == before
    SmallLog(entries(0, 300)).publish(log.files)
    with pytest.raises(QuorumNotMet):
        catch_up(backup.store, log.files, POLICY, origin=ORIGIN)
    assert state(backup) == before


@pytest.mark.parametrize("size", [0, 8, 300])
def test_a_log_that_repeats_an_entry_is_caught_up_with(size: int) -> None:
    files, repeated = MemoryFiles(), [*entries(0, 300), b"entry 7"]
    SmallLog(repeated, witnesses=tuple(WITNESS_KEYS)).publish(files)
    backup = OwnLog()
    backup.append(size)
    catch_up(backup.store, files, POLICY, origin=ORIGIN)
    assert held(backup) == repeated
    assert Sequencer(backup.store).append([b"entry 7", b"new"]) == [7, 301]


class InterruptingFiles(MemoryFiles):
    """A log's files; while one is read, somebody tries to append to its database."""

    place: Path
    bundles_read = 0

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes; others must not get in between two bundles."""
        if path.startswith("tile/entries/"):
            self.bundles_read += 1
            with (
                closing(sqlite3.connect(self.place, timeout=0)) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute("BEGIN IMMEDIATE")
        return super().read(path, bytes_max=bytes_max)


def test_nobody_appends_before_a_database_caught_up(
    log: OwnLog, tmp_path: Path
) -> None:
    source = InterruptingFiles()
    source.contents, source.place = files_of(log), tmp_path / "log.db"
    with closing(open_log_store(str(source.place), ORIGIN, create=True)) as store:
        backup = OwnLog(store=store)
        backup.append(100)
        catch_up(store, source, POLICY, origin=ORIGIN)
        assert source.bundles_read == 3
        assert held(backup) == entries(0, 550)
        backup.files, backup.witnesses = log.files, log.witnesses
        assert backup.publish(560) == 560
