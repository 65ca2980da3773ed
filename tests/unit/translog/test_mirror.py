"""Mirroring a log: whole or as it was, whatever the log or the power does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import SmallLog, log_key, witness_key
from assent.translog.errors import (
    HeadRolledBack,
    LogUnreachable,
    QuorumNotMet,
    SplitView,
    StateDamaged,
    StoreUnavailable,
    TileDamaged,
    TileMalformed,
    WrongOrigin,
)
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.mirror import mirror
from assent.translog.monitor import follow
from assent.translog.split_view import verify_evidence
from assent.vocabulary import NotFound

ENTRIES = [f"entry {i}".encode() for i in range(1300)]
LOG = SmallLog(ENTRIES)


def source_of(size: int, log: SmallLog = LOG) -> MemoryFiles:
    files = MemoryFiles()
    log.publish(files, size)
    return files


def read_all(files: MemoryFiles, log: SmallLog = LOG) -> list[bytes]:
    """Return every entry, read as a stranger reads the mirror: all verified."""
    return [e for batch in follow(None, files, log.policy) for e in batch.entries]


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_a_mirror_is_the_log_byte_for_byte(steps: list[int]) -> None:
    files, source = MemoryFiles(), MemoryFiles()
    for size in sorted(steps):
        LOG.publish(source, size)
        assert mirror(source, files, LOG.policy).signed == LOG.signed(size)
        assert read_all(files) == ENTRIES[:size]
        needed = {TREE_HEAD_PATH, *LOG.tiles(size)}
        assert needed <= files.contents.keys()
        assert {path: source.contents[path] for path in files.contents} == (
            files.contents
        )


def test_fetches_only_what_is_new() -> None:
    files = MemoryFiles()
    assert mirror(source_of(600), files, LOG.policy).files_fetched == 7
    source = source_of(601)
    done = mirror(source, files, LOG.policy)
    assert (done.files_fetched, done.files_kept) == (2, 0)
    assert not any(p.endswith(("0/000", "0/001")) for p in source.paths_read)


def test_removes_partial_tiles_that_became_full_once_the_head_is_there() -> None:
    files = MemoryFiles()
    mirror(source_of(300), files, LOG.policy)
    assert "tile/0/001.p/44" in files.contents
    mirror(source_of(600), files, LOG.policy)
    assert not any("/001.p/" in path for path in files.contents)


def test_writes_the_tree_head_last() -> None:
    files = MemoryFiles()
    mirror(source_of(600), files, LOG.policy)
    assert files.paths_written.index(TREE_HEAD_PATH) == len(files.paths_written) - 1


@pytest.mark.parametrize("writes", range(9))
@pytest.mark.parametrize("size_before", [0, 300])
def test_a_mirror_that_was_interrupted_serves_what_it_served_and_goes_on(
    size_before: int, writes: int
) -> None:
    files = MemoryFiles()
    if size_before:
        mirror(source_of(size_before), files, LOG.policy)
    files.writes_left = writes
    with pytest.raises(StoreUnavailable):
        mirror(source_of(1100), files, LOG.policy)
    if size_before:
        assert read_all(files) == ENTRIES[:size_before]
    else:
        assert TREE_HEAD_PATH not in files.contents
    files.writes_left = None
    done = mirror(source_of(1100), files, LOG.policy)
    assert done.files_kept == writes
    assert read_all(files) == ENTRIES[:1100]


def test_goes_on_with_a_newer_head_than_it_was_interrupted_in() -> None:
    files = MemoryFiles()
    files.writes_left = 7
    with pytest.raises(StoreUnavailable):
        mirror(source_of(1100), files, LOG.policy)
    files.writes_left = None
    mirror(source_of(1300), files, LOG.policy)
    assert read_all(files) == ENTRIES


def test_goes_on_with_an_older_head_than_it_was_interrupted_in() -> None:
    files = MemoryFiles()
    source = source_of(1100)
    files.writes_left = 7
    with pytest.raises(StoreUnavailable):
        mirror(source, files, LOG.policy)
    files.writes_left = None
    mirror(source_of(300), files, LOG.policy)
    assert {TREE_HEAD_PATH, *LOG.tiles(300)} <= files.contents.keys()
    assert read_all(files) == ENTRIES[:300]


@given(st.data())
def test_damage_at_the_source_never_reaches_the_mirror(data: st.DataObject) -> None:
    files, source = MemoryFiles(), source_of(600)
    mirror(source_of(300), files, LOG.policy)
    new = sorted(set(source.contents) - set(files.contents))
    path = data.draw(st.sampled_from(new))
    whole = source.contents[path]
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    source.contents[path] = data.draw(
        st.sampled_from(
            [whole[:place] + wrong + whole[place + 1 :], whole[:place], b""]
        )
    )
    with pytest.raises((TileDamaged, TileMalformed)):
        mirror(source, files, LOG.policy)
    assert read_all(files) == ENTRIES[:300]
    good = LOG.tiles(300) | LOG.tiles(600)
    assert all(good[p] == d for p, d in files.contents.items() if p != TREE_HEAD_PATH)


def test_a_missing_file_at_the_source_leaves_the_mirror_as_it_was() -> None:
    files, source = MemoryFiles(), source_of(600)
    mirror(source_of(300), files, LOG.policy)
    del source.contents["tile/entries/001"]
    with pytest.raises(LogUnreachable, match="tile/entries/001"):
        mirror(source, files, LOG.policy)
    assert read_all(files) == ENTRIES[:300]


@given(st.data())
def test_a_recheck_mends_what_was_damaged_in_the_mirror(data: st.DataObject) -> None:
    files = MemoryFiles()
    mirror(source_of(600), files, LOG.policy)
    path = data.draw(st.sampled_from(sorted(LOG.tiles(600))))
    how = data.draw(st.sampled_from(["cut", "changed", "gone", "too long"]))
    whole = files.contents.pop(path)
    if how != "gone":
        files.contents[path] = {
            "cut": whole[:-1],
            "changed": whole[:-1] + bytes([whole[-1] ^ 1]),
            "too long": bytes(17_000_000),
        }[how]
    done = mirror(source_of(600), files, LOG.policy, recheck=True)
    assert (done.files_fetched, done.files_kept) == (1, 6)
    assert files.contents[path] == whole


def test_a_log_that_rolled_back_is_refused() -> None:
    files = MemoryFiles()
    mirror(source_of(600), files, LOG.policy)
    before = dict(files.contents)
    with pytest.raises(HeadRolledBack):
        mirror(source_of(599), files, LOG.policy)
    with pytest.raises(HeadRolledBack):
        mirror(source_of(599), files, LOG.policy, recheck=True)
    assert files.contents == before


@pytest.mark.parametrize("size", [20, 599, 600, 601, 900])
def test_a_log_that_split_is_refused_with_evidence(size: int) -> None:
    files = MemoryFiles()
    mirror(source_of(600), files, LOG.policy)
    before = dict(files.contents)
    with pytest.raises(SplitView) as caught:
        mirror(source_of(size, LOG.fork(9, [b"x"] * 900)), files, LOG.policy)
    facts = verify_evidence(caught.value.evidence or b"", [LOG.key.verifier])
    assert {facts.smaller.head.size, facts.larger.head.size} == {600, size}
    assert files.contents == before


def test_a_head_that_the_policy_does_not_accept_is_not_mirrored() -> None:
    witness = witness_key("ken.example/w")
    cosigned = replace(LOG, witnesses=(witness,))
    files = MemoryFiles()
    with pytest.raises(QuorumNotMet):
        mirror(source_of(5), files, cosigned.policy)
    other = replace(LOG, key=log_key("other.example/log"))
    with pytest.raises(WrongOrigin):
        mirror(source_of(5, other), files, LOG.policy)
    with pytest.raises(NotFound):
        mirror(MemoryFiles(), files, LOG.policy)
    assert files.contents == {}


def test_a_folder_that_mirrors_one_log_takes_no_other() -> None:
    files = MemoryFiles()
    mirror(source_of(5), files, LOG.policy)
    other = replace(LOG, key=log_key("other.example/log", seed=9))
    keys = [LOG.key.verifier.text, other.key.verifier.text]
    both = parse_policy(
        "".join(f"log {key}\n" for key in keys).encode() + b"quorum none\n"
    )
    with pytest.raises(WrongOrigin):
        mirror(source_of(9, other), files, both)
    with pytest.raises(WrongOrigin):
        mirror(source_of(9, other), files, both, origin=other.key.name)
    assert read_all(files) == ENTRIES[:5]


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense",
        SmallLog(ENTRIES, log_key(seed=9)).signed(5).encoded,
        SmallLog(ENTRIES, log_key("b.example/b")).signed(5).encoded,
    ],
    ids=["nonsense", "another key", "another log"],
)
def test_a_damaged_head_of_its_own_is_told_of_and_not_replaced(head: bytes) -> None:
    files = MemoryFiles()
    mirror(source_of(5), files, LOG.policy)
    files.contents[TREE_HEAD_PATH] = head
    with pytest.raises(StateDamaged, match="own tree head"):
        mirror(source_of(9), files, LOG.policy)
    assert files.contents[TREE_HEAD_PATH] == head
    del files.contents[TREE_HEAD_PATH]
    assert mirror(source_of(9), files, LOG.policy).files_fetched == 2
    assert read_all(files) == ENTRIES[:9]


def test_takes_new_cosignatures_of_the_same_head() -> None:
    files = MemoryFiles()
    mirror(source_of(5), files, LOG.policy)
    cosigned = replace(LOG, witnesses=(witness_key("ken.example/w"),))
    mirror(source_of(5, cosigned), files, LOG.policy)
    assert files.contents[TREE_HEAD_PATH] == cosigned.signed(5).encoded


def test_a_mirror_can_be_mirrored() -> None:
    first, second = MemoryFiles(), MemoryFiles()
    mirror(source_of(600), first, LOG.policy)
    mirror(first, second, LOG.policy)
    assert first.contents == second.contents


def test_tells_how_far_it_is() -> None:
    told: list[int] = []
    mirror(source_of(600), MemoryFiles(), LOG.policy, progress=told.append)
    assert told == [1, 2, 3, 4, 5, 6, 7]
