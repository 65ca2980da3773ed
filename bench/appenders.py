"""Who takes part in the races of appends: assent, pymerkle and tlog-scales.

place -> what appends batches to an empty log there

Each appends in its own quickest documented way. pymerkle has a bulk operation on its
SQLite tree. tlog-scales commits a batch; superseded partial tiles are cleaned up once
a round instead of at every commit, which spares it to list all of its files each time.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from bench.sample_log import KEY, ORIGIN, SEED, TIME_S, open_store, publisher
from pymerkle import SqliteTree
from tlog_scales.signing import PlainEd25519Signer
from tlog_scales.writer import TilesWriter

from assent.adapters.translog.group_commit import GroupCommit
from assent.translog.keeping.sequence import Sequencer

THREADS = 64
_PAGE = bytes(4096)
Batches: TypeAlias = list[list[bytes]]
Append: TypeAlias = Callable[[Batches], object]


@contextmanager
def assent(place: str | Path) -> Iterator[Append]:
    """Append each batch in a transaction; `place` is a path, or PostgreSQL's URL."""
    with open_store(place) as store:
        sequencer = Sequencer(store)
        yield lambda batches: [sequencer.append(batch) for batch in batches]


@contextmanager
def assent_public(place: Path) -> Iterator[Append]:
    """Append each batch and publish it: its tiles and a signed tree head."""
    place.mkdir()
    with open_store(place / "log.db") as store:
        sequencer, publish = (
            Sequencer(store),
            publisher(store, place / "public").publish,
        )

        def append(batches: Batches) -> None:
            for batch in batches:
                sequencer.append(batch)
                publish(TIME_S)

        yield append


@contextmanager
def assent_threads(place: str | Path) -> Iterator[Append]:
    """Append the entries of each batch one by one, in a thread for each batch."""
    with open_store(place) as store:
        group = GroupCommit(Sequencer(store).append)
        try:
            with _in_threads(lambda entry: group.submit(entry).result()) as append:
                yield append
        finally:
            group.close()


@contextmanager
def pymerkle(place: Path) -> Iterator[Append]:
    """Append each batch by pymerkle's bulk operation, one entry by the single one."""
    with SqliteTree(str(place)) as tree:

        def append(batches: Batches) -> None:
            for batch in batches:
                if len(batch) == 1:
                    tree.append_entry(batch[0])
                else:
                    tree.append_entries(batch)

        yield append


@contextmanager
def pymerkle_threads(place: Path) -> Iterator[Append]:
    """Append the entries of each batch one by one, in a thread for each batch."""
    with SqliteTree(str(place)) as tree, _in_threads(tree.append_entry) as append:
        yield append


@contextmanager
def tlog_scales(place: Path) -> Iterator[Append]:
    """Commit each batch, which publishes it."""
    writer = TilesWriter.create(place, ORIGIN)
    signer = PlainEd25519Signer(KEY.name, SEED)

    def append(batches: Batches) -> None:
        for batch in batches:
            for entry in batch:
                writer.add_leaf(entry)
            writer.commit([signer], gc=False)
        writer.gc()

    yield append


@contextmanager
def flush_only(place: Path) -> Iterator[Append]:
    """Write 4 KiB for each batch and flush them: nobody durable can be quicker."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT)

    def append(batches: Batches) -> None:
        for _ in batches:
            os.write(descriptor, _PAGE)
            os.fdatasync(descriptor)

    try:
        yield append
    finally:
        os.close(descriptor)


@contextmanager
def _in_threads(submit: Callable[[bytes], object]) -> Iterator[Append]:
    """Give what hands each batch to a thread, which waits for entry after entry."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield lambda batches: list(
            pool.map(lambda batch: [submit(entry) for entry in batch], batches)
        )
