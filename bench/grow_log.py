"""Append, publish and prove in a process that does nothing else, and tell how it went.

folder, size -> lines of JSON on standard output, one after each million and each stage

`log_scale` runs it, so that the memory it needs is the log's own and Python's.
"""

import json
import random
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.sample_log import BATCH, TIME_S, open_store, publisher, short_entries
from bench.scratch import bytes_on_disk

from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import Sequencer
from assent.translog.merkle import leaf_hash, verify_inclusion
from assent.translog.ports import LogStore

STEPS = 10
PROOFS = 2_000


def main() -> None:
    """Do all stages in the folder that the command line names."""
    folder, size = Path(sys.argv[1]), int(sys.argv[2])
    _tell("start")
    with open_store(folder / "log.db") as store:
        for step in range(STEPS):
            start, end = size * step // STEPS, size * (step + 1) // STEPS
            seconds = _append(store, start, end)
            _tell("append", size=end, seconds=seconds, rate=(end - start) / seconds)
        start_s = perf_counter()
        publisher(store, folder / "public").publish(TIME_S)
        _tell("publish", seconds=perf_counter() - start_s)
        _tell("prove", seconds=_prove(store, size))
    _tell(
        "disk",
        database=bytes_on_disk(folder / "log.db"),
        public=bytes_on_disk(folder / "public"),
    )


def _append(store: LogStore, start: int, end: int) -> float:
    """Return the seconds of appending, without those of making up entries."""
    sequencer = Sequencer(store)
    seconds = 0.0
    for first in range(start, end, BATCH):
        batch = short_entries(first, min(first + BATCH, end))
        start_s = perf_counter()
        sequencer.append(batch)
        seconds += perf_counter() - start_s
    return seconds


def _prove(store: LogStore, size: int) -> float:
    """Return the median seconds of proving any entry; every proof is verified."""
    prover = Prover(store)
    root = prover.root(size)
    draw = random.Random(1)  # noqa: S311 - the same sample every time
    durations = []
    for _ in range(PROOFS):
        index = draw.randrange(size)
        start_s = perf_counter()
        proof = prover.inclusion(index, size)
        durations.append(perf_counter() - start_s)
        (entry,) = short_entries(index, index + 1)
        verify_inclusion(index, size, leaf_hash(entry), proof, root)
    return median(durations)


def _tell(stage: str, **figures: float) -> None:
    print(json.dumps({"stage": stage, "peak": _peak_bytes(), **figures}), flush=True)


def _peak_bytes() -> int:
    """Return the most memory that this process ever held.

    Not what getrusage says: there a process starts with what its parent held.
    """
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
