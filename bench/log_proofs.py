"""How long does a proof take from a large log on disk?

a log of a million entries, in each contestant's own storage -> seconds a proof

Where pymerkle takes too long to build its tree, it proves from a smaller one, and the
table says so. tlog-scales reads the files that assent published.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from bench.race import OURS, Race, each_in_turns, race_table
from bench.sample_log import BATCH, TIME_S, entries, open_store, publisher
from bench.scratch import scratch
from bench.table import Table
from pymerkle import InmemoryTree, SqliteTree
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TileCache, TilesReader

from assent.translog.keeping.prove import TILES_KEPT_MAX, Prover
from assent.translog.keeping.sequence import Sequencer

SIZE = 1_000_000
PROOFS = 2_000
KEPT = 300  # entries whose tiles all fit the caches
BUILD_S_MAX = 60.0
TARGET_S = 60e-6
ON_DISK, IN_MEMORY, TLOG_SCALES = "pymerkle, SQLite", "pymerkle, memory", "tlog-scales"

Prove: TypeAlias = Callable[[int], object]  # of an index, or from an older size


def log_proofs(size: int = SIZE) -> Table:
    """Race inclusion and consistency proofs from the log."""
    with scratch() as folder, ExitStack() as stack:
        prover = stack.enter_context(_assent(folder, size))
        trees = {
            ON_DISK: stack.enter_context(SqliteTree(str(folder / "pymerkle"))),
            IN_MEMORY: InmemoryTree(),
        }
        for tree in trees.values():
            _grow(tree, size)
        reader = TilesReader(LocalBackend(folder / "public"))
        reader.tile_cache = TileCache(max_size=TILES_KEPT_MAX)  # its own holds 32
        sizes = {name: tree.get_size() for name, tree in trees.items()}
        roots = {name: tree.get_root() for name, tree in trees.items()}
        roots[TLOG_SCALES] = reader.get_checkpoint().root_hash
        for name, root in roots.items():
            if root != prover.root(sizes.get(name, size)):
                raise ValueError(f"{name} has another root")
        return race_table(
            f"Proofs from a log of {size:,} entries",
            (ON_DISK, IN_MEMORY, TLOG_SCALES),
            _races(prover, trees, reader, size),
            _notes(size, sizes),
        )


def _races(
    prover: Prover, trees: Mapping[str, Any], reader: TilesReader, size: int
) -> Iterator[Race]:
    draw = random.Random(1)  # noqa: S311 - the same sample every time
    inclusion: dict[str, Prove] = {
        OURS: lambda index: prover.inclusion(index, size),
        TLOG_SCALES: lambda index: reader.get_inclusion_proof(index, size),
    } | {name: _inclusion_of(tree) for name, tree in trees.items()}
    consistency: dict[str, Prove] = {
        OURS: lambda old: prover.consistency(old, size),
        TLOG_SCALES: lambda old: reader.get_consistency_proof(old, size),
    } | {name: _consistency_of(tree) for name, tree in trees.items()}
    anywhere = [draw.randrange(1, size) for _ in range(2 * PROOFS)]
    warm_up, cases = anywhere[:PROOFS], anywhere[PROOFS:]
    for what, contestants in (
        ("inclusion, any entry", inclusion),
        ("consistency, from any older size", consistency),
    ):
        figures = each_in_turns(contestants, cases, warm_up=warm_up)
        yield Race(what=what, figures=figures, target=TARGET_S)
    again = cases[:KEPT]
    figures = each_in_turns(inclusion, again, warm_up=again)
    yield Race(
        what=f"inclusion, {KEPT} entries again", figures=figures, target=TARGET_S
    )
    whole = {OURS: lambda index: prover.proof(index).encoded}
    figures = each_in_turns(whole, cases, warm_up=warm_up)
    yield Race(what="a whole .tlog-proof, any entry", figures=figures)


@contextmanager
def _assent(folder: Path, size: int) -> Iterator[Prover]:
    """Append, publish, and give the prover of what is in the database."""
    with open_store(folder / "log.db") as store:
        sequencer = Sequencer(store)
        for start in range(0, size, BATCH):
            sequencer.append(entries(start, min(start + BATCH, size)))
        publisher(store, folder / "public").publish(TIME_S)
        yield Prover(store)


def _grow(tree: Any, size: int) -> None:  # noqa: ANN401 - pymerkle has no types
    """Append entries until the tree has its size, or time is up."""
    start_s = perf_counter()
    for start in range(0, size, BATCH):
        if perf_counter() - start_s > BUILD_S_MAX:
            return
        tree.append_entries(entries(start, min(start + BATCH, size)))


def _inclusion_of(tree: Any) -> Prove:  # noqa: ANN401 - likewise
    size = tree.get_size()
    return lambda index: tree.prove_inclusion(index % size + 1)


def _consistency_of(tree: Any) -> Prove:  # noqa: ANN401 - likewise
    size = tree.get_size()
    return lambda old: tree.prove_consistency(old % size + 1)


def _notes(size: int, sizes: Mapping[str, int]) -> list[str]:
    notes = [
        f"""\
Each contestant made {PROOFS:,} proofs before. assent keeps the {TILES_KEPT_MAX:,} tiles
read last, of {size // 256:,}; tlog-scales was given a cache of as many, in which a tile
has no hashes but those at its bottom. pymerkle keeps no inner hashes on disk and many
of them once they were computed; in memory it holds the whole tree, and loses it with
the process."""
    ]
    notes += [
        f"{name} stopped at {found:,} entries, after {BUILD_S_MAX:.0f} s."
        for name, found in sizes.items()
        if found < size
    ]
    return notes
