"""A mirror that is killed again and again ends as the log, and never serves less."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assent.adapters.translog.files import FolderFiles
from assent.testing.small_log import SmallLog
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.mirror import mirror
from assent.translog.monitor import follow

ENTRIES = [b"%d" % i for i in range(9000)]
LOG = SmallLog(ENTRIES)
SCRIPT = """
import sys
from pathlib import Path
from assent.adapters.translog.files import FolderFiles
from assent.translog.formats.policy import parse_policy
from assent.translog.mirror import mirror
source, copy, policy = sys.argv[1:]
files = FolderFiles(Path(copy))
tell = lambda count: print(count, flush=True)
mirror(FolderFiles(Path(source)), files, parse_policy(policy.encode()), progress=tell)
"""


def read_all(folder: Path) -> list[bytes]:
    batches = follow(None, FolderFiles(folder), LOG.policy)
    return [entry for batch in batches for entry in batch.entries]


def mirror_until(source: Path, copy: Path, count: int) -> None:
    """Mirror in a process of its own, and kill it once so many files are in place."""
    policy = LOG.policy.encoded.decode()
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT, str(source), str(copy), policy],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "src"},
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) == count:
                process.kill()
                break


@pytest.mark.parametrize("size_before", [0, 700])
def test_a_mirror_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, size_before: int
) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    if size_before:
        LOG.publish(FolderFiles(source), size_before)
        mirror(FolderFiles(source), FolderFiles(copy), LOG.policy)
    LOG.publish(FolderFiles(source))
    for count in (1, 30, 60):
        mirror_until(source, copy, count)
        if size_before:
            assert read_all(copy) == ENTRIES[:size_before]
        else:
            assert not (copy / TREE_HEAD_PATH).exists()
    done = mirror(FolderFiles(source), FolderFiles(copy), LOG.policy)
    assert done.files_kept >= 60
    assert read_all(copy) == ENTRIES
