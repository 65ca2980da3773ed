"""Entries of many threads share transactions, and none is answered too early."""

import threading
from collections.abc import Sequence
from contextlib import closing

import pytest

from assent.adapters.translog.group_commit import GroupCommit
from assent.testing.log_store import MemoryLogStore
from assent.translog.errors import EntryInvalid, EntryTooLarge, StoreUnavailable
from assent.translog.keeping.sequence import BATCH_BYTES_MAX, Sequencer


def test_entries_that_arrive_during_a_commit_share_the_next() -> None:
    sequencer, batches = Sequencer(MemoryLogStore()), []
    may_commit = threading.Event()

    def append(entries: Sequence[bytes]) -> list[int]:
        may_commit.wait(timeout=10)
        batches.append(len(entries))
        return sequencer.append(entries)

    group = GroupCommit(append)
    futures = [group.submit(b"%d" % number) for number in range(500)]
    assert not any(future.done() for future in futures)
    may_commit.set()
    assert [future.result(timeout=10) for future in futures] == list(range(500))
    group.close()
    assert len(batches) <= 3
    assert sum(batches) == 500


def test_a_failed_commit_fails_those_who_wait_for_it_and_no_others() -> None:
    sequencer, is_failing = Sequencer(MemoryLogStore()), threading.Event()

    def append(entries: Sequence[bytes]) -> list[int]:
        if is_failing.is_set():
            raise StoreUnavailable("The disk is full.", remedy="Make room.")
        return sequencer.append(entries)

    group = GroupCommit(append)
    assert group.submit(b"before").result(timeout=10) == 0
    is_failing.set()
    failed = group.submit(b"lost")
    with pytest.raises(StoreUnavailable):
        failed.result(timeout=10)
    is_failing.clear()
    assert group.submit(b"lost").result(timeout=10) == 1
    group.close()


def test_what_cannot_be_an_entry_is_refused_at_once() -> None:
    group = GroupCommit(Sequencer(MemoryLogStore()).append)
    with pytest.raises(EntryInvalid):
        group.submit(b"")
    with pytest.raises(EntryTooLarge):
        group.submit(b"x" * 65_536)
    assert group.submit(b"x" * 65_535).result(timeout=10) == 0
    group.close()


def test_closing_appends_what_waits_and_refuses_what_comes() -> None:
    store = MemoryLogStore()
    group = GroupCommit(Sequencer(store).append)
    futures = [group.submit(b"%d" % number) for number in range(50)]
    group.close()
    assert sorted(future.result(timeout=0) for future in futures) == list(range(50))
    with pytest.raises(StoreUnavailable):
        group.submit(b"late")


class StuckDatabase:
    """A database that stands still until it is let go on."""

    def __init__(self) -> None:
        """Stand still."""
        self.is_asked, self.may_go_on = threading.Event(), threading.Event()
        self.batches: list[int] = []
        self._sequencer = Sequencer(MemoryLogStore())

    def append(self, entries: Sequence[bytes]) -> list[int]:
        """Append once it may."""
        self.is_asked.set()
        assert self.may_go_on.wait(timeout=10), "never let go on"
        self.batches.append(sum(map(len, entries)))
        return self._sequencer.append(entries)


def test_a_transaction_of_the_longest_entries_stays_short() -> None:
    database = StuckDatabase()
    longest = [b"%d" % number + b"x" * 65_531 for number in range(1000, 1600)]
    with closing(GroupCommit(database.append)) as group:
        futures = [group.submit(entry) for entry in longest]
        database.may_go_on.set()
        assert [future.result(timeout=10) for future in futures] == list(range(600))
    assert max(database.batches) <= BATCH_BYTES_MAX


def test_a_backlog_of_too_many_bytes_is_waited_for() -> None:
    database = StuckDatabase()
    made = GroupCommit(database.append, backlog_bytes_max=100, wait_s_max=0.05)
    with closing(made) as group:
        futures = [group.submit(b"first")]
        assert database.is_asked.wait(timeout=10)
        futures += [group.submit(b"x" * 60), group.submit(b"y" * 40)]
        with pytest.raises(StoreUnavailable, match="2 entries wait"):
            group.submit(b"z")
        database.may_go_on.set()
        assert [future.result(timeout=10) for future in futures] == [0, 1, 2]
        assert group.submit(b"z").result(timeout=10) == 3


def test_who_waits_for_room_holds_up_neither_closing_nor_others() -> None:
    database = StuckDatabase()
    group = GroupCommit(database.append, backlog_bytes_max=100)
    group.submit(b"first")
    assert database.is_asked.wait(timeout=10)
    group.submit(b"x" * 90)
    refused = threading.Event()

    def submit_more() -> None:
        with pytest.raises(StoreUnavailable, match="closed"):
            group.submit(b"y" * 90)
        refused.set()

    waiting = threading.Thread(target=submit_more)
    closing_soon = threading.Thread(target=group.close)
    waiting.start()
    assert group.submit(b"short").cancel()
    closing_soon.start()
    try:
        assert refused.wait(timeout=5)
    finally:
        database.may_go_on.set()
        closing_soon.join(timeout=10)
    assert not closing_soon.is_alive()
