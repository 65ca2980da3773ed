"""What gates report is taken once, in order, whole, and as they signed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.day_books import DAY, ReportedAgency, ReportingGate
from tests.unit.supervision.ledger.test_entries import BOOK, admission

from assent.supervision.daybook import (
    DayBookEntriesWrong,
    DayBookForked,
    DayBookMalformed,
    DayBookNotAsLogged,
    DayBookOfAnotherSite,
    DayBookOfUnknownGate,
    DayBookOutOfTime,
    DayBookRepeats,
    DayBookRewritten,
    DayBookUnsigned,
    Outcome,
    Standing,
    parse_day,
    subject_of,
    verify_all_logged,
    verify_logged,
)
from assent.supervision.daybook.logged import log_entry_of
from assent.supervision.ledger import (
    Account,
    BooksDamaged,
    allot,
    correct,
    meter,
    next_head,
    reserve,
    settle,
)
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_ledger import MemoryLedger
from assent.testing.trust import NOW
from assent.vocabulary import SignatureInvalid

ALLOT = allot(BOOK, 1, 10**6, NOW)
RESERVE = replace(reserve(admission()), time=NOW)
READING = meter(BOOK, "4711", "m/1", 700, NOW, "sha256:a")
SETTLE = settle(admission(), 1_200, NOW)


def three_days() -> tuple[ReportingGate, list[bytes]]:
    """Return a gate and its first three days."""
    gate, books = ReportingGate(), []
    for number, entries in enumerate([[ALLOT, RESERVE], [READING], [SETTLE]]):
        gate.write(*entries)
        books.append(gate.close(NOW + number * DAY))
    return gate, books


def test_the_agency_s_balances_are_the_gate_s() -> None:
    gate, days = three_days()
    agency = ReportedAgency()
    for number, data in enumerate(days):
        (taken,) = agency.take(data, NOW + number * DAY)
        assert (taken.outcome, taken.head.number) == (Outcome.TAKEN, number + 1)
        assert taken.index == number
    with agency.ledger.reading() as theirs, gate.ledger.reading() as ours:
        assert theirs.books() == [f"gate-1/{BOOK}"]
        assert theirs.accounts(f"gate-1/{BOOK}") == ours.accounts(BOOK)
        entry = theirs.entry("gate-1/settle/4711")
        assert entry is not None
        assert entry.job_id == "gate-1/4711"


def test_an_empty_day_is_a_day() -> None:
    gate, agency = ReportingGate(), ReportedAgency()
    first, second = gate.close(), gate.close(NOW + DAY)
    assert len(parse_day(second).entries) == 0
    for data in (first, second):
        agency.take(data, NOW + DAY)
    assert agency.kept("gate-1", Standing.TAKEN) == [1, 2]


def test_what_comes_again_changes_nothing() -> None:
    _, days = three_days()
    agency = ReportedAgency()
    agency.take(days[0])
    with agency.ledger.reading() as books:
        before = books.head()
    for _ in range(2):
        (taken,) = agency.take(days[0], NOW + DAY)
        assert (taken.outcome, taken.index) == (Outcome.AGAIN, 0)
    with agency.ledger.reading() as books:
        assert books.head() == before
    assert agency.records.size() == 1


def test_what_comes_too_early_waits() -> None:
    gate, days = three_days()
    agency = ReportedAgency()
    late = NOW + 3 * DAY
    assert [one.outcome for one in agency.take(days[2], late)] == [Outcome.EARLY]
    assert [one.outcome for one in agency.take(days[1], late)] == [Outcome.EARLY]
    with agency.ledger.reading() as books:
        assert books.head()[0] == 0
    assert [one.head.number for one in agency.take(days[0], late)] == [1, 2, 3]
    assert agency.kept("gate-1", Standing.EARLY) == []
    with agency.ledger.reading() as theirs, gate.ledger.reading() as ours:
        assert theirs.accounts(f"gate-1/{BOOK}") == ours.accounts(BOOK)


def test_of_two_that_wait_for_the_same_one_is_taken_and_both_are_kept() -> None:
    gate, agency = ReportingGate(), ReportedAgency()
    first, second = gate.close(), gate.close(NOW + DAY)
    day = parse_day(second)
    other = gate.signed(day, replace(day.head, closed=NOW + 2 * DAY))
    agency.take(second, NOW + DAY)
    agency.take(other, NOW + 2 * DAY)
    outcomes = [one.outcome for one in agency.take(first, NOW + 2 * DAY)]
    assert outcomes == [Outcome.TAKEN, Outcome.REFUSED, Outcome.TAKEN]
    days = agency.received.of("gate-1")
    (refused,) = days.kept(Standing.REFUSED)
    assert days.data(refused) == other
    assert agency.kept("gate-1", Standing.TAKEN) == [1, 2]
    assert agency.kept("gate-1", Standing.EARLY) == []


def test_who_was_stopped_anywhere_takes_it_again() -> None:
    _, days = three_days()
    whole = ReportedAgency()
    whole.take(days[0])
    # Stopped after the ledger was written, before the file and the log.
    stopped = ReportedAgency(ledger=whole.ledger)
    (taken,) = stopped.take(days[0], NOW + DAY)
    assert (taken.outcome, taken.index) == (Outcome.TAKEN, 0)
    # Stopped before the log was told.
    unlogged = ReportedAgency(ledger=whole.ledger, received=whole.received)
    (taken,) = unlogged.take(days[0])
    assert (taken.outcome, taken.index) == (Outcome.AGAIN, 0)
    # The ledger was lost: it is made again of the files.
    lost = ReportedAgency(received=whole.received)
    assert [one.index for one in lost.desk.take_again()] == [0]
    with lost.ledger.reading() as books, whole.ledger.reading() as others:
        assert books.head() == others.head()


def test_a_second_history_of_a_day_is_evidence_and_never_counts() -> None:
    _, days = three_days()
    agency = ReportedAgency()
    agency.take(days[0])
    other = ReportingGate()
    other.write(ALLOT)
    with pytest.raises(DayBookForked, match="signed two"):
        agency.take(other.close())
    with agency.ledger.reading() as books:
        assert books.accounts(f"gate-1/{BOOK}")[Account.RESERVED] == 5_000
    assert agency.kept("gate-1", Standing.REFUSED) == [1]
    assert agency.kept("gate-1", Standing.TAKEN) == [1]


def test_a_fork_while_the_first_was_being_taken_is_found() -> None:
    _, days = three_days()
    agency = ReportedAgency()
    agency.take(days[0])
    other = ReportingGate()
    other.write(ALLOT)
    stopped = ReportedAgency(ledger=agency.ledger)  # before the file was kept
    with pytest.raises(DayBookForked):
        stopped.take(other.close())


def test_a_past_day_that_was_rewritten_is_found_at_the_next() -> None:
    _, days = three_days()
    agency = ReportedAgency()
    agency.take(days[0])
    agency.take(days[1], NOW + DAY)
    # The same gate, as if it had reserved less on the first day.
    rewritten = ReportingGate()
    rewritten.write(ALLOT, replace(RESERVE, entry_id="reserve/other"))
    rewritten.close()
    rewritten.write(READING)
    rewritten.close(NOW + DAY)
    rewritten.write(SETTLE)
    with pytest.raises(DayBookRewritten, match="follows on"):
        agency.take(rewritten.close(NOW + 2 * DAY), NOW + 2 * DAY)
    assert agency.kept("gate-1", Standing.REFUSED) == [3]


def test_a_day_that_was_rewritten_everywhere_is_not_what_the_log_holds() -> None:
    gate, days = three_days()
    agency = ReportedAgency()
    for number, data in enumerate(days):
        agency.take(data, NOW + number * DAY)
    logged = agency.logged()
    heads = [parse_day(data).head for data in days]
    for head in heads:
        verify_logged(head, logged)
    verify_all_logged({subject_of(head): head for head in heads}, logged)
    # Gate and agency agree upon another history, and forget the first.
    changed = replace(heads[1], head=next_head(heads[1].head_before, b"another"))
    with pytest.raises(DayBookNotAsLogged, match="another head"):
        verify_logged(changed, logged)
    with pytest.raises(DayBookNotAsLogged, match="nothing"):
        verify_logged(replace(heads[1], number=9), logged)
    with pytest.raises(DayBookNotAsLogged, match="2 heads"):
        verify_logged(heads[1], [*logged, log_entry_of(changed)])
    kept = {subject_of(head): head for head in heads[:2]}
    with pytest.raises(DayBookNotAsLogged, match="gate-1/3"):
        verify_all_logged(kept, logged)
    with pytest.raises(DayBookNotAsLogged, match="another head"):
        verify_all_logged({**kept, "gate-1/2": changed}, logged)
    assert gate.name == heads[0].gate


def test_the_log_learns_neither_jobs_nor_flop() -> None:
    agency = ReportedAgency()
    agency.take(three_days()[1][0])
    public = agency.records.entry(0).decode()
    for secret in (BOOK, "4711", "1000000", "5000", "labs"):
        assert secret not in public


def test_strangers_and_other_keys_are_not_believed() -> None:
    stranger = ReportingGate(name="stranger")
    with pytest.raises(DayBookOfUnknownGate):
        ReportedAgency().take(stranger.close())
    data = ReportingGate().close()
    day = parse_day(data)
    forged = data.replace(
        day.envelope.encoded,
        b"%s"
        % (replace(day.envelope, signatures=()).signed_by(SeededSigner("x")).encoded),
    )
    with pytest.raises(DayBookUnsigned):
        ReportedAgency().take(forged)
    key_id = day.envelope.signatures[0].key_id
    mangled = forged.replace(SeededSigner("x").key.key_id.encode(), key_id.encode())
    with pytest.raises(SignatureInvalid):
        ReportedAgency().take(mangled)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"700"', b'"600"').replace(b'"-700"', b'"-600"'),
        lambda data: data.replace(READING.encoded + b"\n", b""),
        lambda data: data + READING.encoded + b"\n",
        lambda data: data.replace(
            b"\n[", b'\n[{"group":[],"keys":[],"name":"x","owner_id":"x"},', 1
        ).replace(b"},]", b"}]"),
    ],
    ids=["other FLOP", "one less", "one more", "another owner"],
)
def test_entries_and_owners_are_those_that_were_signed(
    change: Callable[[bytes], bytes],
) -> None:
    _, days = three_days()
    agency = ReportedAgency()
    agency.take(days[0])
    changed = change(days[1])
    assert changed != days[1]
    with pytest.raises(DayBookEntriesWrong):
        agency.take(changed, NOW + DAY)
    agency.take(days[1], NOW + DAY)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"x\n[]\n", b"{}\n[]\n"],
    ids=repr,
)
def test_what_is_no_day_book_is_refused(data: bytes) -> None:
    with pytest.raises(DayBookMalformed):
        ReportedAgency().take(data)


def test_a_cut_off_file_is_refused() -> None:
    data = ReportingGate().close()
    for end in (len(data) - 1, len(data) // 2, 10):
        with pytest.raises(DayBookMalformed):
            ReportedAgency().take(data[:end])


def test_a_gate_does_not_move() -> None:
    gate, agency = ReportingGate(), ReportedAgency()
    agency.take(gate.close())
    gate.site = "site-mombasa-1"
    with pytest.raises(DayBookOfAnotherSite):
        agency.take(gate.close(NOW + DAY), NOW + DAY)
    assert agency.kept("gate-1", Standing.REFUSED) == [2]


def test_times_that_cannot_be_true_are_refused() -> None:
    gate, agency = ReportingGate(), ReportedAgency()
    data = gate.close(NOW + timedelta(seconds=301))
    with pytest.raises(DayBookOutOfTime):
        agency.take(data, NOW)
    agency.take(data, NOW + timedelta(seconds=1))
    early = ReportingGate(name="gate-2")
    early.write(replace(READING, time=NOW + timedelta(seconds=301)))
    with pytest.raises(DayBookOutOfTime, match="last entry"):
        agency.take(early.close(NOW), NOW)
    day = parse_day(gate.close(NOW + DAY))
    back = replace(day.head, closed=NOW)
    with pytest.raises(DayBookOutOfTime, match="before the one"):
        agency.take(gate.signed(day, back), NOW + DAY)


@pytest.mark.parametrize("flop", [700, 701])
def test_an_entry_that_comes_on_two_days_counts_once(flop: int) -> None:
    gate, agency = ReportingGate(), ReportedAgency()
    gate.write(READING)
    agency.take(gate.close())
    again = replace(
        READING, postings={Account.METERED: flop, Account.CLAIMED: -flop}
    ).encoded
    day = parse_day(gate.close(NOW + DAY))
    head = day.head
    head = replace(
        head, entries=head.entries + 1, head=next_head(head.head_before, again)
    )
    with pytest.raises(DayBookRepeats):
        agency.take(gate.signed(replace(day, entries=(again,)), head), NOW + DAY)
    with agency.ledger.reading() as books:
        assert books.accounts(f"gate-1/{BOOK}")[Account.METERED] == 700
    assert agency.kept("gate-1", Standing.REFUSED) == [2]


def test_a_ledger_that_is_not_the_signed_one_closes_no_day() -> None:
    gate, _ = three_days()
    gate.ledger = MemoryLedger()
    gate.write(ALLOT)
    with pytest.raises(BooksDamaged, match="does not go on"):
        gate.close(NOW + 3 * DAY)


def test_a_correction_is_in_the_report_and_erases_nothing() -> None:
    gate, days = three_days()
    agency = ReportedAgency()
    gate.write(
        correct(
            SETTLE,
            [],
            settle(admission(), 900, NOW).postings,
            "counted twice",
            "Ada",
            NOW,
        )
    )
    for data in (*days, gate.close(NOW + 3 * DAY)):
        agency.take(data, NOW + 3 * DAY)
    with agency.ledger.reading() as books:
        assert books.accounts(f"gate-1/{BOOK}")[Account.SPENT] == 900
        made = books.entry("gate-1/correct/1/settle/4711")
        assert made is not None
        assert (made.by, made.refers_to) == ("Ada", "gate-1/settle/4711")
        assert books.entry("gate-1/settle/4711") is not None
