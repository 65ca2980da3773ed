"""A log that other software wrote is followed, mirrored and served like one of ours."""

import shutil
from pathlib import Path

import pytest
from tests.log_servers import static_log

from assent.adapters.http.log_reader import HttpReader
from assent.adapters.translog.files import FolderFiles
from assent.translog.errors import HeadRolledBack
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.tiles import TREE_HEAD_PATH, parse_bundle
from assent.translog.mirror import mirror
from assent.translog.monitor import MonitorState, follow

LOG = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "tessera" / "log"
KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
POLICY = parse_policy(f"log {KEY}\nquorum none\n".encode())
SIZE = 15

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(
        not LOG.is_dir(), reason="the published tiled log is not beside us"
    ),
]


def served(folder: Path, size: int) -> FolderFiles:
    """Put the log's files in a folder, with its tree head of a size."""
    shutil.copytree(LOG / "tile", folder / "tile", dirs_exist_ok=True)
    shutil.copy(LOG / f"checkpoint.{size}", folder / TREE_HEAD_PATH)
    return FolderFiles(folder)


def entries() -> list[bytes]:
    return parse_bundle((LOG / f"tile/entries/000.p/{SIZE}").read_bytes(), SIZE)


def test_is_followed_through_all_its_tree_heads(tmp_path: Path) -> None:
    kept: MonitorState | None = None
    read: list[bytes] = []
    for size in range(SIZE + 1):
        for batch in follow(kept, served(tmp_path, size), POLICY):
            read.extend(batch.entries)
            kept = batch.state
        assert read == entries()[:size]
    with pytest.raises(HeadRolledBack, match="old copy"):
        list(follow(kept, served(tmp_path, SIZE - 1), POLICY))


def test_is_mirrored_byte_for_byte_over_http(tmp_path: Path) -> None:
    copy = FolderFiles(tmp_path / "copy")
    for size in (4, SIZE):
        source = served(tmp_path / "source", size)
        with static_log(tmp_path / "source") as url:
            mirror(HttpReader(url), copy, POLICY)
    for path in copy.paths():
        assert copy.read(path, bytes_max=9999) == source.read(path, bytes_max=9999)
