"""A site corrects what it wrote, never what others signed."""

import pytest
from tests.unit.supervision.ledger.test_entries import BOOK, T, admission
from tests.unit.supervision.ledger.test_jobs import head

from assent.supervision.ledger import (
    Account,
    CorrectionRefused,
    Entry,
    EntryInvalid,
    Job,
    allot,
    correct_to,
    end,
    meter,
    observe,
    reserve,
    settle,
    vouch,
)
from assent.testing.supervision.memory_ledger import MemoryLedger
from assent.vocabulary import NotFound


def books_of_a_job(vouched: int | None = None) -> MemoryLedger:
    """Return books with a job that reserved 5,000 and spent 1,200."""
    ledger = MemoryLedger()
    job = Job(admission=admission())
    if vouched is not None:
        job = vouch(job, vouched, head(5))
    with ledger.writing() as books:
        books.record(
            [
                allot(BOOK, 1, 10_000, T),
                reserve(admission()),
                settle(admission(), 1_200, T),
                meter(BOOK, "4711", "m/1", 700, T, "sha256:a"),
                observe(BOOK, "4711", "c/1", 900, T, "sha256:b"),
            ]
        )
        books.put_job(end(job, T, 0))
    return ledger


def corrected(ledger: MemoryLedger, name: str, flop: int, why: str = "so") -> Entry:
    """Correct an entry."""
    with ledger.writing() as books:
        return correct_to(books, name, flop, why, "Ada", T)


def test_what_a_job_spent_is_corrected_and_what_it_did_not_is_available() -> None:
    ledger = books_of_a_job()
    for number, flop in enumerate((900, 6_000, 0), start=1):
        made = corrected(ledger, "settle/4711", flop)
        assert made.entry_id == f"correct/{number}/settle/4711"
        with ledger.reading() as books:
            accounts = books.accounts(BOOK)
        assert accounts[Account.SPENT] == flop
        assert accounts[Account.AVAILABLE] == 10_000 - flop
        assert accounts[Account.RESERVED] == 0
    with ledger.reading() as books:
        assert books.head()[0] == 8
        assert books.entry("settle/4711") == settle(admission(), 1_200, T)


def test_what_telemetry_saw_is_corrected() -> None:
    ledger = books_of_a_job()
    corrected(ledger, "observe/c/1", 800)
    with ledger.reading() as books:
        accounts = books.accounts(BOOK)
    assert (accounts[Account.OBSERVED], accounts[Account.METERED]) == (800, 700)
    assert accounts[Account.CLAIMED] == -1_500


def test_a_job_is_never_charged_less_than_its_meter_signed() -> None:
    ledger = books_of_a_job(vouched=700)
    with pytest.raises(CorrectionRefused, match="is less"):
        corrected(ledger, "settle/4711", 699)
    corrected(ledger, "settle/4711", 700)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"allot/{BOOK}/1", "lease"),
        ("reserve/4711", "settled"),
        ("meter/m/1", "a meter signed it"),
        ("correct/1/settle/4711", "correction"),
    ],
)
def test_what_others_signed_is_not_corrected(name: str, why: str) -> None:
    ledger = books_of_a_job()
    corrected(ledger, "settle/4711", 1_000)
    with pytest.raises(CorrectionRefused, match=why):
        corrected(ledger, name, 5)


def test_a_correction_that_is_none_is_refused() -> None:
    ledger = books_of_a_job()
    with pytest.raises(CorrectionRefused, match="already"):
        corrected(ledger, "settle/4711", 1_200)
    with pytest.raises(NotFound):
        corrected(ledger, "settle/4712", 1)
    with pytest.raises(EntryInvalid, match="says why"):
        corrected(ledger, "settle/4711", 1, why=" ")
    with ledger.reading() as books:
        assert books.head()[0] == 5
