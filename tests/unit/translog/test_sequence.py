"""Entries get their places once, in order, for ever, whatever fails in between."""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.own_log import entries

from assent.testing.log_store import MemoryLogStore, MemoryTransaction
from assent.testing.small_log import SmallLog
from assent.translog.errors import (
    EntryInvalid,
    EntryTooLarge,
    LogDamaged,
    StoreUnavailable,
)
from assent.translog.keeping.sequence import (
    BATCH_BYTES_MAX,
    BATCH_ENTRIES_MAX,
    Sequencer,
    entry_key,
    in_batches,
    read_edge,
)
from assent.translog.merkle import Edge, leaf_hash
from assent.translog.ports import LogStore


class FailingStore(MemoryLogStore):
    """A database that fails to commit where it is told to, and calls back then."""

    def __init__(self) -> None:
        """Start without failures."""
        super().__init__()
        self.on_failure: Callable[[], None] | None = None

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Return a transaction, which may fail to commit."""
        on_failure, self.on_failure = self.on_failure, None
        if on_failure is None:
            with super().writing() as transaction:
                yield transaction
            return
        with self.reading() as transaction:
            yield copy.deepcopy(transaction)
        on_failure()
        raise StoreUnavailable("The disk is full.", remedy="Make room.")


def _check_tree(store: LogStore, expected: Sequence[bytes]) -> None:
    """Check everything the database holds against the entries that it should."""
    edge = Edge()
    full = edge.append(leaf_hash(entry) for entry in expected)
    keys = [(entry_key(leaf_hash(entry)), i) for i, entry in enumerate(expected)]
    with store.reading() as transaction:
        assert transaction.entries(0, transaction.size()) == list(expected)
        assert transaction.tiles((-1, 0), 1000) == sorted(
            full, key=lambda tile: (tile.level, tile.index)
        )
        assert transaction.keys((-(2**63), -1), 100_000) == sorted(keys)
        restored = read_edge(transaction)
        assert (restored.size, restored.root()) == (edge.size, edge.root())


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=6))
def test_how_entries_are_batched_does_not_matter(
    batches: list[tuple[int, bool]],
) -> None:
    store = MemoryLogStore()
    sequencer, there = Sequencer(store), 0
    for size, is_reopened in batches:
        if is_reopened:
            sequencer = Sequencer(store)
        batch = entries(there, there + size)
        assert sequencer.append(batch) == list(range(there, there + size))
        there += size
    _check_tree(store, entries(0, there))


@given(st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=8))
def test_an_entry_keeps_the_place_it_got_first(batches: list[list[int]]) -> None:
    store = MemoryLogStore()
    sequencer = Sequencer(store)
    places: dict[bytes, int] = {}
    for numbers in batches:
        batch = [b"%d" % number for number in numbers]
        for entry in batch:
            places.setdefault(entry, len(places))
        assert sequencer.append(batch) == [places[entry] for entry in batch]
    _check_tree(store, list(places))


@pytest.mark.parametrize(
    ("entry", "error"), [(b"", EntryInvalid), (b"x" * 65_536, EntryTooLarge)]
)
def test_one_entry_that_cannot_be_logged_keeps_out_all(
    entry: bytes, error: type[Exception]
) -> None:
    store = MemoryLogStore()
    with pytest.raises(error):
        Sequencer(store).append([b"good", entry])
    _check_tree(store, [])


def test_the_longest_entry_is_logged() -> None:
    store = MemoryLogStore()
    assert Sequencer(store).append([b"x" * 65_535]) == [0]


def test_too_many_entries_at_once_are_refused() -> None:
    store = MemoryLogStore()
    with pytest.raises(EntryTooLarge):
        Sequencer(store).append([b"x"] * (BATCH_ENTRIES_MAX + 1))
    _check_tree(store, [])


LONGEST = [b"%d" % number + b"x" * 65_531 for number in range(1000, 1257)]


def test_too_many_bytes_at_once_are_refused() -> None:
    store = MemoryLogStore()
    with pytest.raises(EntryTooLarge):
        Sequencer(store).append(LONGEST)
    assert len(Sequencer(store).append(LONGEST[:256])) == 256


@given(st.lists(st.sampled_from([1, 5_000, 65_535]), max_size=700))
def test_batches_of_any_entries_are_taken(lengths: list[int]) -> None:
    some = [b"x" * length for length in lengths]
    batches = list(in_batches(some))
    assert [entry for batch in batches for entry in batch] == some
    for batch, following in pairwise(batches):
        assert (
            sum(map(len, batch)) <= BATCH_BYTES_MAX < sum(map(len, batch + following))
        )


def test_batches_of_short_entries_are_no_longer_than_are_taken() -> None:
    some = [b"x"] * (2 * BATCH_ENTRIES_MAX + 1)
    lengths = [len(batch) for batch in in_batches(some)]
    assert lengths == [BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX, 1]


class ReplacedStore(MemoryLogStore):
    """A database that another takes the place of: a fail-over, or a restored backup."""

    def __init__(self) -> None:
        """Start with the first."""
        super().__init__()
        self.now: MemoryLogStore | None = None
        self.is_down = False

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Return a transaction on whichever is there now."""
        if self.is_down:
            raise StoreUnavailable("It moves.", remedy="Ask again.")
        with self.now.writing() if self.now else super().writing() as transaction:
            yield transaction


@pytest.mark.parametrize("size", [1, 3, 255, 256, 257])
def test_another_database_of_the_same_size_is_not_taken_for_the_one_before(
    size: int,
) -> None:
    store, other = ReplacedStore(), MemoryLogStore()
    sequencer = Sequencer(store)
    others = [b"other %d" % number for number in range(size)]
    sequencer.append(entries(0, size))
    Sequencer(other).append(others)
    store.now = other
    assert sequencer.append(entries(size, 300)) == list(range(size, 300))
    _check_tree(other, [*others, *entries(size, 300)])


def test_after_a_database_was_away_nothing_is_known_of_it() -> None:
    store, other = ReplacedStore(), MemoryLogStore()
    sequencer = Sequencer(store)
    sequencer.append([b"lost", b"again"])
    Sequencer(other).append([b"other", b"again"])
    store.is_down = True
    with pytest.raises(StoreUnavailable):
        sequencer.append([b"more"])
    store.now, store.is_down = other, False
    more = [b"%d" % number for number in range(300)]
    sequencer.append(more)
    _check_tree(other, [b"other", b"again", *more])


def test_a_database_that_lost_signed_entries_takes_no_more() -> None:
    store = MemoryLogStore()
    sequencer = Sequencer(store)
    sequencer.append(entries(0, 10))
    with store.writing() as transaction:
        transaction.add_head(SmallLog(entries(0, 11)).signed(), is_published=False)
    with pytest.raises(LogDamaged):
        sequencer.append([b"more"])
    _check_tree(store, entries(0, 10))


@pytest.mark.parametrize("size", [0, 100, 255, 256, 300])
@pytest.mark.parametrize("lost", [1, 100, 300])
def test_a_failed_commit_leaves_nothing_behind(size: int, lost: int) -> None:
    store = FailingStore()
    sequencer = Sequencer(store)
    sequencer.append(entries(0, size))
    store.on_failure = lambda: None
    with pytest.raises(StoreUnavailable):
        sequencer.append([b"lost %d" % number for number in range(lost)])
    sequencer.append(entries(size, size + 300))
    _check_tree(store, entries(0, size + 300))


@pytest.mark.parametrize("size", [0, 200, 255])
def test_as_many_entries_of_another_process_are_not_taken_for_the_lost_ones(
    size: int,
) -> None:
    store = FailingStore()
    sequencer, other = Sequencer(store), Sequencer(store)
    sequencer.append(entries(0, size))

    def both_go_on() -> None:  # before whoever failed hears of it
        other.append(entries(size, size + 3))
        sequencer.append(entries(size + 3, size + 300))

    store.on_failure = both_go_on
    with pytest.raises(StoreUnavailable):
        sequencer.append([b"lost 1", b"lost 2", b"lost 3"])
    _check_tree(store, entries(0, size + 300))


def test_entries_that_were_given_up_can_be_appended_again() -> None:
    store = FailingStore()
    sequencer = Sequencer(store)
    store.on_failure = lambda: None
    with pytest.raises(StoreUnavailable):
        sequencer.append([b"a", b"b"])
    assert sequencer.append([b"b", b"a"]) == [0, 1]


def test_keys_fill_the_signed_integers_of_databases() -> None:
    assert entry_key(b"\x00" * 32) == 0
    assert entry_key(b"\x7f" + b"\xff" * 31) == 2**63 - 1
    assert entry_key(b"\x80" + b"\x00" * 31) == -(2**63)
    assert entry_key(b"\xff" * 32) == -1
