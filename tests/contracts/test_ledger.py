"""What every ledger must do, on the fake and on the real one."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.supervision.ledger.test_entries import BOOK, T, admission
from tests.unit.supervision.ledger.test_jobs import head

from assent.adapters.ledger import open_ledger
from assent.supervision.ledger import (
    START,
    Account,
    BooksDamaged,
    EntryConflicts,
    Job,
    JobState,
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


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the same books again, as another process would."""
    if request.param == "memory":
        memory = MemoryLedger()
        yield lambda: memory
        return
    path = tmp_path / "books.db"
    with ExitStack() as opened:
        opened.enter_context(open_ledger(path, create=True))
        yield lambda: opened.enter_context(open_ledger(path))


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


# The real one.


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
        "UPDATE ledger_entry SET content = replace(content, '5000', '4000')",
        "UPDATE ledger_entry SET content = 'x' WHERE number = 1",
        "UPDATE ledger_head SET head = 'sha256:x'",
        "DELETE FROM ledger_entry WHERE number = 2",
    ],
)
def test_books_that_were_tampered_with_are_found(
    tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "books.db"
    with open_ledger(path, create=True) as ledger, ledger.writing() as books:
        books.record([reserve(admission()), settle(admission(), 10, T)])
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    with (
        open_ledger(path) as ledger,
        ledger.reading() as books,
        pytest.raises(BooksDamaged),
    ):
        books.count_again()


def test_a_job_that_was_tampered_with_is_found(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with open_ledger(path, create=True) as ledger, ledger.writing() as books:
        books.put_job(Job(admission=admission()))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE ledger_job SET content = '{}'")
    with (
        open_ledger(path) as ledger,
        ledger.reading() as books,
        pytest.raises(BooksDamaged, match="something else than the job"),
    ):
        books.job("4711")


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
