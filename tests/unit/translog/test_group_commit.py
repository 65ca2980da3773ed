"""Entries of many threads share transactions, and none is answered too early."""

import threading
from collections.abc import Sequence

import pytest

from assent.adapters.translog.group_commit import GroupCommit
from assent.testing.log_store import MemoryLogStore
from assent.translog.errors import EntryInvalid, EntryTooLarge, StoreUnavailable
from assent.translog.keeping.sequence import Sequencer


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
