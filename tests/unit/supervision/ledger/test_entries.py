"""Books in which nothing appears from nowhere, and nothing is ever erased."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.admission import Admission
from assent.supervision.ledger import (
    Account,
    Entry,
    EntryInvalid,
    Kind,
    allot,
    correct,
    meter,
    next_head,
    observe,
    parse_entry,
    reserve,
    settle,
)

T = datetime(2026, 6, 1, 12, tzinfo=UTC)
BOOK = "permit-2026-0001"


def admission(job_id: str = "4711", flop: int = 5_000) -> Admission:
    return Admission(
        job_id=job_id,
        site="site-nairobi-1",
        owner="labs",
        book=BOOK,
        permit_id=BOOK,
        lease_id="lease-2026-0001-1",
        flop_reserved=flop,
        flop_per_s=1_000,
        chips={"h100": 8},
        admitted=T,
        ends_by=T + timedelta(hours=1),
        lease_expires=T + timedelta(days=1),
    )


def balances(*entries: Entry) -> dict[Account, int]:
    found: Counter[Account] = Counter()
    for entry in entries:
        for account, flop in entry.postings.items():
            found[account] += flop
    return {account: flop for account, flop in found.items() if flop}


def test_a_job_is_reserved_for_and_refunded() -> None:
    first = (allot(BOOK, 1, 20_000, T), reserve(admission()))
    assert balances(*first) == {
        Account.GRANTED: -20_000,
        Account.AVAILABLE: 15_000,
        Account.RESERVED: 5_000,
    }
    assert balances(*first, settle(admission(), 1_200, T)) == {
        Account.GRANTED: -20_000,
        Account.AVAILABLE: 18_800,
        Account.SPENT: 1_200,
    }


def test_what_a_job_used_beyond_its_reservation_is_charged() -> None:
    entries = (allot(BOOK, 1, 5_000, T), reserve(admission()))
    found = balances(*entries, settle(admission(), 7_000, T))
    assert (found[Account.AVAILABLE], found[Account.SPENT]) == (-2_000, 7_000)


def test_a_lease_that_allots_less_takes_it_back() -> None:
    assert balances(allot(BOOK, 1, 9, T), allot(BOOK, 2, -4, T)) == {
        Account.GRANTED: -5,
        Account.AVAILABLE: 5,
    }


def test_what_meters_and_collectors_say_stands_beside_the_charge() -> None:
    found = balances(
        meter(BOOK, "4711", "m1/1", 700, T, "sha256:a"),
        observe(BOOK, "4711", "c1/1", 900, T, "sha256:b"),
    )
    assert found == {
        Account.METERED: 700,
        Account.OBSERVED: 900,
        Account.CLAIMED: -1_600,
    }


def test_a_correction_says_something_else_and_erases_nothing() -> None:
    wrong = settle(admission(), 1_200, T)
    right = settle(admission(), 2_000, T)
    made = correct(wrong, [], right.postings, "the meter was late", "Ada", T)
    assert balances(wrong, made) == balances(right)
    assert (made.refers_to, made.entry_id) == (
        "settle/4711",
        "correct/1/settle/4711",
    )
    assert balances(wrong, correct(wrong, [], {}, "never ran", "Ada", T)) == {}
    for reason, by in ((" ", "Ada"), ("never ran", " ")):
        with pytest.raises(EntryInvalid, match="says why, and who"):
            correct(wrong, [], {}, reason, by, T)


def test_a_second_correction_counts_from_the_first() -> None:
    wrong = settle(admission(), 1_200, T)
    right = settle(admission(), 2_000, T)
    first = correct(wrong, [], {}, "never ran", "Ada", T)
    second = correct(wrong, [first], right.postings, "it did", "Ada", T)
    assert balances(wrong, first, second) == balances(right)
    assert second.entry_id == "correct/2/settle/4711"


def test_an_entry_is_read_as_it_was_written_and_no_other_way() -> None:
    made = correct(settle(admission(), 1_200, T), [], {}, "never ran", "Ada", T)
    for one in (made, reserve(admission())):
        assert parse_entry(one.encoded) == one
    for bad in (
        b"",
        b"[]",
        made.encoded + b" ",
        made.encoded.replace(b'"settle/4711"', b"4711"),
        made.encoded.replace(b'"correct"', b'"undo"'),
        reserve(admission()).encoded.replace(b'"5000"', b'"05000"'),
    ):
        with pytest.raises(EntryInvalid):
            parse_entry(bad)


def entry(**changes: Any) -> Entry:  # noqa: ANN401 - any field
    given = {
        "entry_id": "reserve/1",
        "kind": Kind.RESERVE,
        "book": BOOK,
        "time": T,
        "postings": {Account.RESERVED: 5, Account.AVAILABLE: -5},
    }
    return Entry(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"postings": {Account.RESERVED: 5, Account.AVAILABLE: -4}}, "add up"),
        ({"postings": {Account.RESERVED: 10**41, Account.AVAILABLE: -(10**41)}}, "add"),
        ({"postings": {Account.SPENT: 5, Account.AVAILABLE: -5}}, "does not move"),
        ({"postings": {Account.METERED: 5, Account.CLAIMED: -5}}, "does not move"),
        ({"refers_to": "reserve/0"}, "a correction names"),
        ({"kind": Kind.CORRECT, "reason": "so"}, "a correction names"),
    ],
    ids=str,
)
def test_entries_that_unbalance_the_books_are_refused(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(EntryInvalid, match=why):
        entry(**changes)


@given(st.lists(st.tuples(st.integers(1, 10**30), st.integers(0, 10**30))))
def test_books_always_add_up_to_nothing(jobs: list[tuple[int, int]]) -> None:
    entries = [allot(BOOK, 1, 10**26, T)]
    for number, (flop, spent) in enumerate(jobs):
        admitted = admission(str(number), flop)
        entries += [reserve(admitted), settle(admitted, spent, T)]
    found = balances(*entries)
    assert sum(found.values()) == 0
    assert found.get(Account.SPENT, 0) == sum(spent for _, spent in jobs)
    assert Account.RESERVED not in found


def test_the_head_is_of_all_entries_in_order() -> None:
    one, two = reserve(admission("1")).encoded, reserve(admission("2")).encoded
    start = "sha256:" + "0" * 64
    forth = next_head(next_head(start, one), two)
    assert forth != next_head(next_head(start, two), one)
    assert forth.startswith("sha256:")
