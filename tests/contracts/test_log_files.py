"""What every home of a log's files must do, on the fake and on the real ones."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.log_servers import static_log

from assent.adapters.translog.files import FolderFiles, _lock, reader_for
from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import SmallLog
from assent.translog.errors import LogUnreachable, StoreUnavailable
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.ports import LogFiles, LogReader
from assent.vocabulary import NotFound

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TILE = "tile/0/x001/234.p/7"
PATHS_OUT = [
    "",
    "/",
    "..",
    "../secret",
    "tile/../../secret",
    "tile//0",
    "/etc/passwd",
    "tile/0/",
    ".lock",
    "tile/.hidden",
    "a\\..\\b",
    "a\0b",
    "a b",
    "ä",
    "a" * 300,
    "/".join("a" * 40),
]


@pytest.fixture(params=["memory", "folder"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> LogFiles:
    if request.param == "memory":
        return MemoryFiles()
    return FolderFiles(tmp_path / "public")


@pytest.fixture(params=["memory", "folder", "http"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogReader]:
    """Yield a reader of a log of 300 entries."""
    log = SmallLog([b"%d" % i for i in range(300)])
    home: LogFiles = MemoryFiles()
    if request.param != "memory":
        home = FolderFiles(tmp_path)
    log.publish(home)
    if request.param == "http":
        with static_log(tmp_path) as url:
            yield reader_for(url)
    else:
        yield home


def test_reads_every_file_of_a_log(reader: LogReader) -> None:
    log = SmallLog([b"%d" % i for i in range(300)])
    whole = {**log.tiles(300), TREE_HEAD_PATH: log.signed().encoded}
    for path, data in whole.items():
        assert reader.read(path, bytes_max=len(data)) == data


def test_says_that_a_file_is_not_there(reader: LogReader) -> None:
    for path in ("tile/0/001", "tile/entries/002", "tile/0", "tile", "checkpoint/x"):
        with pytest.raises(NotFound):
            reader.read(path, bytes_max=99)


def test_refuses_a_file_that_is_longer_than_asked_for(reader: LogReader) -> None:
    size = len(reader.read("tile/0/000", bytes_max=8192))
    with pytest.raises(LogUnreachable):
        reader.read("tile/0/000", bytes_max=size - 1)


def test_reads_what_was_written(files: LogFiles) -> None:
    files.write(TILE, b"one")
    files.write("checkpoint", b"")
    assert files.read(TILE, bytes_max=3) == b"one"
    assert files.read("checkpoint", bytes_max=0) == b""
    files.write(TILE, b"another")
    assert files.read(TILE, bytes_max=99) == b"another"


def test_removes_a_file_or_a_folder_or_nothing(files: LogFiles) -> None:
    files.write(TILE, b"one")
    files.write("checkpoint", b"two")
    files.remove("checkpoint")
    files.remove("checkpoint")
    files.remove("tile/0/x001/234.p")
    files.remove("tile/0/x001/234.p/7")
    for path in (TILE, "checkpoint"):
        with pytest.raises(NotFound):
            files.read(path, bytes_max=99)


def test_settles_what_is_there_and_nothing_else(files: LogFiles) -> None:
    files.write(TILE, b"one")
    files.settle(TILE)
    assert files.read(TILE, bytes_max=3) == b"one"
    for path in ("tile/0/001", "tile/0"):
        with pytest.raises(NotFound):
            files.settle(path)


@pytest.mark.parametrize("path", ["..", "../secret", "tile//0", ".lock", ""])
def test_no_path_leads_out(files: LogFiles, path: str) -> None:
    for touch in (
        lambda: files.read(path, bytes_max=99),
        lambda: files.write(path, b"x"),
        lambda: files.settle(path),
        lambda: files.remove(path),
    ):
        with pytest.raises(NotFound):
            touch()


def test_holds_off_another_publisher(files: LogFiles) -> None:
    order: list[str] = []
    is_inside = threading.Event()

    def second() -> None:
        is_inside.wait(10)
        with files.exclusive():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with files.exclusive():
        is_inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


# The folder alone


@pytest.mark.parametrize("path", PATHS_OUT)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    files = FolderFiles(tmp_path / "public")
    files.write("checkpoint", b"x")
    for touch in (
        lambda: files.read(path, bytes_max=99),
        lambda: files.write(path, b"x"),
        lambda: files.settle(path),
        lambda: files.remove(path),
    ):
        with pytest.raises(NotFound):
            touch()
    assert (tmp_path / "secret").read_text() == "secret"


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    files = FolderFiles(tmp_path / "public")
    files.write("checkpoint", b"x")
    (tmp_path / "public" / "tile").symlink_to(outside)
    (tmp_path / "public" / "link").symlink_to(outside / "secret")
    (tmp_path / "public" / "circle").symlink_to("circle")
    for path in ("tile/secret", "link", "circle"):
        with pytest.raises(NotFound):
            files.read(path, bytes_max=99)
        with pytest.raises(NotFound):
            files.write(path, b"x")
    assert (outside / "secret").read_text() == "secret"
    with pytest.raises(NotFound, match="is a link, or below one"):
        files.read("tile/secret", bytes_max=99)


def test_a_folder_that_is_read_leaves_nothing_open(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    files.write("tile/a", b"x")

    def next_descriptor() -> int:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        os.close(descriptor)
        return descriptor

    free = next_descriptor()
    with pytest.raises(NotFound):
        files.read("tile", bytes_max=99)
    assert next_descriptor() == free


def test_a_file_system_that_has_no_locks_is_told_of(tmp_path: Path) -> None:
    # Such a descriptor takes no locks, as some network file systems do not.
    descriptor = os.open(tmp_path, os.O_PATH)
    try:
        with pytest.raises(StoreUnavailable, match="cannot be locked"):
            _lock(descriptor, tmp_path, 0)
    finally:
        os.close(descriptor)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "checkpoint")
    with pytest.raises(NotFound):
        FolderFiles(tmp_path).read("checkpoint", bytes_max=99)


def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    files.write("tile", b"x")
    with pytest.raises(StoreUnavailable):
        files.write("tile/0/000", b"y")
    files.remove("tile/0/000")
    assert files.read("tile", bytes_max=1) == b"x"


def test_everybody_may_read_what_is_public(tmp_path: Path) -> None:
    FolderFiles(tmp_path).write("checkpoint", b"x")
    assert stat.S_IMODE((tmp_path / "checkpoint").stat().st_mode) == 0o644


def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(
    tmp_path: Path,
) -> None:
    files = FolderFiles(tmp_path)
    files.write("tile/a", b"old")
    # A process may be given a limit on the size of its files; the disk is full to it.
    script = """
import resource, signal, sys
from pathlib import Path
from assent.adapters.translog.files import FolderFiles
from assent.translog.errors import StoreUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    FolderFiles(Path(sys.argv[1])).write("tile/a", bytes(100_000))
except StoreUnavailable as error:
    print(error)
"""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    assert "cannot be written: File too large" in done.stdout
    assert files.read("tile/a", bytes_max=99) == b"old"
    assert [path.name for path in (tmp_path / "tile").iterdir()] == ["a"]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    wholes = [bytes([i]) * 200_000 for i in range(8)]
    files.write("checkpoint", wholes[0])

    def write_all() -> None:
        for whole in wholes:
            files.write("checkpoint", whole)

    thread = threading.Thread(target=write_all)
    thread.start()
    while thread.is_alive():
        assert files.read("checkpoint", bytes_max=10**6) in wholes
    thread.join()


def test_a_publisher_that_waits_too_long_is_told(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path, lock_wait_s=0.1)
    with (
        files.exclusive(),
        pytest.raises(StoreUnavailable, match="still writes"),
        files.exclusive(),
    ):
        pass


@pytest.mark.parametrize(
    "place", ["", "no/such/folder", "ftp://log.example/", "file:///", "a\0b"]
)
def test_what_is_neither_a_folder_nor_a_url_is_refused(place: str) -> None:
    with pytest.raises(NotFound):
        reader_for(place)
