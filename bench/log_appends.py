"""How many entries a second does a log take, each durable before it is acknowledged?

the same entries to assent, pymerkle and tlog-scales -> appends a second

For each kind of append everybody starts an empty log.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from bench import appenders
from bench.appenders import THREADS, Append
from bench.own_postgresql import MissingServer, own_postgresql, server_version
from bench.race import OURS, Race, in_turns, race_table
from bench.sample_log import entries_in_batches
from bench.scratch import scratch
from bench.table import Table

from assent.vocabulary import ComponentMissing

PYMERKLE, TLOG_SCALES, FLUSH = "pymerkle", "tlog-scales", "flush only"
_FLUSHES = """\
In turns with the single appends, 4 KiB were written and flushed {:,.0f} times a second,
{:,.0f} µs each: nobody who flushes every append can be quicker on this disk."""
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

_SERVER = """\
{} is set up as `initdb` leaves it, on a Unix socket of this machine; no peer keeps a
log in it."""


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
    notes = list(_NOTES)
    with scratch() as folder:
        figures = {kind.batch: _on_sqlite(folder, kind) for kind in KINDS}
        flushes = figures[1].pop(FLUSH)
        races = [
            _race(f"{kind.what}, SQLite", figures[kind.batch], kind.target)
            for kind in KINDS
        ]
        races.append(_race(f"{BY_THREADS.what}, SQLite", _by_threads(folder)))
        races += [
            _race(f"{kind.what}, SQLite, published", _published(folder, kind))
            for kind in KINDS
        ]
    try:
        with own_postgresql() as create:
            races += _on_postgresql(create)
            notes.append(_SERVER.format(server_version()))
    except (MissingServer, ComponentMissing) as error:
        notes.append(f"PostgreSQL was not measured here: {error}.")
    notes.insert(0, _FLUSHES.format(flushes, 1e6 / flushes))
    return race_table("Durable appends", (PYMERKLE, TLOG_SCALES), races, notes)


def _on_sqlite(folder: Path, kind: Kind) -> dict[str, float]:
    contestants = {
        OURS: appenders.assent(folder / f"assent-{kind.batch}"),
        PYMERKLE: appenders.pymerkle(folder / f"pymerkle-{kind.batch}"),
        TLOG_SCALES: appenders.tlog_scales(folder / f"tlog-scales-{kind.batch}"),
    }
    if kind.batch == 1:
        contestants[FLUSH] = appenders.flush_only(folder / "flushed")
    return _figures(kind, contestants)


def _by_threads(folder: Path) -> dict[str, float]:
    contestants = {
        OURS: appenders.assent_threads(folder / "assent-threads"),
        PYMERKLE: appenders.pymerkle_threads(folder / "pymerkle-threads"),
    }
    return _figures(BY_THREADS, contestants)


def _published(folder: Path, kind: Kind) -> dict[str, float]:
    contestants = {
        OURS: appenders.assent_public(folder / f"assent-public-{kind.batch}"),
        TLOG_SCALES: appenders.tlog_scales(folder / f"tlog-public-{kind.batch}"),
    }
    return _figures(kind, contestants)


def _on_postgresql(create: Callable[[str], str]) -> Iterator[Race]:
    for kind in KINDS:
        alone = {OURS: appenders.assent(create(f"log_{kind.batch}"))}
        yield _race(f"{kind.what}, PostgreSQL", _figures(kind, alone))
    threads = {OURS: appenders.assent_threads(create("log_threads"))}
    yield _race(f"{BY_THREADS.what}, PostgreSQL", _figures(BY_THREADS, threads))


def _race(what: str, figures: Mapping[str, float], target: float | None = None) -> Race:
    return Race(what=what, figures=figures, target=target, is_rate=True)


def _figures(
    kind: Kind, contestants: Mapping[str, AbstractContextManager[Append]]
) -> dict[str, float]:
    with ExitStack() as stack:
        return in_turns(
            {
                name: partial(_rate, kind, stack.enter_context(contestant))
                for name, contestant in contestants.items()
            }
        )


def _rate(kind: Kind, append: Append, number: int) -> float:
    """Return how many entries a second one round of appends takes."""
    start = number * kind.a_round
    batches = entries_in_batches(start, start + kind.a_round, kind.batch)
    start_s = perf_counter()
    append(batches)
    return kind.a_round / (perf_counter() - start_s)
