"""Full disks refuse and lose nothing; torn public files are named and made whole."""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.own_log import LOG_KEYS, OwnLog, contents
from tests.postgresql_server import (
    is_postgresql_here,
    postgresql_server,
)
from tests.torture.campaign import Campaign, Figures

from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.group_commit import GroupCommit
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.store.sqlite import SqliteLogStore
from assent.testing.small_log import ORIGIN
from assent.translog.errors import StoreUnavailable
from assent.translog.keeping.fsck import check_remote, rebuild
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogStore

SIZE = 600  # two full tiles, and 88 entries in the third


# Full disks.


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Return a folder on a file system of 4 MiB, with a file in it that can go."""
    folder = Path(tempfile.mkdtemp(prefix="assent-small-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=777", "tmpfs", str(folder)]
    mount_is_allowed = os.geteuid() == 0 and shutil.which("mount") is not None
    if not mount_is_allowed or subprocess.run(mount, check=False).returncode:  # noqa: S603
        pytest.skip("no file system can be mounted here")
    try:
        (folder / "ballast").write_bytes(bytes(2**20))
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607
        folder.rmdir()


def _enlarge(disk: Path, size: str) -> None:
    """Give the small disk another size."""
    option = f"remount,size={size}"
    subprocess.run(["mount", "-o", option, str(disk)], check=True)  # noqa: S603, S607


def _fill(store: LogStore) -> list[bytes]:
    """Append until the disk is full; return what was acknowledged."""
    sequencer = Sequencer(store)
    acked: list[bytes] = []
    for number in range(100_000):
        batch = [b"%d.%d " % (number, i) + b"x" * 300 for i in range(20)]
        try:
            assert sequencer.append(batch)[0] == len(acked)
        except StoreUnavailable:
            return acked
        acked += batch
    raise AssertionError("the disk never filled")


def _check_acked(store: LogStore, acked: list[bytes]) -> None:
    with store.reading() as transaction:
        assert transaction.entries(0, transaction.size()) == acked


def _append_at_last(store: LogStore, entry: bytes) -> int:
    """Append once it is possible again: a connection may have to break first."""
    for _ in range(10):
        try:
            (index,) = Sequencer(store).append([entry])
        except StoreUnavailable:
            time.sleep(0.2)
        else:
            return index
    raise AssertionError("it never became possible")


def test_a_database_on_a_full_disk_loses_nothing_and_goes_on(small_disk: Path) -> None:
    place = str(small_disk / "log.db")
    with closing(open_log_store(place, ORIGIN, create=True)) as store:
        acked = _fill(store)
        assert len(acked) > 1000
        _check_acked(store, acked)
        with pytest.raises(StoreUnavailable):
            Sequencer(store).append([b"y" * 60_000])
        assert Sequencer(store).append([acked[7]]) == [7]  # that takes no space
        (small_disk / "ballast").unlink()
        assert Sequencer(store).append([b"more", acked[7]]) == [len(acked), 7]
    with closing(open_log_store(place, ORIGIN)) as store:
        _check_acked(store, [*acked, b"more"])
        assert OwnLog(store=store).check() == []


def test_a_database_that_may_grow_no_more_loses_nothing_and_goes_on(
    tmp_path: Path,
) -> None:
    place = str(tmp_path / "log.db")
    with closing(open_log_store(place, ORIGIN, create=True)) as store:
        assert isinstance(store, SqliteLogStore)
        writer = store._writer  # noqa: SLF001 - the limit is on the connection
        writer.execute("PRAGMA max_page_count = 200").fetchall()
        acked = _fill(store)
        writer.execute("PRAGMA max_page_count = 100000").fetchall()
        group = GroupCommit(Sequencer(store).append)
        assert group.submit(b"more").result(timeout=10) == len(acked)
        group.close()
        _check_acked(store, [*acked, b"more"])
        assert OwnLog(store=store).check() == []


def test_a_process_that_may_write_no_larger_files_refuses_until_it_may(
    tmp_path: Path,
) -> None:
    campaign = Campaign(tmp_path, str(tmp_path / "log.db"), Figures("sqlite", 1))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with campaign.appender(first=campaign.first, again=[]) as said:
            pid = said.process.pid
            said.wait_for("acked", 100)
            limits = (400_000, unlimited[1])
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
            said.wait_for("refused StoreUnavailable", 20)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
            said.wait_for("acked", said.count("acked") + 500)
            said.wait_for("published", said.count("published") + 1)
        campaign.publish_all()
        campaign.check_all()
    finally:
        campaign.close()
    assert campaign.figures.appends_refused >= 20
    assert campaign.figures.entries_acknowledged > 600
    assert campaign.figures.duplicates == 0


def test_a_full_disk_under_the_public_files_leaves_the_old_tree_head_in_force(
    small_disk: Path,
) -> None:
    log = OwnLog(files=FolderFiles(small_disk / "public"))
    log.publish(100)
    before = log.published()
    Sequencer(log.store).append([b"%d " % n + b"x" * 9000 for n in range(500)])
    with pytest.raises(StoreUnavailable):
        log.publish()
    assert check_remote(log.files, log.policy) == []
    assert log.published() == before
    _enlarge(small_disk, "16m")
    assert log.publish() == 600
    log.repair()
    assert log.check() == []
    again = FolderFiles(small_disk / "again")
    assert rebuild(log.store, again, LOG_KEYS) == log.published()


@pytest.mark.skipif(not is_postgresql_here(), reason="PostgreSQL is not on the PATH")
def test_a_postgresql_server_on_a_full_disk_loses_nothing_and_goes_on(
    small_disk: Path,
) -> None:
    _enlarge(small_disk, "200m")
    with (
        postgresql_server(small_disk) as server,
        server.database() as url,
        closing(open_log_store(url, ORIGIN, create=True)) as store,
    ):
        free = shutil.disk_usage(small_disk).free
        (small_disk / "ballast").write_bytes(bytes(free - 6 * 2**20))
        acked = _fill(store)
        assert len(acked) > 1000
        (small_disk / "ballast").unlink()
        # It stopped by itself, or did not: both are allowed.
        server.stop_at_once()
        server.start()
        assert _append_at_last(store, b"more") == len(acked)
        _check_acked(store, [*acked, b"more"])
        assert OwnLog(store=store).check() == []


# Torn public files.

TEARS: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "a bit flipped": lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],
    "filled with zeros": lambda data: bytes(len(data)),
    "emptied": lambda data: data[:0],
}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[OwnLog]:
    """Return a log on a disk, of 600 entries of which 550 are published."""
    store = open_log_store(str(tmp_path / "log.db"), ORIGIN, create=True)
    log = OwnLog(store=store, files=FolderFiles(tmp_path / "public"))
    log.publish(300)
    log.publish(550)
    log.append(SIZE)
    yield log
    store.close()


@pytest.mark.parametrize("how", ["deleted", *TEARS])
def test_every_torn_public_file_is_named_and_made_whole(
    log: OwnLog, tmp_path: Path, how: str
) -> None:
    before = contents(log.files)
    for path, data in before.items():
        torn = tmp_path / "public" / path
        if how == "deleted":
            torn.unlink()
        else:
            torn.write_bytes(TEARS[how](data))
        assert [one.where for one in log.check()] == [path]
        repaired = log.repair()
        assert [one.where for one in repaired.mended] == [path]
        assert repaired.left == log.check() == []
    assert contents(log.files) == before


def test_all_public_files_torn_at_once_are_made_whole(
    log: OwnLog, tmp_path: Path
) -> None:
    before = contents(log.files)
    for path, data in before.items():
        (tmp_path / "public" / path).write_bytes(data[:-1])
    assert {one.where for one in log.check()} == before.keys()
    log.repair()
    assert contents(log.files) == before


def test_what_killed_writes_left_is_found_and_removed(
    log: OwnLog, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    left = [public / ".writing-abc", public / "tile" / "0" / ".writing-_x9z"]
    for path in left:
        path.write_bytes(b"half a ti")
    others = public / ".htaccess"
    others.write_text("not ours")
    assert {one.where for one in log.check()} == {
        ".writing-abc",
        "tile/0/.writing-_x9z",
    }
    log.repair()
    assert not any(path.exists() for path in left)
    assert others.exists()
    assert log.check() == []
