"""How many entries a second does a log take, each durable before it is acknowledged?

the same entries to assent, pymerkle and tlog-scales -> appends a second

For each kind of append everybody starts an empty log.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from bench import appenders
from bench.appenders import THREADS, Append
from bench.own_postgresql import MissingServer, own_postgresql
from bench.race import OURS, Race, in_turns, race_table
from bench.sample_log import entries_in_batches
from bench.scratch import flush_s, scratch
from bench.table import Table

from assent.vocabulary import ComponentMissing

PYMERKLE, TLOG_SCALES = "pymerkle", "tlog-scales"
_NOTES = (
    """\
pymerkle keeps entries and leaf hashes in SQLite, with SQLite's own settings: a rollback
journal and `synchronous=FULL`. Every commit is flushed, but not the removal of its
journal, so a power cut may take back the last one. It logs an entry again whenever it
is given, and has no tiles, tree heads or witnesses.""",
    """\
tlog-scales writes static files and a signed tree head at every commit, each flushed
with its folder; it cannot append without publishing. It logs repeated entries again,
collects no cosignatures, is not made for several threads, and says of itself that it is
not yet safe against crashes.""",
    """\
assent looks every entry up and logs it once; entries, tiles and what finds them again
are written in one transaction. “Published” adds the files and a signed tree head, which
is kept before and after it is shown to witnesses; none was asked.""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way to append: how many entries at once, and how many in a round."""

    what: str
    batch: int
    a_round: int
    target: float | None = None


KINDS = (
    Kind(what="one at a time", batch=1, a_round=300, target=800),
    Kind(what="in batches of 64", batch=64, a_round=3_200),
    Kind(what="in batches of 1,024", batch=1024, a_round=32_768, target=40_000),
)
BY_THREADS = Kind(what=f"one at a time by {THREADS} threads", batch=64, a_round=4_096)


def log_appends() -> Table:
    """Race all kinds of appends, on SQLite and on PostgreSQL."""
    with scratch() as folder:
        flush = flush_s(folder)
        races = _on_sqlite(folder)
    flushing = f"""\
Flushing 4 KiB to this disk takes {flush * 1e6:,.0f} µs; whoever flushes each entry
appends at most {1 / flush:,.0f} a second."""
    notes = [flushing, *_NOTES]
    try:
        with own_postgresql() as create:
            races += _on_postgresql(create)
    except (MissingServer, ComponentMissing) as error:
        notes.append(f"PostgreSQL was not measured here: {error}.")
    return race_table("Durable appends", (PYMERKLE, TLOG_SCALES), races, notes)


def _on_sqlite(folder: Path) -> list[Race]:
    races = []
    for kind in KINDS:
        contestants = {
            OURS: appenders.assent(folder / f"assent-{kind.batch}"),
            PYMERKLE: appenders.pymerkle(folder / f"pymerkle-{kind.batch}"),
            TLOG_SCALES: appenders.tlog_scales(folder / f"tlog-scales-{kind.batch}"),
        }
        races.append(_race(f"{kind.what}, SQLite", kind, contestants, kind.target))
    threads = {
        OURS: appenders.assent_threads(folder / "assent-threads"),
        PYMERKLE: appenders.pymerkle_threads(folder / "pymerkle-threads"),
    }
    races.append(_race(f"{BY_THREADS.what}, SQLite", BY_THREADS, threads))
    for kind in KINDS:
        public = {
            OURS: appenders.assent_public(folder / f"assent-public-{kind.batch}"),
            TLOG_SCALES: appenders.tlog_scales(folder / f"tlog-public-{kind.batch}"),
        }
        races.append(_race(f"{kind.what}, SQLite, published", kind, public))
    return races


def _on_postgresql(create: Callable[[str], str]) -> list[Race]:
    races = []
    for kind in KINDS:
        alone = {OURS: appenders.assent(create(f"log_{kind.batch}"))}
        races.append(_race(f"{kind.what}, PostgreSQL", kind, alone))
    threads = {OURS: appenders.assent_threads(create("log_threads"))}
    return [*races, _race(f"{BY_THREADS.what}, PostgreSQL", BY_THREADS, threads)]


def _race(
    what: str,
    kind: Kind,
    contestants: Mapping[str, AbstractContextManager[Append]],
    target: float | None = None,
) -> Race:
    with ExitStack() as stack:
        appends = {
            name: partial(_rate, kind, stack.enter_context(contestant))
            for name, contestant in contestants.items()
        }
        figures = in_turns(appends)
    return Race(what=what, figures=figures, target=target, is_rate=True)


def _rate(kind: Kind, append: Append, number: int) -> float:
    """Return how many entries a second one round of appends takes."""
    start = number * kind.a_round
    batches = entries_in_batches(start, start + kind.a_round, kind.batch)
    start_s = perf_counter()
    append(batches)
    return kind.a_round / (perf_counter() - start_s)
