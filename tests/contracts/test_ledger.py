"""What every ledger must do, on the fake and on the real ones."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgresql_server import is_postgresql_here, postgresql_server
from tests.unit.supervision.ledger.test_entries import BOOK, T, admission
from tests.unit.supervision.ledger.test_jobs import head

from assent.adapters.ledger import open_ledger
from assent.adapters.ledger.transaction import BOOKS_A_PAGE
from assent.supervision.admission import Vouched
from assent.supervision.ledger import (
    START,
    Account,
    BooksDamaged,
    Entry,
    EntryConflicts,
    Job,
    JobState,
    Kind,
    Ledger,
    allot,
    end,
    meter,
    next_head,
    reserve,
    settle,
    vouch,
)
from assent.testing.supervision.memory_ledger import MemoryLedger
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError, NotAllowed, NotFound

Reopen = Callable[[], Ledger]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the same books again, as another process would."""
    if request.param == "memory":
        memory = MemoryLedger()
        yield lambda: memory
        return
    place = _place(request, tmp_path)
    with ExitStack() as opened:
        opened.enter_context(open_ledger(place, create=True))

        def open_again() -> Ledger:
            ledger = open_ledger(place)
            opened.callback(ledger.close)
            return ledger

        yield open_again


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where real books may be made."""
    return _place(request, tmp_path)


def _place(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return str(folder / "books.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


def _tamper(place: str, statement: str) -> None:
    """Change books behind their back."""
    if place.startswith("/"):
        with sqlite3.connect(place) as connection:
            connection.execute(statement)
        return
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is

    with psycopg.connect(place) as other:
        other.execute(statement.encode())


def test_what_is_recorded_is_balanced_and_read_again(reopen: Reopen) -> None:
    entries = [allot(BOOK, 1, 10**26, T), reserve(admission(flop=10**25 + 1))]
    with reopen().writing() as books:
        assert books.record(entries) == 2
        books.put_job(Job(admission=admission(flop=10**25 + 1)))
    with reopen().reading() as books:
        assert books.accounts(BOOK) == {
            Account.GRANTED: -(10**26),
            Account.AVAILABLE: 10**26 - 10**25 - 1,
            Account.RESERVED: 10**25 + 1,
        }
        found = books.balance([BOOK, "permit-2026-0009"])
        assert (found.flop_spent, found.flop_reserved) == (0, 10**25 + 1)
        assert dict(found.chips) == {"h100": 8}
        assert books.entries() == entries
        assert books.entries(after=1, limit=1) == entries[1:]
        assert books.entry("reserve/4711") == entries[1]
        assert books.books() == [BOOK]
        assert books.balances(Account.RESERVED, Account.SPENT) == (
            [BOOK],
            [[10**25 + 1], [0]],
        )
        head = next_head(next_head(START, entries[0].encoded), entries[1].encoded)
        assert books.head() == (2, head)


def test_an_entry_that_moves_nothing_makes_no_book(reopen: Reopen) -> None:
    marker = Entry(entry_id="day:1", kind=Kind.DAY, book="x", time=T, postings={})
    with reopen().writing() as books:
        assert books.record([marker, reserve(admission())]) == 2
    with reopen().reading() as books:
        assert (books.books(), books.entry("day:1")) == ([BOOK], marker)


def test_the_last_allotment_of_a_book_is_known(reopen: Reopen) -> None:
    with reopen().writing() as books:
        assert books.last_allotment(BOOK) is None
        second = allot(BOOK, 2, -3, T)
        others = [allot("permit-2026-0002", 7, 9, T), reserve(admission())]
        books.record([allot(BOOK, 1, 10, T), second, *others])
        assert books.last_allotment(BOOK) == second


def test_unknown_books_and_jobs_are_empty(reopen: Reopen) -> None:
    with reopen().reading() as books:
        assert books.accounts("permit-2026-0009") == {}
        assert books.balance([]).flop == 0
        assert (books.job("x"), books.entry("x"), books.jobs(*JobState)) == (
            None,
            None,
            [],
        )
        assert books.head() == (0, START)


def test_what_comes_twice_is_written_once(reopen: Reopen) -> None:
    reading = meter(BOOK, "4711", "m/1", 7, T, "sha256:a")
    for new in (1, 0):
        with reopen().writing() as books:
            assert books.record([reading, reading]) == new
    with reopen().reading() as books:
        assert books.accounts(BOOK)[Account.METERED] == 7


def test_what_conflicts_changes_nothing(reopen: Reopen) -> None:
    with reopen().writing() as books:
        books.record([meter(BOOK, "4711", "m/1", 7, T, "sha256:a")])
    other = meter(BOOK, "4711", "m/1", 8, T, "sha256:b")
    fine = meter(BOOK, "4711", "m/2", 1, T, "sha256:c")
    with pytest.raises(EntryConflicts), reopen().writing() as books:
        books.record([fine, other])
    with reopen().reading() as books:
        assert books.accounts(BOOK)[Account.METERED] == 7
        assert books.entry("meter/m/2") is None


def test_a_job_keeps_all_that_is_known_of_it(reopen: Reopen) -> None:
    job = vouch(Job(admission=admission()), 10**25, head(5), T + timedelta(days=1))
    ended = end(job, T, 0)
    exempt = replace(admission("5"), permit_id=None, lease_id=None, lease_expires=None)
    with reopen().writing() as books:
        books.put_job(job)
        books.put_job(Job(admission=exempt))
        assert books.balance([BOOK]).chips == {"h100": 16}
        books.put_job(ended)
        books.put_job(ended)
    with reopen().reading() as books:
        assert books.job("4711") == ended
        assert books.jobs(JobState.RUNNING) == [Job(admission=exempt)]
        assert books.jobs(*JobState) == [ended, Job(admission=exempt)]
        assert books.balance([BOOK]).chips == {"h100": 8}


def test_an_error_inside_undoes_everything(reopen: Reopen) -> None:
    def fail() -> None:
        with reopen().writing() as books:
            books.record([reserve(admission())])
            books.put_job(Job(admission=admission()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reopen().reading() as books:
        assert (books.head()[0], books.job("4711")) == (0, None)
        assert books.balance([BOOK]).flop == 0


def test_who_reads_writes_nothing(reopen: Reopen) -> None:
    with reopen().reading() as books:
        with pytest.raises(NotAllowed):
            books.record([reserve(admission())])
        with pytest.raises(NotAllowed):
            books.put_job(Job(admission=admission()))


def test_a_thread_that_writes_cannot_write_inside(reopen: Reopen) -> None:
    ledger = reopen()
    with ledger.writing(), pytest.raises(NotAllowed), ledger.writing():
        pass


def test_closed_books_are_closed(reopen: Reopen) -> None:
    ledger = reopen()
    ledger.close()
    with pytest.raises(StoreUnavailable, match="closed"), ledger.reading():
        pass
    with pytest.raises(StoreUnavailable, match="closed"), ledger.writing():
        pass


def test_threads_reserve_no_more_than_there_is(reopen: Reopen) -> None:
    ledger = reopen()
    admitted: list[int] = []

    def ask(number: int) -> None:
        with ledger.writing() as books:
            if books.balance([BOOK]).flop + 1_000 > 10_000:
                return
            one = admission(str(number), 1_000)
            books.record([reserve(one)])
            books.put_job(Job(admission=one))
        admitted.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 10
    with ledger.reading() as books:
        assert books.balance([BOOK]).flop_reserved == 10_000


# The real ones.


def test_balances_of_more_books_than_a_page_are_all_there(place: str) -> None:
    count = BOOKS_A_PAGE + 3
    with open_ledger(place, create=True) as ledger:
        with ledger.writing() as books:
            books.record(allot(f"permit {n:06}", 1, n, T) for n in range(count))
            books.record([reserve(admission(flop=7))])
        with ledger.reading() as books:
            names, (available, reserved, spent) = books.balances(
                Account.AVAILABLE, Account.RESERVED, Account.SPENT
            )
            assert names == books.books()
    assert names == [*(f"permit {n:06}" for n in range(count)), BOOK]
    assert available == [*range(count), -7]
    assert reserved == [0] * count + [7]
    assert spent == [0] * (count + 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(jobs=st.lists(st.tuples(st.integers(1, 10**27), st.integers(0, 10**27))))
def test_balances_are_those_of_the_entries(
    tmp_path_factory: pytest.TempPathFactory, jobs: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("books") / "books.db"
    with open_ledger(path, create=True) as ledger:
        for number, (flop, spent) in enumerate(jobs):
            one = admission(str(number), flop)
            with ledger.writing() as books:
                books.record([reserve(one)])
                if spent % 2:
                    books.record([settle(one, spent, T)])
        with ledger.reading() as books:
            books.count_again()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_balance SET spent = '1'",
        "UPDATE ledger_balance SET spent = 'much'",
        "DELETE FROM ledger_entry WHERE number = 1",
        "UPDATE ledger_entry SET content = 'x' WHERE number = 1",
        "UPDATE ledger_head SET head = 'sha256:x'",
        "DELETE FROM ledger_entry WHERE number = 2",
    ],
)
def test_books_that_were_tampered_with_are_found(place: str, statement: str) -> None:
    with open_ledger(place, create=True) as ledger, ledger.writing() as books:
        books.record([reserve(admission()), settle(admission(), 10, T)])
    _tamper(place, statement)
    with (
        open_ledger(place) as ledger,
        ledger.reading() as books,
        pytest.raises(BooksDamaged),
    ):
        books.count_again()


@pytest.mark.parametrize("text", ["much", "1 2", "", "  "])
def test_a_balance_that_is_no_number_is_found(place: str, text: str) -> None:
    with open_ledger(place, create=True) as ledger, ledger.writing() as books:
        books.record([reserve(admission()), allot("permit-2026-0009", 1, 7, T)])
    _tamper(place, f"UPDATE ledger_balance SET available = '{text}'")  # noqa: S608 - of our own
    with (
        open_ledger(place) as ledger,
        ledger.reading() as books,
        pytest.raises(BooksDamaged, match="no number"),
    ):
        books.balances(Account.AVAILABLE)


def test_a_job_that_was_tampered_with_is_found(place: str) -> None:
    with open_ledger(place, create=True) as ledger, ledger.writing() as books:
        books.put_job(Job(admission=admission()))
    _tamper(place, "UPDATE ledger_job SET content = '{}'")
    with (
        open_ledger(place) as ledger,
        ledger.reading() as books,
        pytest.raises(BooksDamaged, match="something else than the job"),
    ):
        books.job("4711")


def test_what_a_server_that_was_killed_had_committed_is_there() -> None:
    if not is_postgresql_here():
        pytest.skip("PostgreSQL's initdb is not on the PATH")
    with (
        postgresql_server() as server,
        server.database() as url,
        open_ledger(url, create=True) as ledger,
    ):
        with ledger.writing() as books:
            books.record([reserve(admission())])

        def write_while_it_dies() -> None:
            with ledger.writing() as books:
                books.record([settle(admission(), 10, T)])
                server.stop_at_once()

        with pytest.raises(StoreUnavailable):
            write_while_it_dies()
        with pytest.raises(StoreUnavailable), ledger.reading():
            pass
        server.start()
        with ledger.writing() as books:
            assert books.head()[0] == 1
            books.record([settle(admission(), 10, T)])
        with ledger.reading() as books:
            books.count_again()
            assert books.accounts(BOOK)[Account.SPENT] == 10


def test_writers_of_several_processes_queue(place: str) -> None:
    open_ledger(place, create=True).close()
    program = (
        "import sys; from datetime import UTC, datetime;"
        "from assent.adapters.ledger import open_ledger;"
        "from assent.supervision.ledger import meter;"
        "ledger = open_ledger(sys.argv[1])\n"
        "for n in range(50):\n"
        "    with ledger.writing() as books:\n"
        "        books.record([meter('permit-2026-0001', '1', f'{sys.argv[2]}/{n}', 1,"
        " datetime(2026, 6, 1, tzinfo=UTC), 'sha256:a')])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, place, name])  # noqa: S603 - our own
        for name in ("a", "b", "c")
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    with open_ledger(place) as ledger, ledger.reading() as books:
        books.count_again()
        assert books.head()[0] == 150
        assert books.accounts("permit-2026-0001")[Account.METERED] == 150


def test_a_database_without_books_or_of_another_version_is_refused(
    postgresql_url: str,
) -> None:
    with pytest.raises(NotFound, match="no books"):
        open_ledger(postgresql_url)
    open_ledger(postgresql_url, create=True).close()
    _tamper(postgresql_url, "UPDATE ledger SET version = 99")
    for create in (False, True):
        with pytest.raises(InputError, match="version"):
            open_ledger(postgresql_url, create=create)


def test_a_place_that_is_none_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        open_ledger("mysql://assent:secret@host/books")
    assert "secret" not in caught.value.message + caught.value.remedy


def test_books_that_are_none_are_not_opened(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_ledger(tmp_path / "books.db")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE x (y)")
    with pytest.raises(InputError, match="no books"):
        open_ledger(other)
    with pytest.raises(InputError, match="no books"):
        open_ledger(other, create=True)


def test_books_in_no_folder_are_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_ledger(tmp_path / "nowhere" / "books.db", create=True)


def test_only_their_owner_reads_new_books(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    open_ledger(path, create=True).close()
    assert path.stat().st_mode & 0o077 == 0


def test_only_jobs_that_ended_oddly_are_named_as_such(reopen: Reopen) -> None:
    fair, overrun, idle, runs = (admission(f"job-{n}") for n in range(4))
    hour_later = T + timedelta(hours=1)
    spoke = Vouched(flop=1, until=hour_later)
    with reopen().writing() as books:
        for one in (fair, overrun, idle, runs):
            books.put_job(Job(admission=one))
        books.put_job(replace(end(Job(admission=fair), T, 30), flop_spent=1))
        over = replace(
            end(Job(admission=overrun), T, 30), flop_spent=overrun.flop_reserved + 1
        )
        books.put_job(over)
        slow = replace(end(Job(admission=idle), hour_later, 30), flop_spent=1)
        slow = replace(slow, vouched=spoke)
        books.put_job(slow)
    with reopen().reading() as books:
        assert books.odd_jobs() == [over, slow]
        assert books.odd_jobs(limit=1) == [over]


def test_books_from_before_odd_jobs_were_noted_are_looked_through_once(
    place: str,
) -> None:
    over = replace(end(Job(admission=admission("job-1")), T, 30), flop_spent=10**30)
    with open_ledger(place, create=True) as ledger, ledger.writing() as books:
        books.put_job(over)
    _tamper(place, "DROP TABLE ledger_odd")
    for _ in range(2):
        with open_ledger(place) as ledger, ledger.reading() as books:
            assert books.odd_jobs() == [over]
