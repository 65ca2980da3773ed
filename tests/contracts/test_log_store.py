"""What every database of a log must do, on the fake and on the real ones."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.store.sqlite import SqliteLogStore
from assent.testing.log_store import MemoryLogStore
from assent.translog.errors import LogDamaged, StoreUnavailable, WrongOrigin
from assent.translog.formats.keys import KeyKind, make_signing_key
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.keeping.sequence import Sequencer, entry_key
from assent.translog.merkle import Edge, leaf_hash
from assent.translog.ports import KeptHead, LogStore
from assent.vocabulary import InputError, NotFound

ORIGIN = "agency.example/log"
KEY = make_signing_key(ORIGIN, KeyKind.ED25519, b"s" * 32)
Reopen = Callable[[], LogStore]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the same database again, as another process would."""
    if request.param == "memory":
        memory = MemoryLogStore()
        yield lambda: memory
        return
    place = str(tmp_path / "log.db")
    if request.param == "postgresql":
        place = request.getfixturevalue("postgresql_url")
    opened = [open_log_store(place, ORIGIN, create=True)]

    def open_again() -> LogStore:
        opened.append(open_log_store(place, ORIGIN))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


def _entries(start: int, end: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(start, end)]


def _signed(size: int, note: str = "") -> SignedTreeHead:
    extensions = (note,) if note else ()
    return sign_tree_head(TreeHead(ORIGIN, size, b"r" * 32, extensions), [KEY], 1)


def test_entries_keep_their_order_and_their_bytes(reopen: Reopen) -> None:
    assert Sequencer(reopen()).append(_entries(0, 700)) == list(range(700))
    with reopen().reading() as transaction:
        assert transaction.size() == 700
        assert transaction.entries(0, 700) == _entries(0, 700)
        assert transaction.entries(255, 257) == _entries(255, 257)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_the_tree_is_the_same_after_opening_again(reopen: Reopen, size: int) -> None:
    for start in range(0, size, 100):
        Sequencer(reopen()).append(_entries(start, min(start + 100, size)))
    expected = Edge()
    full = expected.append(leaf_hash(entry) for entry in _entries(0, size))
    with reopen().reading() as transaction:
        for tile in full:
            assert transaction.tile_nodes(tile.level, tile.index) == tile.nodes
        roots = transaction.tile_roots(0, 0, size // 256)
        assert roots == [tile.root for tile in full if tile.level == 0]
        with pytest.raises(LogDamaged):
            transaction.tile_nodes(0, size // 256)


def test_an_entry_is_logged_once(reopen: Reopen) -> None:
    first = Sequencer(reopen()).append([b"a", b"b", b"a"])
    again = Sequencer(reopen()).append([b"c", b"b", b"c", b"d"])
    assert (first, again) == ([0, 1, 0], [2, 1, 2, 3])


def test_entries_with_one_key_are_told_apart(reopen: Reopen) -> None:
    store = reopen()
    key = int.from_bytes(leaf_hash(b"wanted")[:8], "big", signed=True)
    with store.writing() as transaction:
        transaction.add_entries(0, [(key, b"another entry")])
    assert Sequencer(store).append([b"wanted"]) == [1]
    assert Sequencer(store).append([b"wanted"]) == [1]


def _write_and_fail(store: LogStore) -> None:
    with store.writing() as transaction:
        transaction.add_entries(300, [(1, b"lost")])
        transaction.add_head(_signed(301), is_published=True)
        raise ZeroDivisionError


def test_an_error_inside_a_transaction_undoes_it(reopen: Reopen) -> None:
    store = reopen()
    sequencer = Sequencer(store)
    sequencer.append(_entries(0, 300))
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(store)
    with reopen().reading() as transaction:
        assert transaction.size() == 300
        assert transaction.newest_head() is None
    assert sequencer.append([b"next"]) == [300]


def test_two_sequencers_take_turns(reopen: Reopen) -> None:
    stores = [reopen(), reopen()]
    sequencers = [Sequencer(store) for store in stores]
    found: list[int] = []

    def append(mine: Sequencer, name: bytes) -> None:
        for number in range(40):
            found.extend(mine.append([b"%s %d" % (name, number), b"both %d" % number]))

    threads = [
        threading.Thread(target=append, args=(sequencer, b"%d" % i))
        for i, sequencer in enumerate(sequencers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].reading() as transaction:
        assert transaction.size() == 120
        assert len(set(transaction.entries(0, 120))) == 120
    assert sorted(set(found)) == list(range(120))


def test_tree_heads_are_kept_by_size(reopen: Reopen) -> None:
    with reopen().reading() as transaction:
        assert transaction.newest_head() is None
        assert transaction.published_head() is None
    with reopen().writing() as transaction:
        transaction.add_head(_signed(5), is_published=True)
        transaction.add_head(_signed(9), is_published=False)
    with reopen().reading() as transaction:
        assert transaction.newest_head() == _signed(9)
        assert transaction.published_head() == _signed(5)


def test_only_a_published_tree_head_takes_the_place_of_another(reopen: Reopen) -> None:
    with reopen().writing() as transaction:
        transaction.add_head(_signed(9), is_published=False)
        transaction.add_head(_signed(9, "signed again"), is_published=False)
        assert transaction.newest_head() == _signed(9)
        transaction.add_head(_signed(9, "published"), is_published=True)
        transaction.add_head(_signed(9, "signed again"), is_published=False)
    with reopen().reading() as transaction:
        assert transaction.published_head() == _signed(9, "published")
        assert transaction.newest_head() == _signed(9, "published")


def test_what_is_kept_can_be_paged_through(reopen: Reopen) -> None:
    store, tree = reopen(), Edge()
    Sequencer(store).append(_entries(0, 1000))
    full = tree.append(leaf_hash(entry) for entry in _entries(0, 1000))
    with store.writing() as transaction:
        for size in (0, 7, 1000):
            transaction.add_head(_signed(size), is_published=size == 7)
    with reopen().reading() as transaction:
        heads = [KeptHead(n, _signed(n).encoded, n == 7) for n in (0, 7, 1000)]
        assert transaction.heads(-1, 10) == heads
        assert transaction.heads(0, 1) == heads[1:2]
        assert transaction.tiles((0, -1), 10) == full
        assert transaction.tiles((0, 1), 1) == full[2:]
        assert transaction.tiles((0, 2), 1) == []
        rows: list[tuple[int, int]] = []
        last = (-(2**63), -1)
        while page := transaction.keys(last, 300):
            rows, last = [*rows, *page], page[-1]
    keys = [entry_key(leaf_hash(entry)) for entry in _entries(0, 1000)]
    assert rows == sorted((key, index) for index, key in enumerate(keys))


def test_the_keys_of_many_entries_are_found_wherever_they_are_kept(
    reopen: Reopen,
) -> None:
    entries = _entries(0, 5000)
    sequencer = Sequencer(reopen())
    for start in range(0, 5000, 700):
        sequencer.append(entries[start : start + 700])
    keys = [entry_key(leaf_hash(entry)) for entry in entries]
    rows = sorted((key, index) for index, key in enumerate(keys))
    assert Sequencer(reopen()).append(entries) == list(range(5000))
    with reopen().writing() as transaction:
        assert sorted(transaction.indices_of(keys)) == rows
        assert transaction.keys((-(2**63), -1), 5000) == rows
        transaction.remove_keys(rows[:3000])
        assert sorted(transaction.indices_of(keys)) == rows[3000:]


def test_keys_can_be_removed_and_added(reopen: Reopen) -> None:
    Sequencer(reopen()).append([b"a", b"b"])
    a, b = (entry_key(leaf_hash(entry)) for entry in (b"a", b"b"))
    with reopen().writing() as transaction:
        transaction.remove_keys([(a, 0), (b, 7)])
        assert transaction.indices_of([a, b]) == [(b, 1)]
        transaction.add_keys([(a, 5), (a, 0)])
    with reopen().reading() as transaction:
        assert sorted(transaction.indices_of([a])) == [(a, 0), (a, 5)]


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogStore]:
    """Return an empty log's database that outlives the process."""
    place = str(tmp_path / "log.db")
    if request.param == "postgresql":
        place = request.getfixturevalue("postgresql_url")
    with closing(open_log_store(place, ORIGIN, create=True)) as store:
        yield store


def test_nothing_is_written_or_read_after_closing(kept: LogStore) -> None:
    Sequencer(kept).append([b"a"])
    kept.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        Sequencer(kept).append([b"b"])
    with pytest.raises(StoreUnavailable, match="closed"), kept.reading():
        pass


def _write_within(store: LogStore) -> None:
    with store.writing() as transaction:
        transaction.add_entries(0, [(1, b"a")])
        with store.writing():
            pass


def test_a_thread_that_writes_cannot_write_inside(kept: LogStore) -> None:
    with pytest.raises(StoreUnavailable, match="same thread"):
        _write_within(kept)
    assert Sequencer(kept).append([b"b"]) == [0]


def test_a_number_beyond_64_bits_is_refused(kept: LogStore) -> None:
    with pytest.raises(InputError), kept.writing() as transaction:
        transaction.add_keys([(1, 2**63)])
    with kept.reading() as transaction:
        assert transaction.keys((0, 0), 1) == []


def test_a_database_belongs_to_one_log(tmp_path: Path) -> None:
    place = str(tmp_path / "log.db")
    with pytest.raises(NotFound):
        open_log_store(place, ORIGIN)
    open_log_store(place, ORIGIN, create=True).close()
    with pytest.raises(WrongOrigin):
        open_log_store(place, "other.example/log", create=True)


def test_a_postgresql_database_belongs_to_one_log(postgresql_url: str) -> None:
    with pytest.raises(NotFound):
        open_log_store(postgresql_url, ORIGIN)
    open_log_store(postgresql_url, ORIGIN, create=True).close()
    with pytest.raises(WrongOrigin):
        open_log_store(postgresql_url, "other.example/log", create=True)


def test_a_server_that_is_gone_is_an_error_without_the_password(tmp_path: Path) -> None:
    place = f"postgresql://user:open-sesame@/postgres?host={tmp_path}"
    with pytest.raises(StoreUnavailable) as caught:
        open_log_store(place, ORIGIN)
    assert "open-sesame" not in str(caught.value)


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LogDamaged):
        open_log_store(str(tmp_path / "log.db"), ORIGIN)


def test_a_flushed_commit_is_what_an_answer_means(tmp_path: Path) -> None:
    store = open_log_store(str(tmp_path / "log.db"), ORIGIN, create=True)
    assert isinstance(store, SqliteLogStore)
    connection = store._writer  # noqa: SLF001 - the setting is on the connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()
