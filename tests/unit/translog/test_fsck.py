"""Every kind of damage is found and named; what follows from entries is mended."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.own_log import (
    KEY,
    LOG_KEYS,
    POLICY,
    WITNESS_KEYS,
    OwnLog,
    contents,
    entries,
)

from assent.testing.log_files import MemoryFiles
from assent.testing.log_store import MemoryLogStore, MemoryTransaction
from assent.testing.small_log import ORIGIN, SmallLog, log_key
from assent.translog.errors import (
    LogDamaged,
    StoreUnavailable,
    WrongOrigin,
)
from assent.translog.formats.note import Note
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    parse_signed_head,
    sign_tree_head,
)
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.formats.tree_head import TreeHead
from assent.translog.keeping.fsck import (
    Defect,
    Repaired,
    Severity,
    check_log,
    check_remote,
    rebuild,
)
from assent.translog.keeping.fsck.remote import DEFECTS_MAX
from assent.translog.keeping.sequence import entry_key
from assent.translog.merkle import FullTile, leaf_hash
from assent.vocabulary import NotFound

SIZE = 600  # two full tiles, and 88 entries in the third


@pytest.fixture
def log() -> OwnLog:
    """Return a log of 600 entries, of which 550 are published, 300 were before."""
    log = OwnLog()
    log.publish(300)
    log.publish(550)
    log.append(SIZE)
    return log


def _rows(log: OwnLog) -> MemoryTransaction:
    """Return what the database holds, to be damaged."""
    assert isinstance(log.store, MemoryLogStore)
    with log.store.reading() as transaction:
        return transaction


def _files(log: OwnLog) -> dict[str, bytes]:
    assert isinstance(log.files, MemoryFiles)
    return log.files.contents


def _key(index: int) -> int:
    return entry_key(leaf_hash(b"entry %d" % index))


def _state(log: OwnLog) -> object:
    rows = _rows(log)
    return (
        list(rows.contents),
        set(rows.key_rows),
        dict(rows.full),
        dict(rows.signed),
        contents(log.files),
    )


def _places(found: list[Defect]) -> set[tuple[str, Severity, bool]]:
    places = {(one.where, one.severity, one.is_repairable) for one in found}
    assert len(places) == len(found)  # nothing is told twice
    return places


def _is_mended(log: OwnLog, before: object) -> bool:
    """Repair, and tell whether everything is as it was, and checks as such."""
    log.repair()
    return _state(log) == before and log.check() == []


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_sound_log_has_no_defects_at_any_time(size: int) -> None:
    log = OwnLog()
    assert log.check() == []
    log.append(size)
    assert log.check() == []
    log.publish()
    assert log.check() == []
    log.append(size + 1)
    assert log.check() == []
    assert log.repair() == Repaired(mended=[], left=[])


def test_nothing_is_written_by_a_check(log: OwnLog) -> None:
    before = _state(log)
    _files(log)["tile/0/000"] = b""
    damaged = _state(log)
    assert log.check() != []
    assert _state(log) == damaged != before


def test_progress_is_told_in_entries(log: OwnLog) -> None:
    told: list[int] = []
    check_log(log.store, log.files, ORIGIN, LOG_KEYS, progress=told.append)
    assert told == [256, 512, 600]


# The database: keys and tiles follow from the entries.


@pytest.mark.parametrize("index", [0, 255, 256, 549])
def test_a_missing_key_is_found_and_mended(log: OwnLog, index: int) -> None:
    before = _state(log)
    _rows(log).key_rows.remove((_key(index), index))
    (found,) = log.check()
    first = index // 256 * 256
    last = min(first + 255, SIZE - 1)
    assert found.where == f"database: keys of entries {first} to {last}"
    assert str(index) in found.what
    assert _is_mended(log, before)


def test_all_keys_missing_are_found_and_mended(log: OwnLog) -> None:
    log.publish()
    before = _state(log)
    _rows(log).key_rows.clear()
    assert len(log.check()) == 3
    assert _is_mended(log, before)


def test_a_key_that_leads_to_the_wrong_entry_is_found_and_mended(log: OwnLog) -> None:
    before = _state(log)
    _rows(log).key_rows.add((_key(7), 8))
    _rows(log).key_rows.add((12345, -4))
    (found,) = log.check()
    assert (found.where, found.severity) == ("database: keys", Severity.DAMAGED)
    assert _is_mended(log, before)


def test_a_changed_key_is_found_and_mended(log: OwnLog) -> None:
    before = _state(log)
    _rows(log).key_rows.remove((_key(7), 7))
    _rows(log).key_rows.add((_key(7) ^ 1, 7))
    assert len(log.check()) == 2
    assert _is_mended(log, before)


@pytest.mark.parametrize("at", [(0, 0), (0, 1)])
@pytest.mark.parametrize("nodes", [None, b"", b"\0" * 16_352, "leaf", "root"])
def test_a_damaged_tile_is_found_and_mended(
    log: OwnLog, at: tuple[int, int], nodes: bytes | str | None
) -> None:
    before = _state(log)
    rows = _rows(log)
    if nodes is None:
        del rows.full[at]
    elif isinstance(nodes, bytes):
        rows.full[at] = FullTile(*at, nodes)
    else:
        damaged = bytearray(rows.full[at].nodes)
        damaged[40 if nodes == "leaf" else -1] ^= 1
        rows.full[at] = FullTile(*at, bytes(damaged))
    assert _places(log.check()) == {
        (f"database: tile {at[0]}/{at[1]}", Severity.DAMAGED, True)
    }
    assert _is_mended(log, before)


def test_an_entry_that_is_there_twice_is_told_and_harmless(log: OwnLog) -> None:
    with log.store.writing() as transaction:
        transaction.add_entries(SIZE, [(_key(7), b"entry 7")])
    (found,) = log.check()
    assert (found.where, found.severity) == ("database: entry 600", Severity.HARMLESS)
    assert "entry 7" in found.what
    assert not found.is_repairable


# The entries: never made up.


def _refused(log: OwnLog) -> list[Defect]:
    """Return what is fatal, having seen that repair touches nothing."""
    damaged = _state(log)
    with pytest.raises(LogDamaged) as caught:
        log.repair()
    assert _state(log) == damaged
    assert "mirror" in caught.value.remedy
    return [one for one in log.check() if one.severity is Severity.FATAL]


@pytest.mark.parametrize("index", [0, 255, 299, 300, 549])
def test_an_altered_entry_that_was_signed_is_beyond_repair(
    log: OwnLog, index: int
) -> None:
    _rows(log).contents[index] = b"altered"
    fatal = {one.where for one in _refused(log)}
    assert TREE_HEAD_PATH in fatal
    assert "database: tree head 550" in fatal
    assert ("database: tree head 300" in fatal) == (index < 300)
    assert f"database: entry {index}" in fatal


def test_an_altered_entry_that_nobody_signed_is_beyond_repair(log: OwnLog) -> None:
    _rows(log).contents[580] = b"altered"
    assert [one.where for one in _refused(log)] == ["database: entry 580"]


@pytest.mark.parametrize("index", [560, 700, 767])
def test_an_unsigned_entry_is_believed_where_key_or_tile_vouches_for_it(
    log: OwnLog, index: int
) -> None:
    log.append(800)  # three full tiles, 550 entries signed
    before = _state(log)
    _rows(log).key_rows.remove((_key(index), index))
    assert _is_mended(log, before)
    del _rows(log).full[0, 2]
    assert _is_mended(log, before)
    del _rows(log).full[0, 2]
    _rows(log).key_rows.remove((_key(index), index))
    assert [one.where for one in _refused(log)] == [f"database: entry {index}"]


def test_an_altered_entry_in_an_unsigned_tile_is_beyond_repair(log: OwnLog) -> None:
    log.append(800)
    _rows(log).contents[600] = b"altered"
    assert "database: entry 600" in {one.where for one in _refused(log)}


@pytest.mark.parametrize("count", [1, 60, 100, 400])
def test_entries_lost_at_the_end_are_beyond_repair(log: OwnLog, count: int) -> None:
    del _rows(log).contents[SIZE - count :]
    assert _refused(log)


def test_lost_entries_are_missed_by_their_tiles_alone() -> None:
    log = OwnLog()
    log.append(SIZE)
    rows = _rows(log)
    del rows.contents[500:]
    rows.key_rows = {row for row in rows.key_rows if row[1] < 500}
    assert [one.where for one in _refused(log)] == ["database: tile 0/1"]


def test_lost_entries_are_missed_by_their_keys_alone() -> None:
    log = OwnLog()
    log.append(SIZE)
    del _rows(log).contents[520:]
    (fatal,) = _refused(log)
    assert fatal.where == "database: key of entry 520"


class GappedTransaction(MemoryTransaction):
    """A database that lacks entry 300."""

    def entries(self, start: int, end: int) -> list[bytes]:
        """Return entries, if 300 is not among them."""
        if start <= 300 < end:
            raise LogDamaged("The database lacks 1 of 256.", remedy="Restore it.")
        return super().entries(start, end)


def test_a_gap_is_beyond_repair(log: OwnLog) -> None:
    _rows(log).__class__ = GappedTransaction
    (fatal,) = _refused(log)
    assert (fatal.where, fatal.what) == ("database", "The database lacks 1 of 256.")


# What was signed.


def _keep(log: OwnLog, signed: SignedTreeHead, *, is_published: bool = False) -> None:
    _rows(log).signed[signed.head.size] = (signed, is_published)


def test_a_signed_head_of_more_entries_is_beyond_repair(log: OwnLog) -> None:
    _keep(log, SmallLog(entries(0, 900)).signed())
    (fatal,) = _refused(log)
    assert fatal.where == "database: tree head 900"


@pytest.mark.parametrize("size", [0, 100, 300, 580])
def test_a_signed_head_of_other_entries_is_beyond_repair(
    log: OwnLog, size: int
) -> None:
    head = TreeHead(ORIGIN, size, b"r" * 32)
    _keep(log, sign_tree_head(head, [KEY], 1))
    if size:
        assert f"database: tree head {size}" in {one.where for one in _refused(log)}
    else:  # nobody believes an empty tree with the root of another
        assert _places(log.check()) == {
            ("database: tree head 0", Severity.DAMAGED, False)
        }


def test_a_head_that_the_log_never_signed_speaks_against_nothing(log: OwnLog) -> None:
    stranger = SmallLog(entries(0, 400), log_key(seed=9)).signed()
    _keep(log, stranger)
    assert _places(log.check()) == {
        ("database: tree head 400", Severity.DAMAGED, False)
    }
    log.repair()


def test_a_head_kept_under_another_size_is_found(log: OwnLog) -> None:
    _rows(log).signed[301] = _rows(log).signed[300]
    assert _places(log.check()) == {
        ("database: tree head 301", Severity.DAMAGED, False)
    }


def _spoilt(signed: SignedTreeHead) -> SignedTreeHead:
    """Return the head with a bit of the log's signature flipped."""
    line, *others = signed.note.signatures
    flipped = bytes([line.signature[0] ^ 1]) + line.signature[1:]
    lines = (type(line)(line.name, line.key_id, flipped), *others)
    return SignedTreeHead(signed.head, Note(signed.note.text, lines))


def test_a_damaged_head_in_the_database_is_replaced_by_the_public_one(
    log: OwnLog,
) -> None:
    before = _state(log)
    signed, _ = _rows(log).signed[550]
    _keep(log, _spoilt(signed), is_published=True)
    assert _places(log.check()) == {
        ("database: tree head 550", Severity.DAMAGED, True),
        (TREE_HEAD_PATH, Severity.DAMAGED, True),
    }
    assert _is_mended(log, before)


def test_a_damaged_head_that_is_not_public_is_told(log: OwnLog) -> None:
    signed, _ = _rows(log).signed[300]
    _keep(log, _spoilt(signed), is_published=True)
    assert _places(log.check()) == {
        ("database: tree head 300", Severity.DAMAGED, False)
    }


# The public files.

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "emptied": lambda data: data[:0],
    "a bit flipped": lambda data: data[:50] + bytes([data[50] ^ 4]) + data[51:],
    "filled with zeros": lambda data: bytes(len(data)),
    "too long": lambda data: data + b"\0",
    "endless": lambda data: data * 20_000,
}


@pytest.mark.parametrize("how", ["deleted", *DAMAGES])
@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/38",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/002.p/38",
        TREE_HEAD_PATH,
    ],
)
def test_a_damaged_public_file_is_found_and_mended(
    log: OwnLog, path: str, how: str
) -> None:
    before, files = _state(log), _files(log)
    data = files.pop(path)
    if how in DAMAGES:
        files[path] = DAMAGES[how](data)
    assert _places(log.check()) == {(path, Severity.DAMAGED, True)}
    edge = {"tile/0/002.p/38", "tile/1/000.p/2"}  # read first, and only as a whole
    where = "tile: the right edge" if path in edge else path
    assert where in {one.where for one in check_remote(log.files, POLICY)}
    assert _is_mended(log, before)
    assert check_remote(log.files, POLICY) == []


def test_a_wiped_public_folder_is_mended(log: OwnLog) -> None:
    before = _state(log)
    _files(log).clear()
    assert {one.where for one in log.check()} == {
        TREE_HEAD_PATH,
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/38",
        "tile/1/000.p/1",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/38",
    }
    assert _is_mended(log, before)


def test_an_earlier_partial_tile_is_checked_while_readers_may_need_it() -> None:
    log = OwnLog()
    log.publish(10)
    log.publish(20)
    before = _state(log)
    paths = {"tile/0/000.p/10", "tile/entries/000.p/10"}
    for path in paths:
        _files(log)[path] = _files(log)[path][:-1] + b"!"
    assert _places(log.check()) == {(path, Severity.DAMAGED, True) for path in paths}
    assert _is_mended(log, before)
    for path in paths:  # publishing again after a loss does not bring them back
        del _files(log)[path]
    assert _places(log.check()) == {(path, Severity.HARMLESS, True) for path in paths}
    assert _is_mended(log, before)


def test_publishing_again_after_losing_all_public_files_is_enough(log: OwnLog) -> None:
    log.publish()
    _files(log).clear()
    log.publish()
    assert {one.severity for one in log.check()} == {Severity.HARMLESS}
    assert check_remote(log.files, POLICY) == []
    assert log.repair().left == []


def test_leftovers_are_harmless_and_removed(log: OwnLog) -> None:
    before = _state(log)
    leftovers = [
        "tile/0/000.p/7",
        "tile/0/002.p/30",
        "tile/entries/001.p/255",
        "tile/0/.writing-a1b2c3d4",
    ]
    for path in leftovers:
        _files(log)[path] = b"left over"
    assert _places(log.check()) == {
        (path, Severity.HARMLESS, True) for path in leftovers
    }
    assert _is_mended(log, before)


def test_what_is_not_public_yet_or_not_the_logs_is_left_alone(log: OwnLog) -> None:
    others = {"index.html": b"hello", "tile/0/007": b"early", "tile/x": b"?"}
    _files(log).update(others)
    assert _places(log.check()) == {("tile/0/007", Severity.HARMLESS, False)}
    log.repair()
    assert others.items() <= _files(log).items()


def test_a_partial_tile_may_have_given_way_to_the_full_one(log: OwnLog) -> None:
    # Somebody publishes while the check reads an earlier state.
    ahead = OwnLog()
    ahead.publish(1000)
    for path in ("tile/0/002", "tile/entries/002"):
        _files(log)[path] = _files(ahead)[path]
        log.files.remove(f"{path}.p")
    assert {one.severity for one in log.check()} <= {Severity.HARMLESS}


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_a_database_that_forgot_its_public_tree_head_learns_it_again(
    log: OwnLog,
    is_forgotten: bool,  # noqa: FBT001 - a parameter
) -> None:
    before = _state(log)
    signed, _ = _rows(log).signed.pop(550)
    if is_forgotten:
        _keep(log, signed)
    assert _places(log.check()) == {(TREE_HEAD_PATH, Severity.DAMAGED, True)}
    assert _is_mended(log, before)


def test_a_public_tree_head_of_more_entries_is_beyond_repair(log: OwnLog) -> None:
    SmallLog(entries(0, SIZE + 1)).publish(log.files)
    assert TREE_HEAD_PATH in {one.where for one in _refused(log)}


def test_a_public_tree_head_of_other_entries_is_beyond_repair(log: OwnLog) -> None:
    other = SmallLog([b"other %d" % n for n in range(400)]).signed()
    log.files.write(TREE_HEAD_PATH, other.encoded)
    assert TREE_HEAD_PATH in {one.where for one in _refused(log)}


def test_an_older_tree_head_gives_way_to_the_published_one(log: OwnLog) -> None:
    before = _state(log)
    older, _ = _rows(log).signed[300]
    log.files.write(TREE_HEAD_PATH, older.encoded)
    assert _places(log.check()) == {(TREE_HEAD_PATH, Severity.HARMLESS, True)}
    assert _is_mended(log, before)


def test_too_few_cosignatures_are_told(log: OwnLog) -> None:
    bare = SmallLog(entries(0, 550)).signed()
    log.files.write(TREE_HEAD_PATH, bare.encoded)
    _keep(log, bare, is_published=True)
    unwitnessed = {(TREE_HEAD_PATH, Severity.UNWITNESSED, False)}
    assert _places(log.check()) == unwitnessed
    assert check_log(log.store, log.files, ORIGIN, LOG_KEYS) == []
    assert _places(check_remote(log.files, POLICY)) == {
        (TREE_HEAD_PATH, Severity.DAMAGED, False)
    }
    del _files(log)["tile/0/000"]
    repaired = log.repair()
    assert [one.where for one in repaired.mended] == ["tile/0/000"]
    assert _places(repaired.left) == unwitnessed
    assert log.repair() == Repaired(mended=[], left=repaired.left)
    log.publish(refresh=True)
    assert {one.severity for one in log.check()} <= {Severity.HARMLESS}


def test_the_tree_head_of_another_log_is_not_taken_for_ours(log: OwnLog) -> None:
    other = log_key("other.example/log")
    SmallLog(entries(0, 550), other).publish(log.files)
    assert (TREE_HEAD_PATH, Severity.DAMAGED, True) in _places(log.check())


def test_a_repair_that_runs_out_of_space_can_go_on(log: OwnLog) -> None:
    before, files = _state(log), log.files
    assert isinstance(files, MemoryFiles)
    files.contents.clear()
    _rows(log).key_rows.remove((_key(7), 7))
    for writes in range(4):
        files.writes_left = writes
        with pytest.raises(StoreUnavailable):
            log.repair()
        assert TREE_HEAD_PATH not in files.contents
    files.writes_left = None
    assert _is_mended(log, before)


SOME_LOSSES = st.lists(
    st.one_of(
        st.tuples(st.just("key"), st.integers(0, 549)),
        st.tuples(st.just("tile"), st.integers(0, 1)),
        st.tuples(st.just("file"), st.integers(0, 7)),
    ),
    min_size=1,
    max_size=12,
)


@given(SOME_LOSSES)
def test_any_damage_to_what_follows_from_entries_is_mended(
    losses: list[tuple[str, int]],
) -> None:
    log = OwnLog()
    log.publish(550)
    log.append(SIZE)
    before = _state(log)
    paths = sorted(_files(log))
    for kind, number in losses:
        if kind == "key":
            _rows(log).key_rows.discard((_key(number), number))
        elif kind == "tile":
            _rows(log).full.pop((0, number), None)
        else:
            _files(log).pop(paths[number], None)
    assert all(one.is_repairable for one in log.check())
    assert _is_mended(log, before)


# Making the public files again.


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 600])
def test_every_public_file_is_made_again(size: int) -> None:
    log = OwnLog()
    log.publish(size)
    log.append(size + 10)
    again = MemoryFiles()
    told: list[int] = []
    signed = rebuild(log.store, again, LOG_KEYS, told.append)
    assert again.contents == _files(log)
    assert again.paths_written[-1] == TREE_HEAD_PATH
    assert signed == log.published()
    assert told[-1] == size


def test_a_folder_with_an_older_state_is_brought_up_to_date(log: OwnLog) -> None:
    files = MemoryFiles()
    SmallLog(entries(0, 200)).publish(files)
    rebuild(log.store, files, LOG_KEYS)
    assert check_remote(files, POLICY) == []
    assert _files(log).items() <= files.contents.items()
    OwnLog(store=log.store, files=files).repair()
    assert files.contents == _files(log)


def test_a_folder_with_a_newer_state_or_another_log_is_left_alone(
    log: OwnLog,
) -> None:
    for key, size, error in (
        (KEY, 590, LogDamaged),
        (log_key("other.example/log"), 20, WrongOrigin),
    ):
        files = MemoryFiles()
        SmallLog(entries(0, size), key).publish(files)
        before = contents(files)
        with pytest.raises(error):
            rebuild(log.store, files, LOG_KEYS)
        assert contents(files) == before


def test_a_tree_head_that_the_log_never_signed_is_replaced(log: OwnLog) -> None:
    files = MemoryFiles()
    for forged in (
        SmallLog(entries(0, 900), log_key(seed=9)).signed().encoded,
        _spoilt(SmallLog(entries(0, 900)).signed()).encoded,
    ):
        files.write(TREE_HEAD_PATH, forged)
        rebuild(log.store, files, LOG_KEYS)
        assert files.contents == _files(log)


def test_nothing_is_rebuilt_from_entries_that_were_not_signed(log: OwnLog) -> None:
    _rows(log).contents[3] = b"altered"
    files = MemoryFiles()
    with pytest.raises(LogDamaged):
        rebuild(log.store, files, LOG_KEYS)
    assert files.contents == {}


def test_what_was_never_published_is_not_rebuilt() -> None:
    log = OwnLog()
    log.append(3)
    with pytest.raises(NotFound):
        rebuild(log.store, MemoryFiles(), LOG_KEYS)


def test_rebuilding_needs_no_tiles_of_the_database(log: OwnLog) -> None:
    _rows(log).full.clear()
    again = MemoryFiles()
    rebuild(log.store, again, LOG_KEYS)
    assert again.contents == _files(log)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_what_is_rebuilt_is_what_was_published_step_by_step(steps: list[int]) -> None:
    log, again, size = OwnLog(), MemoryFiles(), 0
    for step in steps:
        log.publish(size := size + step)
    rebuild(log.store, again, LOG_KEYS)
    assert again.contents == _files(log)
    assert log.check() == []


# A log of others.


def test_a_remote_log_that_shows_no_tree_head_is_told() -> None:
    (found,) = check_remote(MemoryFiles(), POLICY)
    assert found.where == TREE_HEAD_PATH


def test_a_remote_log_that_the_policy_does_not_name_is_told(log: OwnLog) -> None:
    other = parse_policy(
        f"log {log_key('other.example/log').verifier.text}\nquorum none\n".encode()
    )
    (found,) = check_remote(log.files, other)
    assert found.where == TREE_HEAD_PATH


def test_a_remote_log_that_lacks_very_much_is_not_asked_for_all_of_it() -> None:
    files = MemoryFiles()
    small = SmallLog(entries(0, 256 * 110), witnesses=tuple(WITNESS_KEYS))
    small.publish(files)
    assert check_remote(files, POLICY) == []
    files.remove("tile/entries")
    found = check_remote(files, POLICY)
    assert len(found) == DEFECTS_MAX + 1
    assert found[-1].what == "What comes after was not checked."


def test_progress_of_a_remote_check_is_told_in_files(log: OwnLog) -> None:
    told: list[int] = []
    check_remote(log.files, POLICY, progress=told.append)
    assert told == list(range(1, 8))


def test_a_remote_partial_tile_may_be_gone_once_the_full_one_is_there() -> None:
    log = OwnLog()
    older = log.publish(200)
    head = contents(log.files)[TREE_HEAD_PATH]
    log.publish(300)
    log.files.write(TREE_HEAD_PATH, head)
    assert parse_signed_head(head).head.size == older
    assert check_remote(log.files, POLICY) == []
