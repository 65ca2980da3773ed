"""How many acts a second does the database of cases take, each durable?

one event and one card a transaction -> acts a second, on SQLite and PostgreSQL
"""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.appenders import flush_only
from bench.own_postgresql import MissingServer, own_postgresql, server_version
from bench.race import OURS, Race, in_turns, race_table
from bench.scratch import scratch
from bench.table import Table

from assent.adapters.docket import open_docket
from assent.authorisation.docket import Card, Docket, Event
from assent.vocabulary import ComponentMissing

A_ROUND = 300
FLUSH = "flush only"
_TIME = datetime(2026, 6, 1, 9, tzinfo=UTC)
_NOTE = """\
An act begins a transaction that keeps other writers out, adds an event of 300 bytes to
a case's chain, replaces the case's card, and commits. In turns with it 4 KiB were
written to a file and flushed, {:,.0f} times a second: nobody who flushes every act can
be quicker on this disk."""
_SERVER = "{} is set up as `initdb` leaves it, on a Unix socket of this machine."


def docket_appends() -> Table:
    """Time single acts on both stores."""
    with scratch() as folder:
        race, flushes = _race("SQLite", folder / "cases.db", folder / "flushed")
        races, notes = [race], [_NOTE.format(flushes)]
        try:
            with own_postgresql() as create:
                race, _ = _race("PostgreSQL", create("cases"), folder / "flushed")
                races.append(race)
                notes.append(_SERVER.format(server_version()))
        except (MissingServer, ComponentMissing) as error:
            notes.append(f"PostgreSQL was not measured here: {error}.")
    return race_table("Durable acts in the database of cases", (), races, notes)


def _race(what: str, place: str | Path, flushed: Path) -> tuple[Race, float]:
    with closing(open_docket(place, create=True)) as docket, flush_only(flushed) as by:

        def flush(_: int) -> float:
            return _rate(lambda: by([[b""]] * A_ROUND))

        def act(number: int) -> float:
            return _rate(lambda: _acts(docket, number))

        figures = in_turns({OURS: act, FLUSH: flush})
    flushes = figures.pop(FLUSH)
    race = Race(what=f"an event and a card, {what}", figures=figures, is_rate=True)
    return race, flushes


def _rate(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return A_ROUND / (perf_counter() - start)


def _acts(docket: Docket, number: int) -> None:
    """Begin as many cases as a round has acts."""
    for each in range(A_ROUND):
        case_id = f"application-{2000 + number}-{each:04}"
        event = Event(
            kind="drafted", time=_TIME, actor="officer-1", body={"text": "x" * 280}
        )
        with docket.writing() as transaction:
            recorded = transaction.append(case_id, 0, [event])
            transaction.put_card(_card(recorded[-1].case_id))


def _card(case_id: str) -> Card:
    return Card(
        case_id=case_id,
        kind="application",
        state="draft",
        title="A run",
        developer="Example Labs",
        waiting_for="applicant",
        due=None,
        opened=_TIME,
        updated=_TIME,
        events=1,
        details={"flop": "1"},
    )
