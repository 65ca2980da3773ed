"""What every database of cases must do, on the fake and on the real ones."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assent.adapters.docket import open_docket
from assent.authorisation.docket import Card, CaseDamaged, Docket, Event, verify_chain
from assent.authorisation.docket.ports import CARDS_MAX
from assent.testing.memory_docket import MemoryDocket
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import (
    CaseChanged,
    DocumentInvalid,
    InputError,
    NotAllowed,
    NotFound,
    canonical_bytes,
)

if TYPE_CHECKING:
    from assent.adapters.docket.store import DjangoDocket

CASE = "application-2026-0001"
T = datetime(2026, 3, 1, 12, tzinfo=UTC)
Reopen = Callable[[], Docket]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of an empty database of cases."""
    where = str(tmp_path / "cases.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    open_docket(where, create=True).close()
    return where


@pytest.fixture
def kept(place: str) -> Iterator["DjangoDocket"]:
    """Return an empty database of cases that outlives the process."""
    with open_docket(place) as docket:
        yield docket


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the same database again, as another process would."""
    if request.param == "memory":
        memory = MemoryDocket()
        yield lambda: memory
        return
    where = str(tmp_path / "cases.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    with ExitStack() as opened:
        opened.enter_context(open_docket(where, create=True))
        yield lambda: opened.enter_context(open_docket(where))


def _event(kind: str = "note_added", **body: Any) -> Event:  # noqa: ANN401 - any plain value
    return Event(kind=kind, time=T, actor="KEN", body=body)


def _card(case_id: str = CASE, **changed: Any) -> Card:  # noqa: ANN401 - any field
    card = Card(
        case_id=case_id,
        kind="application",
        state="draft",
        title="A model",
        developer="Example Labs",
        waiting_for="applicant",
        due=None,
        opened=T,
        updated=T,
        events=1,
        details={"flop": "15"},
    )
    return replace(card, **changed)


def _append(docket: Docket, expected: int, *events: Event, case_id: str = CASE) -> None:
    with docket.writing() as transaction:
        transaction.append(case_id, expected, events)


# Events.


def test_events_keep_their_order_and_form_a_chain(reopen: Reopen) -> None:
    _append(reopen(), 0, _event("drafted"), _event("edited", a=1))
    _append(reopen(), 2, _event("submitted"))
    with reopen().reading() as transaction:
        events = transaction.events(CASE)
        assert [one.event.kind for one in events] == ["drafted", "edited", "submitted"]
        assert [one.number for one in events] == [1, 2, 3]
        verify_chain(events)
        assert transaction.events(CASE, after=2) == events[2:]
        assert transaction.events(CASE, after=3) == []
        assert transaction.events("application-2026-0002") == []


BODIES: list[dict[str, Any]] = [
    {},
    {"text": "é 漢字 \U0001f600 \u202e \x00\x1f\x7f \ud7ff \\ \" '"},
    {"key 漢": {"b": [1, -5, 2**53 - 1, None, True, [], {}], "a": "x"}},
    {"flop": 15 * 10**24, "negative": -(2**80), "on": T.date()},
    {"deep": [[[[[[{"a": [{}]}]]]]]], "long": "x" * 200_000},
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_keeps_its_canonical_bytes(reopen: Reopen, body: dict[str, Any]) -> None:
    event = _event(**body)
    with reopen().writing() as transaction:
        written = transaction.append(CASE, 0, [event])
    with reopen().reading() as transaction:
        read = transaction.events(CASE)
    assert canonical_bytes(read[0].event.body) == canonical_bytes(event.body)
    assert read == written
    assert read[0].digest == written[0].digest


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 3, 1, 15, 30, 1, 999_999, timezone(timedelta(hours=3))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_in_utc_to_the_second(reopen: Reopen, time: datetime) -> None:
    _append(reopen(), 0, replace(_event(), time=time))
    with reopen().reading() as transaction:
        (read,) = transaction.events(CASE)
    assert read.event.time == time.replace(microsecond=0)
    assert read.event.time.utcoffset() == timedelta()


@pytest.mark.parametrize("expected", [0, 1, 3, 2**70])
def test_who_counted_other_events_writes_nothing(reopen: Reopen, expected: int) -> None:
    _append(reopen(), 0, _event(), _event())
    with pytest.raises(CaseChanged, match="2 events"):
        _append(reopen(), expected, _event())
    with reopen().reading() as transaction:
        assert len(transaction.events(CASE)) == 2


def test_a_case_that_cannot_be_called_so_is_refused(reopen: Reopen) -> None:
    with pytest.raises(DocumentInvalid):
        _append(reopen(), 0, _event(), case_id="application-2026-0001\n")


def test_cases_are_listed_page_by_page(reopen: Reopen) -> None:
    names = [f"{kind}-2026-{n:04}" for kind in ("a-b", "ab", "a") for n in (2, 10, 1)]
    for name in names:
        _append(reopen(), 0, _event(), _event(), case_id=name)
    with reopen().reading() as transaction:
        assert transaction.case_ids() == sorted(names)
        assert transaction.case_ids(limit=2) == sorted(names)[:2]
        assert transaction.case_ids(after=sorted(names)[6]) == sorted(names)[7:]
        for limit in (0, -1, CARDS_MAX + 1):
            with pytest.raises(InputError):
                transaction.case_ids(limit=limit)
            with pytest.raises(InputError):
                transaction.cards(limit=limit)


# Cards.


def test_a_card_takes_the_place_of_the_one_before(reopen: Reopen) -> None:
    due = datetime(2026, 4, 1, 23, 59, 59, tzinfo=UTC)
    later = _card(state="granted", due=due, events=2, details={"é": ["x", {"n": None}]})
    with reopen().writing() as transaction:
        transaction.put_card(_card())
        assert transaction.card(CASE) == _card()
        transaction.put_card(later)
    with reopen().reading() as transaction:
        assert transaction.card(CASE) == later
        assert transaction.cards() == [later]
        assert transaction.card("application-2026-0002") is None


def test_cards_are_narrowed_and_paged(reopen: Reopen) -> None:
    cards = [
        _card("a-b-2026-0001", kind="permit", state="in_force", waiting_for="nobody"),
        _card("a-2026-0002", state="submitted", developer="Other Labs"),
        _card("ab-2026-0003", state="under_review"),
        _card("a-2026-0001"),
    ]
    with reopen().writing() as transaction:
        for card in cards:
            transaction.put_card(card)
    in_order = sorted(cards, key=lambda card: card.case_id)
    narrowed: list[tuple[dict[str, Any], Callable[[Card], bool]]] = [
        ({"kind": "permit"}, lambda card: card.kind == "permit"),
        (
            {"states": ["submitted", "draft"]},
            lambda card: card.state in {"submitted", "draft"},
        ),
        ({"developer": "Other Labs"}, lambda card: card.developer == "Other Labs"),
        ({"waiting_for": "nobody"}, lambda card: card.waiting_for == "nobody"),
        ({"kind": "application", "states": ["in_force"]}, lambda _: False),
        ({"after": "a-2026-0002"}, lambda card: card.case_id > "a-2026-0002"),
    ]
    with reopen().reading() as transaction:
        assert transaction.cards() == in_order
        assert transaction.cards(limit=3) == in_order[:3]
        for narrow, is_meant in narrowed:
            assert transaction.cards(**narrow) == list(filter(is_meant, in_order))


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "a\0b"},
        {"title": "é" * 5_001},
        {"developer": "\ud800"},
        {"developer": "漢" * 201},
        {"state": "\0"},
        {"opened": T.replace(tzinfo=None)},
        {"due": T.replace(tzinfo=None)},
        {"details": {"a": "x" * 100_000}},
    ],
)
def test_a_card_that_cannot_be_stored_is_refused(
    reopen: Reopen, changed: dict[str, Any]
) -> None:
    with pytest.raises(DocumentInvalid), reopen().writing() as transaction:
        transaction.put_card(_card(**changed))


def test_the_longest_texts_of_a_card_fit(reopen: Reopen) -> None:
    # Not of one character: PostgreSQL would compress them.
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(200))
    card = _card(kind=long, state=long, developer=long, waiting_for=long, title=long)
    with reopen().writing() as transaction:
        transaction.put_card(card)
    with reopen().reading() as transaction:
        assert transaction.cards(states=[long], developer=long, kind=long) == [card]


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 601])
def test_what_cannot_be_stored_is_not_looked_for(reopen: Reopen, text: str) -> None:
    _append(docket := reopen(), 0, _event())
    with docket.reading() as transaction:
        assert transaction.events(text) == []
        assert transaction.card(text) is None
        for name in ("kind", "developer", "waiting_for"):
            narrow: dict[str, Any] = {name: text}
            with pytest.raises(InputError):
                transaction.cards(**narrow)
        with pytest.raises(InputError):
            transaction.cards(after=text)
        with pytest.raises(InputError):
            transaction.cards(states=["draft", text])
        with pytest.raises(InputError):
            transaction.case_ids(after=text)
    with pytest.raises(DocumentInvalid):
        _append(docket, 0, _event(), case_id=text)


# Transactions.


def _write_and_fail(docket: Docket) -> None:
    with docket.writing() as transaction:
        assert transaction.next_number("application-2026") == 2
        transaction.append(CASE, 1, [_event("lost")])
        transaction.append("application-2026-0002", 0, [_event("lost")])
        transaction.put_card(_card(state="lost"))
        raise ZeroDivisionError


def test_an_error_inside_undoes_everything_and_returns_numbers(reopen: Reopen) -> None:
    with reopen().writing() as transaction:
        assert transaction.next_number("application-2026") == 1
        transaction.append(CASE, 0, [_event()])
        transaction.put_card(_card())
    docket = reopen()
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(docket)
    with reopen().reading() as transaction:
        assert len(transaction.events(CASE)) == 1
        assert transaction.case_ids() == [CASE]
        assert transaction.card(CASE) == _card()
    with docket.writing() as transaction:
        assert transaction.next_number("application-2026") == 2
        assert transaction.next_number("permit-2026") == 1


@pytest.mark.parametrize("series", ["", "x" * 101, "a\nb"])
def test_a_series_without_a_name_is_refused(reopen: Reopen, series: str) -> None:
    with pytest.raises(InputError), reopen().writing() as transaction:
        transaction.next_number(series)


def test_who_reads_sees_one_state_and_writes_nothing(reopen: Reopen) -> None:
    reader, writer = reopen(), reopen()
    _append(writer, 0, _event())
    with reader.reading() as transaction:
        assert len(transaction.events(CASE)) == 1
        _append(writer, 1, _event())
        assert len(transaction.events(CASE)) == 1
        with pytest.raises(NotAllowed):
            transaction.append(CASE, 1, [_event()])
        with pytest.raises(NotAllowed):
            transaction.put_card(_card())
        with pytest.raises(NotAllowed):
            transaction.next_number("application-2026")
    with reader.reading() as transaction:
        assert len(transaction.events(CASE)) == 2


def test_who_reads_twice_sees_two_states(reopen: Reopen) -> None:
    docket = reopen()
    with docket.reading() as first:
        assert first.events(CASE) == []
        _append(docket, 0, _event())
        with docket.reading() as second:
            assert len(second.events(CASE)) == 1
            assert first.events(CASE) == []
        assert first.events(CASE) == []


def test_nobody_sees_what_is_not_committed(reopen: Reopen) -> None:
    docket = reopen()
    with docket.writing() as transaction:
        transaction.append(CASE, 0, [_event()])
        assert len(transaction.events(CASE)) == 1
        with docket.reading() as beside:
            assert beside.events(CASE) == []


def _write_within(docket: Docket) -> None:
    with docket.writing() as transaction:
        transaction.append(CASE, 0, [_event()])
        with docket.writing():
            pass


def test_a_thread_that_writes_cannot_write_inside(reopen: Reopen) -> None:
    docket = reopen()
    with pytest.raises(StoreUnavailable, match="same thread"):
        _write_within(docket)
    _append(docket, 0, _event())


def test_nothing_is_written_or_read_after_closing(reopen: Reopen) -> None:
    docket = reopen()
    _append(docket, 0, _event())
    docket.close()
    docket.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        _append(docket, 1, _event())
    with pytest.raises(StoreUnavailable, match="closed"), docket.reading():
        pass


def _undo(docket: Docket) -> None:
    with docket.writing() as transaction:
        transaction.append(CASE, 0, [_event(a=1)])
        transaction.put_card(_card(title="undone"))
        assert transaction.card(CASE) == _card(title="undone")
        assert [one.number for one in transaction.events(CASE)] == [1]
        raise ZeroDivisionError


def test_what_was_undone_is_never_read(reopen: Reopen) -> None:
    docket = reopen()
    with pytest.raises(ZeroDivisionError):
        _undo(docket)
    with docket.reading() as transaction:
        assert transaction.events(CASE) == []
        assert transaction.card(CASE) is None
    _append(docket, 0, _event(b=2))
    with docket.reading() as transaction:
        assert [one.event for one in transaction.events(CASE)] == [_event(b=2)]


def test_a_transaction_sees_what_it_wrote_before(reopen: Reopen) -> None:
    others = [f"application-2026-{number:04}" for number in range(2, 5)]
    docket = reopen()
    with docket.writing() as transaction:
        for case_id in others:
            transaction.append(case_id, 0, [_event(), _event("edited")])
            transaction.append(case_id, 2, [_event("submitted")])
            for title in ("first", "last"):
                transaction.put_card(_card(case_id, title=title))
        assert transaction.case_ids() == others
        assert [card.title for card in transaction.cards()] == ["last"] * 3
        assert [len(transaction.events(one, after=1)) for one in others] == [2] * 3
    with reopen().reading() as transaction:
        assert [card.title for card in transaction.cards()] == ["last"] * 3
        assert [len(transaction.events(one)) for one in others] == [3] * 3


def test_what_is_fetched_ahead_is_what_is_read(reopen: Reopen) -> None:
    cases = [f"application-2026-{number:04}" for number in range(1, 601)]
    with reopen().writing() as transaction:
        for case_id in cases[:-1]:
            transaction.append(case_id, 0, [_event(of=case_id), _event("edited")])
    asked = [*reversed(cases), cases[0], "no\0text"]
    with reopen().reading() as transaction:
        plainly = {one: transaction.events(one) for one in asked}
    with reopen().reading() as transaction:
        transaction.read_ahead(asked)
        assert {one: transaction.events(one) for one in asked} == plainly
        assert transaction.events(cases[0], after=1) == plainly[cases[0]][1:]
    assert [len(plainly[one]) for one in cases] == [2] * 599 + [0]


def test_what_is_written_after_it_was_fetched_ahead_is_read(reopen: Reopen) -> None:
    _append(reopen(), 0, _event())
    with reopen().writing() as transaction:
        transaction.append("application-2026-0002", 0, [_event()])
        transaction.read_ahead([CASE, "application-2026-0002", "application-2026-0003"])
        for case_id, count in ((CASE, 1), ("application-2026-0003", 0)):
            transaction.append(case_id, count, [_event("edited")])
            assert [one.number for one in transaction.events(case_id)] == list(
                range(1, count + 2)
            )
        assert len(transaction.events("application-2026-0002")) == 1
        transaction.read_ahead([CASE])
        assert len(transaction.events(CASE)) == 2


# Many at once.


def _in_threads(work: Sequence[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:  # noqa: BLE001 - shown by the test's thread
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_threads_lose_no_update_and_share_no_number(reopen: Reopen) -> None:
    dockets, numbers = [reopen(), reopen()], []

    def write(docket: Docket) -> None:
        for _ in range(12):
            with docket.writing() as transaction:
                count = len(transaction.events(CASE))
                transaction.append(CASE, count, [_event(count=count)])
                numbers.append(transaction.next_number("application-2026"))
            with docket.reading() as transaction:
                verify_chain(transaction.events(CASE))

    _in_threads([partial(write, dockets[n % 2]) for n in range(4)])
    assert sorted(numbers) == list(range(1, 49))
    with dockets[0].reading() as transaction:
        events = transaction.events(CASE)
    assert [one.event.body["count"] for one in events] == list(range(48))
    verify_chain(events)


# The real databases.


@pytest.mark.parametrize(
    "change",
    [
        {"body": '{"a":2}'},
        {"body": '{"a": 1}x'},
        {"body": "[" * 100_000},
        {"body": '{"a":1.5}'},
        {"actor": "KEN "},
        {"time": T + timedelta(seconds=1)},
        {"kind": "NOT A KIND"},
        {"digest": "sha256:" + "1" * 64},
    ],
)
def test_an_event_that_was_changed_is_found_when_read_and_when_chained(
    kept: "DjangoDocket", change: dict[str, Any]
) -> None:
    from assent.adapters.docket.records import EventRecord  # noqa: PLC0415 - once set up

    _append(kept, 0, _event(a=1))
    with kept._used(kept._writer) as connection:  # noqa: SLF001 - as nobody else may
        EventRecord.objects.using(connection.alias).update(**change)
    with pytest.raises(CaseDamaged, match="Event 1 of"), kept.reading() as transaction:
        transaction.events(CASE)
    with pytest.raises(CaseDamaged, match="Event 1 of"), kept.reading() as transaction:
        transaction.read_ahead([CASE])
    with pytest.raises(CaseDamaged):
        _append(kept, 1, _event())


def test_several_databases_are_open_at_once(tmp_path: Path) -> None:
    names = [tmp_path / f"{number} ?#%.db" for number in range(3)]
    with ExitStack() as opened:
        dockets = [
            opened.enter_context(open_docket(name, create=True)) for name in names
        ]
        with dockets[0].writing() as one, dockets[1].writing() as two:
            one.append(CASE, 0, [_event("first")])
            two.append(CASE, 0, [_event("second")])
        for docket, kinds in zip(dockets, (["first"], ["second"], []), strict=True):
            with docket.reading() as transaction:
                assert [one.event.kind for one in transaction.events(CASE)] == kinds
    assert {path.name for path in tmp_path.iterdir()} == {name.name for name in names}


def test_a_store_that_was_closed_left_nothing_open(tmp_path: Path) -> None:
    from django.db import connections  # type: ignore[import-untyped] # noqa: PLC0415 - it has no types

    before = list(connections)
    docket = open_docket(tmp_path / "cases.db", create=True)
    with ExitStack() as reading:
        for _ in range(6):
            reading.enter_context(docket.reading()).case_ids()
        _in_threads([partial(_append, docket, 0, _event())])
        docket.close()
    assert list(connections) == before
    assert [path.name for path in tmp_path.iterdir()] == ["cases.db"]


def test_a_place_without_cases_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_docket(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_a_new_file(tmp_path: Path) -> None:
    with open_docket(tmp_path / "cases.db", create=True) as docket:
        _append(docket, 0, _event())
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("cases.db", "cases.db-wal", "cases.db-shm"), 0o600)
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_docket(tmp_path / "none" / "cases.db", create=True)


def test_a_server_without_cases_is_not_found(postgresql_url: str) -> None:
    with pytest.raises(NotFound):
        open_docket(postgresql_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:open-sesame@/postgres?host={}",
        "postgresql://user:open-sesame@[/cases",
        "mysql://user:open-sesame@host/cases",
        "user:open-sesame@host",
    ],
)
def test_no_error_repeats_a_password(tmp_path: Path, url: str) -> None:
    with pytest.raises((StoreUnavailable, InputError)) as caught:
        open_docket(url.format(tmp_path))
    chained: BaseException | None = caught.value
    while chained is not None:
        assert "sesame" not in f"{chained} {chained!r}"
        chained = chained.__cause__ or chained.__context__


def test_every_commit_on_sqlite_is_flushed(tmp_path: Path) -> None:
    with (
        open_docket(tmp_path / "c.db", create=True) as docket,
        docket._used(docket._writer) as connection,  # noqa: SLF001 - it is there
    ):
        cursor = connection.cursor()
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()
        journal = cursor.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, journal) == ((2,), ("wal",))
