"""What a power cut must spare, of all that is written to a folder.

A file's bytes are synced before it gets its name, and the name of the file and of each
folder after it was given. A new document, which whoever reads it holds against its
digest, is synced after both, before anybody is told of it.
"""

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.durability import Calls, watching
from tests.own_log import OwnLog

from assent.adapters.documents import open_documents
from assent.adapters.files import UNFINISHED, write_durably
from assent.adapters.keys.key_files import read_keys, write_keys
from assent.adapters.translog.files import FolderFiles
from assent.testing.small_log import SmallLog, log_key
from assent.translog.errors import StoreUnavailable
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.mirror import mirror
from assent.vocabulary import InputError
from assent.wiring.log import create_log

TILE = "tile/0/x001/234.p/7"


def write(path: Path) -> None:
    write_durably(path, b"x", 0o600)


def write_new(path: Path) -> None:
    write_durably(path, b"x", 0o600, replaces=False)


def files_in(folder: Path) -> list[Path]:
    """Return all files but a database's, which syncs its own, and the lock."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if path.name[:6] not in {"log.db", ".lock"}]


@pytest.mark.parametrize("put", [write, write_new])
def test_a_file_and_its_new_folders_survive(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    with watching() as calls:
        put(tmp_path / "a" / "b" / "c")
    assert calls.lost(tmp_path / "a" / "b" / "c", tmp_path) == []


def test_keys_survive(tmp_path: Path) -> None:
    with watching() as calls:
        write_keys(tmp_path / "keys", [log_key()])
    assert calls.lost(tmp_path / "keys", tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_what_a_log_serves_survives(tmp_path: Path) -> None:
    with watching() as calls:
        FolderFiles(tmp_path / "public").write(TILE, b"x")
    assert calls.lost(tmp_path / "public" / TILE, tmp_path) == []


def test_a_file_survives_in_folders_of_a_writer_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / TILE).parent.mkdir(parents=True)
    files = FolderFiles(tmp_path)
    with watching() as calls:
        files.write(TILE, b"x")
    assert calls.lost(tmp_path / TILE, tmp_path) == []
    with watching() as calls:
        files.write(TILE, b"y")
    assert len(calls.synced) == 2  # the file and its folder: all else is done


def test_what_a_killed_writer_left_survives_once_it_is_settled(tmp_path: Path) -> None:
    (tmp_path / TILE).parent.mkdir(parents=True)
    (tmp_path / TILE).write_bytes(b"x")
    with watching() as calls:
        FolderFiles(tmp_path).settle(TILE)
    assert calls.lost(tmp_path / TILE, tmp_path) == []


def lost_documents(calls: Calls, paths: Iterable[Path], root: Path) -> list[str]:
    """Return what a power cut would take of new documents, once they are put."""
    lost = (calls.lost(path, root, is_named_first=True) for path in paths)
    return [what for each in lost for what in each]


def test_a_document_survives(tmp_path: Path) -> None:
    # What is there gives way only to what is whole; what is new is whole at the end.
    for is_new in (True, False):
        with watching() as calls:
            open_documents(str(tmp_path / "documents")).put(b"a permit")
        (path,) = files_in(tmp_path)
        root = tmp_path / "documents"
        assert calls.lost(path, root, is_named_first=is_new) == []


def test_documents_that_are_put_together_survive_by_fewer_flushes(
    tmp_path: Path,
) -> None:
    documents = open_documents(str(tmp_path / "documents"))
    with watching() as calls:
        documents.put_all([b"%d" % number for number in range(20)])
    found = files_in(tmp_path)
    assert len(found) == 20
    assert lost_documents(calls, found, tmp_path / "documents") == []
    # Each file and the folder it lies in; and once the rest.
    assert len(calls.synced) <= 2 * 20 + 2


def test_documents_that_are_put_one_after_the_other_survive(tmp_path: Path) -> None:
    documents = open_documents(str(tmp_path / "documents"))
    with watching() as calls:
        for number in range(300):  # so many that some share a folder
            documents.put(b"%d" % number)
    found = files_in(tmp_path)
    assert lost_documents(calls, found, tmp_path / "documents") == []


def test_a_new_log_survives_and_is_one_only_when_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "one"
    with watching() as calls:
        create_log(folder, "agency.example/log", b"quorum none\n", "documents")
    names = {path.name for path in files_in(folder)}
    assert names == {"keys", "policy", "log.yaml"}
    assert calls.lost(folder / "log.yaml", tmp_path) == []
    for name in ("keys", "policy", "public", "documents"):
        lost = calls.lost(folder / name, tmp_path, by=folder / "log.yaml")
        assert [what for what in lost if "bytes" not in what or name in names] == []


def test_tiles_survive_before_a_tree_head_is_public_whoever_wrote_them(
    tmp_path: Path,
) -> None:
    log = OwnLog(files=FolderFiles(tmp_path))
    log.publish(600)
    # As if it had been killed after its tiles: nothing is known to be durable.
    (tmp_path / TREE_HEAD_PATH).unlink()
    log.files = FolderFiles(tmp_path)
    with watching() as calls:
        log.publish()
    head = tmp_path / TREE_HEAD_PATH
    found = files_in(tmp_path)
    assert len(found) > 6
    assert [lost for path in found for lost in calls.lost(path, tmp_path, by=head)] == [
        f"the name of {head}"
    ]
    assert calls.lost(head, tmp_path) == []


def test_a_mirror_survives_whoever_began_it(tmp_path: Path) -> None:
    source, copy = FolderFiles(tmp_path / "source"), tmp_path / "copy"
    log = SmallLog([b"%d" % i for i in range(600)])
    log.publish(source)
    mirror(source, FolderFiles(copy), log.policy)
    (copy / TREE_HEAD_PATH).unlink()
    with watching() as calls:
        assert mirror(source, FolderFiles(copy), log.policy).files_fetched == 0
    head = copy / TREE_HEAD_PATH
    assert [w for path in files_in(copy) for w in calls.lost(path, copy, by=head)] == [
        f"the name of {head}"
    ]
    assert calls.lost(head, copy) == []


# Whole or not at all


def test_a_file_that_gives_no_way_stays(tmp_path: Path) -> None:
    write_new(tmp_path / "a")
    with pytest.raises(FileExistsError):
        write_durably(tmp_path / "a", b"y", 0o600, replaces=False)
    assert (tmp_path / "a").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_keys_that_are_there_stay(tmp_path: Path) -> None:
    write_keys(tmp_path / "keys", [log_key()])
    with pytest.raises(InputError, match="holds keys already"):
        write_keys(tmp_path / "keys", [log_key(seed=2)])
    assert read_keys(tmp_path / "keys") == (log_key(),)


@pytest.mark.parametrize(("mode", "of_folders"), [(0o600, 0o700), (0o644, 0o755)])
def test_folders_are_as_private_as_the_file_they_are_made_for(
    tmp_path: Path, mode: int, of_folders: int
) -> None:
    mask = os.umask(0o022)
    try:
        write_durably(tmp_path / "a" / "b", b"x", mode)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == of_folders
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == mode


@pytest.mark.parametrize("replaces", [True, False])
def test_what_is_in_the_way_of_a_folder_is_told_of(
    tmp_path: Path, *, replaces: bool
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(StoreUnavailable):
        write_durably(tmp_path / "a" / "b", b"y", 0o600, replaces=replaces)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(UNFINISHED)]
