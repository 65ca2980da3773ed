"""Batch the appends of many threads into few transactions.

entry -> Future of its index, set once it is durable

While one transaction is being flushed, the entries that arrive meanwhile gather for the
next; under load a flush is shared by hundreds of entries, and an idle log still answers
after one flush.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from assent.translog.errors import StoreUnavailable
from assent.translog.keeping.sequence import BATCH_BYTES_MAX, check_entry

BATCH_MAX = 4096  # entries in one transaction
BACKLOG_MAX = 65_536  # entries waiting; beyond it `submit` blocks its caller
BACKLOG_BYTES_MAX = 256 * 1024 * 1024  # memory, if they are long: 16 transactions
WAIT_S_MAX = 60.0  # of `submit`, for room; the database has stood still for so long

_Item = tuple[bytes, "Future[int]"]


class GroupCommit:
    """Appends in the background for the threads of one process."""

    def __init__(
        self,
        append: Callable[[Sequence[bytes]], list[int]],
        *,
        backlog_bytes_max: int = BACKLOG_BYTES_MAX,
        wait_s_max: float = WAIT_S_MAX,
    ) -> None:
        """Start; `append` is `Sequencer.append`."""
        self._append = append
        self._backlog_bytes_max = backlog_bytes_max
        self._wait_s_max = wait_s_max
        self._waiting: deque[_Item] = deque()
        self._waiting_bytes = 0
        self._is_closed = False
        lock = threading.Lock()  # nobody keeps it while waiting
        self._has_changed = threading.Condition(lock)
        self._has_room = threading.Condition(lock)
        self._thread = threading.Thread(target=self._run, name="group commit")
        self._thread.start()

    def submit(self, entry: bytes) -> "Future[int]":
        """Return a future of the entry's index; it is set only once it is durable.

        Raises:
            EntryInvalid, EntryTooLarge: if it cannot be logged.
            StoreUnavailable: if this was closed, or too much has waited for too long.

        """
        check_entry(entry)
        future: Future[int] = Future()
        with self._has_room:
            is_free = self._has_room.wait_for(
                lambda: self._is_closed or self._is_room_for(entry), self._wait_s_max
            )
            if self._is_closed:
                raise StoreUnavailable(
                    "The log is being closed.", remedy="Append again once it is open."
                )
            if not is_free:
                raise StoreUnavailable(
                    f"{len(self._waiting):,} entries wait to be appended already.",
                    remedy="See to the database; append again once it answers.",
                )
            self._waiting.append((entry, future))
            self._waiting_bytes += len(entry)
            self._has_changed.notify()
        return future

    def close(self) -> None:
        """Append what is waiting, then stop; callers that wait for room are refused."""
        with self._has_room:
            self._is_closed = True
            self._has_changed.notify()
            self._has_room.notify_all()
        self._thread.join()

    def _is_room_for(self, entry: bytes) -> bool:
        return (
            len(self._waiting) < BACKLOG_MAX
            and self._waiting_bytes + len(entry) <= self._backlog_bytes_max
        )

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)

    def _next_batch(self) -> list[_Item]:
        """Return what waits, once something does; nothing once this is closed."""
        batch: list[_Item] = []
        batch_bytes = 0
        with self._has_changed:
            self._has_changed.wait_for(lambda: self._waiting or self._is_closed)
            while self._waiting and len(batch) < BATCH_MAX:
                batch_bytes += len(self._waiting[0][0])
                if batch_bytes > BATCH_BYTES_MAX:
                    break
                batch.append(self._waiting.popleft())
            self._waiting_bytes -= sum(len(entry) for entry, _ in batch)
            self._has_room.notify_all()
        return batch

    def _commit(self, batch: list[_Item]) -> None:
        # A caller that gave up takes its entry out, unless it is under way already.
        batch = [item for item in batch if item[1].set_running_or_notify_cancel()]
        if not batch:
            return
        try:
            indices = self._append([entry for entry, _ in batch])
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), index in zip(batch, indices, strict=True):
            future.set_result(index)
