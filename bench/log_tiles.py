"""How long does it take to publish a log as static files, and are they the same files?

a million entries -> seconds of assent, of tlog-scales; every file of both, compared

Both flush each file and its folder, sign with the same key and ask no witness.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.race import OURS, Race, race_table
from bench.sample_log import (
    BATCH,
    KEY,
    ORIGIN,
    SEED,
    TIME_S,
    entries,
    open_store,
    publisher,
)
from bench.scratch import files_below, scratch
from bench.table import WORSE, Table
from tlog_scales.signing import PlainEd25519Signer
from tlog_scales.writer import TilesWriter

from assent.translog.keeping.sequence import Sequencer

SIZE = 1_000_000
MORE = 1_000  # entries that a log of that size publishes at once
ROUNDS = 3
TLOG_SCALES = "tlog-scales"
_NOTE = """\
tlog-scales hashes, writes and signs in one commit, so the same commit stands in the
first two rows; it keeps nothing else. assent has hashed at appending and publishes from
its database, which it also flushes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Seconds of each stage of a log's life."""

    append_s: float = 0.0
    publish_s: float
    more_s: float
    files: int


def log_tiles(size: int = SIZE) -> Table:
    """Race the publication of a whole log and of some more entries."""
    ours: list[Timed] = []
    theirs: list[Timed] = []
    differing: set[str] = set()
    for number in range(ROUNDS):
        with scratch() as folder:
            rounds = [_assent, _tlog_scales]
            for run in rounds if number % 2 else reversed(rounds):
                (ours if run is _assent else theirs).append(run(folder, size))
            differing |= _differing(folder / "assent" / "public", folder / "theirs")
    return race_table(
        f"Publishing {size:,} entries into a folder",
        (TLOG_SCALES,),
        _races(ours, theirs, size),
        (_NOTE, _compared(differing, ours[0].files)),
    )


def _races(ours: list[Timed], theirs: list[Timed], size: int) -> list[Race]:
    publish_s = median(timed.publish_s for timed in ours)
    both_s = median(timed.append_s + timed.publish_s for timed in ours)
    commit_s = median(timed.publish_s for timed in theirs)
    return [
        Race(
            what=f"publish {size:,} entries",
            figures={OURS: publish_s, TLOG_SCALES: commit_s},
        ),
        Race(
            what=f"append and publish {size:,} entries",
            figures={OURS: both_s, TLOG_SCALES: commit_s},
        ),
        Race(
            what="tiles and bundles published",
            figures={
                OURS: ours[0].files / publish_s,
                TLOG_SCALES: theirs[0].files / commit_s,
            },
            is_rate=True,
        ),
        Race(
            what=f"append and publish {MORE:,} entries more",
            figures={
                OURS: median(timed.more_s for timed in ours),
                TLOG_SCALES: median(timed.more_s for timed in theirs),
            },
        ),
    ]


def _assent(folder: Path, size: int) -> Timed:
    place = folder / "assent"
    place.mkdir()
    batches = [
        entries(start, min(start + BATCH, size)) for start in range(0, size, BATCH)
    ]
    more = entries(size, size + MORE)
    with open_store(place / "log.db") as store:
        sequencer, publish = (
            Sequencer(store),
            publisher(store, place / "public").publish,
        )
        start_s = perf_counter()
        for batch in batches:
            sequencer.append(batch)
        appended_s = perf_counter()
        publish(TIME_S)
        published_s = perf_counter()
        files = len(files_below(place / "public"))
        again_s = perf_counter()
        sequencer.append(more)
        publish(TIME_S)
        return Timed(
            append_s=appended_s - start_s,
            publish_s=published_s - appended_s,
            more_s=perf_counter() - again_s,
            files=files,
        )


def _tlog_scales(folder: Path, size: int) -> Timed:
    place = folder / "theirs"
    writer = TilesWriter.create(place, ORIGIN)
    signer = PlainEd25519Signer(KEY.name, SEED)
    leaves, more = entries(0, size), entries(size, size + MORE)
    start_s = perf_counter()
    for leaf in leaves:
        writer.add_leaf(leaf)
    writer.commit([signer])
    published_s = perf_counter()
    files = len(files_below(place))
    again_s = perf_counter()
    for leaf in more:
        writer.add_leaf(leaf)
    writer.commit([signer])
    return Timed(
        publish_s=published_s - start_s, more_s=perf_counter() - again_s, files=files
    )


def _differing(ours: Path, theirs: Path) -> set[str]:
    """Return the paths of files that are not the same in both folders."""
    mine, other = files_below(ours), files_below(theirs)
    return {
        path for path in mine.keys() | other.keys() if mine.get(path) != other.get(path)
    }


def _compared(differing: set[str], files: int) -> str:
    if not differing:
        return f"""\
All {files:,} files, and those after {MORE:,} entries more, are byte for byte the ones
that tlog-scales writes, the signed tree head among them."""
    shown = ", ".join(sorted(differing)[:5])
    return f"{WORSE} {len(differing):,} files are not those of tlog-scales: {shown}."
