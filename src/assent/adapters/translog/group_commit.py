"""Batch the appends of many threads into few transactions.

entry -> Future of its index, set once it is durable

While one transaction is being flushed, the entries that arrive meanwhile gather for the
next; under load a flush is shared by hundreds of entries, and an idle log still answers
after one flush.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from assent.translog.errors import StoreUnavailable
from assent.translog.keeping.sequence import check_entry

BATCH_MAX = 4096  # entries in one transaction
BACKLOG_MAX = 65_536  # entries waiting; beyond it `submit` blocks its caller

_Item = tuple[bytes, "Future[int]"]


class GroupCommit:
    """Appends in the background for the threads of one process."""

    def __init__(self, append: Callable[[Sequence[bytes]], list[int]]) -> None:
        """Start; `append` is `Sequencer.append`."""
        self._append = append
        self._waiting: queue.Queue[_Item | None] = queue.Queue(BACKLOG_MAX)
        self._gate = threading.Lock()  # nothing may slip in behind the last item
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="group commit")
        self._thread.start()

    def submit(self, entry: bytes) -> "Future[int]":
        """Return a future of the entry's index; it is set only once it is durable.

        Raises:
            EntryInvalid, EntryTooLarge: if it cannot be logged.
            StoreUnavailable: if this was closed.

        """
        check_entry(entry)
        future: Future[int] = Future()
        with self._gate:
            if self._is_closed:
                raise StoreUnavailable(
                    "The log is being closed.", remedy="Append again once it is open."
                )
            self._waiting.put((entry, future))
        return future

    def close(self) -> None:
        """Append what is waiting, then stop."""
        with self._gate:
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            item = self._waiting.get()
            batch: list[_Item] = []
            while item is not None:
                batch.append(item)
                if len(batch) == BATCH_MAX:
                    break
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
            is_open = item is not None
            self._commit(batch)

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
