"""`assent log monitor` against logs that hide, stand still, roll back or poison."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from tests.log_servers import answer, path_of, saying, talking

from assent.adapters.translog.files import FolderFiles
from assent.apps.cli.log.following import ROLLBACKS_MAX, Watch, mirror, monitor
from assent.testing.small_log import SmallLog, witness_key
from assent.translog.errors import (
    CosignatureStale,
    ForwardingFailed,
    HeadRolledBack,
    HeadWithheld,
    SplitView,
)
from assent.translog.formats.signed_head import verify_tree_head
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.monitor import Selection, tree_head_path
from assent.translog.split_view import verify_evidence

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ENTRIES = [f"entry {i}".encode() for i in range(500)]
LOG = SmallLog(ENTRIES, witnesses=(witness_key("ken.example/w"),))
BRANCH = LOG.fork(300, [b"x"] * 200)
KEY = LOG.key.verifier
HOUR_S = 3600
AGES_S = 10**9


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    """Return the files of a log that shows 300 entries."""
    found = FolderFiles(tmp_path / "log")
    LOG.publish(found, 300)
    return found


def watch(folder: Path, *, witness: str = "", **changes: object) -> Watch:
    policy = folder / "policy"
    text = LOG.policy.encoded.decode()
    policy.write_text(re.sub(r"(witness .*)", rf"\1 {witness}", text))
    usual: dict[str, Any] = {
        "forward": None,
        "patience_s": HOUR_S,
        "age_max_s": AGES_S,
        "is_strict": False,
    }
    return Watch(
        place=str(folder / "log"),
        policy=policy,
        state=folder / "kept" / "state",
        selection=Selection(),
        as_json=False,
        with_witnesses=bool(witness),
        **(usual | changes),
    )


@contextmanager
def witness_of(log: SmallLog, size: int) -> Iterator[str]:
    """Serve what an honest witness holds of the log; yield its URL."""

    def talk(connection: socket, request: str) -> None:
        assert path_of(request) == tree_head_path(KEY.name)
        connection.sendall(answer(log.signed(size).encoded))

    with talking(talk) as url:
        yield url


def kept_notes(folder: Path) -> set[int]:
    """Return the sizes in the tree heads that were kept, each signed by the log."""
    notes = [path.read_bytes() for path in (folder / "kept").glob("*.tree-head")]
    heads = [verify_tree_head(n, origin=KEY.name, log_keys=[KEY]) for n in notes]
    return {signed.head.size for signed in heads}


def test_the_victim_of_a_branch_is_told_at_once_and_has_evidence_later(
    tmp_path: Path, files: FolderFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    with witness_of(BRANCH, 400) as url:
        monitor(watch(tmp_path, witness=url), None)
    said = capsys.readouterr().err
    assert "AHEAD: witness w0 holds 400 entries, the log shows 300" in said
    # The witness may be silenced: what it held was signed by the log.
    monitor(watch(tmp_path), None)
    LOG.publish(files, 450)
    with pytest.raises(SplitView):
        monitor(watch(tmp_path), None)
    (evidence,) = (tmp_path / "kept").glob("*.split-view")
    facts = verify_evidence(evidence.read_bytes(), [KEY])
    assert facts.smaller.head == BRANCH.signed(400).head


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_log_that_stands_still_or_falls_silent_is_an_alarm_in_time(
    tmp_path: Path, files: FolderFiles, *, is_gone: bool
) -> None:
    with witness_of(LOG, 400) as url:
        monitor(watch(tmp_path, witness=url), None)
    if is_gone:
        files.remove("tile")
        files.write(TREE_HEAD_PATH, LOG.signed(301).encoded)
    with pytest.raises(HeadWithheld):
        monitor(watch(tmp_path, patience_s=0), None)
    assert kept_notes(tmp_path) == {400}


def test_a_log_that_catches_up_is_forgiven_in_silence(
    tmp_path: Path, files: FolderFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    with witness_of(LOG, 400) as url:
        monitor(watch(tmp_path, witness=url), None)
        LOG.publish(files, 400)
        capsys.readouterr()
        monitor(watch(tmp_path, witness=url, patience_s=0), None)
    assert "warning" not in capsys.readouterr().err


def test_old_cosignatures_are_told_of_and_refused_if_asked(
    tmp_path: Path, files: FolderFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    LOG.publish(files, 300)
    monitor(watch(tmp_path, age_max_s=86_400), None)
    said = capsys.readouterr().err
    assert "warning: A quorum cosigned last" in said
    assert "witnessed at 2025-06-15 15:06:40 UTC" in said
    with pytest.raises(CosignatureStale):
        monitor(watch(tmp_path, age_max_s=86_400, is_strict=True), None)


@pytest.mark.parametrize("every_s", [None, 0.01])
def test_a_rollback_that_stays_is_an_alarm_and_both_notes_are_kept(
    tmp_path: Path,
    files: FolderFiles,
    capsys: pytest.CaptureFixture[str],
    every_s: float | None,
) -> None:
    monitor(watch(tmp_path), None)
    capsys.readouterr()
    files.remove("tile")
    files.write(TREE_HEAD_PATH, LOG.signed(299).encoded)
    with pytest.raises(HeadRolledBack):
        monitor(watch(tmp_path), every_s)
    assert kept_notes(tmp_path) == {299, 300}
    warnings = capsys.readouterr().err.count("warning: ")
    assert warnings == (ROLLBACKS_MAX - 1 if every_s else 0)


def test_an_entry_that_the_receiver_rejects_holds_up_no_other(
    tmp_path: Path, files: FolderFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    LOG.publish(files, 4)
    taken: list[int] = []

    def receive(connection: socket, request: str) -> None:
        body = request.partition("\r\n\r\n")[2].encode("latin-1")
        while not body.endswith(b"}"):
            body += connection.recv(65_536)
        index = json.loads(body)["index"]
        if index != 1:
            taken.append(index)
        status = "422 Poison" if index == 1 else "204 Taken"
        connection.sendall(answer(b"", status=status))

    with talking(receive) as url:
        monitor(watch(tmp_path, forward=url), None)
    assert taken == [0, 2, 3]
    said = capsys.readouterr().err
    assert "rejects entry 1 of" in said
    assert "1 entries were rejected: 1\n" in said


@pytest.mark.parametrize("status", ["503 Later", "429 Slower", "408 Again"])
def test_witnesses_are_heard_though_the_receiver_is_down(
    tmp_path: Path,
    files: FolderFiles,
    capsys: pytest.CaptureFixture[str],
    status: str,
) -> None:
    with (
        witness_of(BRANCH, 400) as witness,
        talking(saying(answer(b"", status=status))) as forward,
        pytest.raises(ForwardingFailed, match="did not take"),
    ):
        monitor(watch(tmp_path, witness=witness, forward=forward), None)
    assert "AHEAD" in capsys.readouterr().err
    LOG.publish(files, 450)
    with pytest.raises(SplitView):
        monitor(watch(tmp_path), None)


def test_a_folder_of_a_log_stands_for_what_is_public_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    LOG.publish(FolderFiles(folder / "public"), 300)
    (folder / "log.yaml").touch()
    monitor(watch(tmp_path), None)
    copy = tmp_path / "copy"
    mirror(str(folder), copy, tmp_path / "policy", recheck=False)
    assert (copy / TREE_HEAD_PATH).read_bytes() == LOG.signed(300).encoded
