"""What all gates together were permitted and used, and what is odd about it."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from tests.day_books import DAY, ReportedAgency, ReportingGate
from tests.unit.supervision.ledger.test_entries import admission

from assent.supervision.admission import Owner, OwnerRegister, overseers_book
from assent.supervision.daybook import (
    Books,
    By,
    DayBookForked,
    OwnerGroups,
    PermitFacts,
    check_all_books,
    check_received,
    last_head,
    parse_owners,
    read_books,
)
from assent.supervision.ledger import (
    Bounds,
    Entry,
    Finding,
    FindingKind,
    Kind,
    allot,
    meter,
    observe,
    reserve,
    settle,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW

PERMIT = PermitFacts(
    permit_id="permit-2026-0001",
    run_id="run-1",
    developer="Example Labs",
    key=SeededSigner("labs").key.text,
    flop=10_000,
)


def spend(book: str, flop: int, job: str = "1") -> list[Entry]:
    """Return the entries of a job that ended."""
    one = replace(admission(job, flop), admitted=NOW)
    entries = [reserve(one), settle(one, flop, NOW)]
    return [replace(entry, book=book) for entry in entries]


def meters(book: str, metered: int, observed: int) -> list[Entry]:
    """Return what a meter and a collector say."""
    return [
        meter(book, "1", f"{book}/m", metered, NOW, "sha256:a"),
        observe(book, "1", f"{book}/c", observed, NOW, "sha256:b"),
    ]


def books_of(agency: ReportedAgency, register: OwnerRegister | None = None) -> Books:
    """Return all books as the agency sees them."""
    heads, owners = {}, {}
    for gate in agency.received.gates():
        days = agency.received.of(gate)
        head, last = last_head(days), days.last()
        assert head is not None
        assert last is not None
        heads[gate] = head
        owners[gate] = parse_owners(days.top(last)[1])
    groups = OwnerGroups(owners, register, NOW.date())
    permits = {PERMIT.permit_id: PERMIT}
    return read_books(agency.ledger, heads, groups, permits.get)


def two_gates(first: list[Entry], second: list[Entry]) -> ReportedAgency:
    """Return an agency that took a day of two gates, in two states."""
    agency = ReportedAgency()
    for gate, entries in (
        (ReportingGate(), first),
        (ReportingGate("gate-2", "site-lima-1", "PER"), second),
    ):
        gate.write(*entries)
        agency.take(gate.close())
    return agency


def found(agency: ReportedAgency, kind: FindingKind, **named: object) -> list[Finding]:
    """Return the findings of a kind."""
    given = books_of(agency)
    below = named.get("flop_below")
    bounds = Bounds()
    assert below is None or isinstance(below, int)
    return [one for one in check_all_books(given, below, bounds) if one.kind is kind]


def test_what_overseers_use_counts_for_the_run() -> None:
    book = PERMIT.permit_id
    kept = overseers_book(book)
    agency = two_gates(
        [*spend(book, 9_000)], [*spend(kept, 600), *spend(kept, 500, "2")]
    )
    given = books_of(agency)
    for by, key in ((By.RUN, PERMIT.run_id), (By.DEVELOPER, PERMIT.developer)):
        (total,) = given.totals(by)
        assert (total.key, total.flop_permitted, total.flop) == (key, 10_000, 10_100)
    overrun = {finding.about for finding in found(agency, FindingKind.OVERRUN)}
    assert PERMIT.run_id in overrun
    assert not found(agency, FindingKind.UNKNOWN_PERMIT)


def test_totals_are_by_run_developer_owner_site_and_party() -> None:
    book = PERMIT.permit_id
    agency = two_gates(
        [
            allot(book, 1, 5_000, NOW),
            *spend(book, 700),
            *spend("exempt:sister", 30, "2"),
        ],
        [allot(book, 2, 5_000, NOW), *spend(book, 50), *meters(book, 40, 50)],
    )
    given = books_of(agency)
    by_run = {total.key: total for total in given.totals(By.RUN)}
    assert set(by_run) == {"run-1", "exempt:sister at gate-1"}
    run = by_run["run-1"]
    assert (run.flop_permitted, run.flop_allotted, run.flop) == (10_000, 10_000, 750)
    assert (run.balances.metered, run.balances.observed) == (40, 50)
    assert run.sites == {"site-nairobi-1", "site-lima-1"}
    # Example Labs controls its sister, and holds the permit's key.
    (owner,) = given.totals(By.OWNER)
    assert (owner.key, owner.flop) == ("Example Labs", 780)
    spent = {
        by: {total.key: total.balances.spent for total in given.totals(by)}
        for by in (By.DEVELOPER, By.SITE, By.PARTY)
    }
    assert spent == {
        By.DEVELOPER: {"Example Labs": 780},
        By.SITE: {"site-lima-1": 50, "site-nairobi-1": 730},
        By.PARTY: {"KEN": 730, "PER": 50},
    }


def test_a_run_that_no_site_sees_beyond_its_permit_is_found() -> None:
    book = PERMIT.permit_id
    each = [allot(book, 1, 9_000, NOW), *spend(book, 5_000)]
    assert found(two_gates(each, each), FindingKind.OVERRUN) == []
    more = [allot(book, 1, 9_000, NOW), *spend(book, 5_001)]
    (one,) = found(two_gates(each, more), FindingKind.OVERRUN)
    assert one.about == "run-1"
    assert "site-lima-1, site-nairobi-1" in one.words
    overdrawn = [allot(book, 1, 4_999, NOW), *spend(book, 5_000)]
    (one,) = found(two_gates(overdrawn, []), FindingKind.OVERRUN)
    assert one.about == "permit-2026-0001 at site-nairobi-1"


def test_drift_is_that_of_a_run_at_all_its_sites() -> None:
    book = PERMIT.permit_id
    low, high = meters(book, 10, 100), meters(book, 100, 100)
    (one,) = found(two_gates(low, low), FindingKind.DRIFT)
    assert one.about == "run-1"
    assert found(two_gates(low, high), FindingKind.DRIFT) == []


def test_slices_at_several_providers_are_found() -> None:
    slices = spend("exempt:labs", 850)
    sister = [*spend("exempt:labs", 850), *spend("exempt:sister", 900, "2")]
    many = found(two_gates(slices, sister), FindingKind.STRUCTURING, flop_below=1_000)
    assert len(many) == 2
    assert "3 undertakings" in many[0].words
    assert "site-lima-1, site-nairobi-1" in many[1].words
    few = two_gates(spend("exempt:labs", 499), spend("exempt:labs", 500))
    assert found(few, FindingKind.STRUCTURING, flop_below=1_000) == []
    (together,) = found(few, FindingKind.STRUCTURING, flop_below=999)
    assert together.about == "Example Labs"
    strangers = two_gates(spend("exempt:stranger", 600), spend("exempt:stranger", 600))
    # Called alike at two sites is not known to be one.
    assert found(strangers, FindingKind.STRUCTURING, flop_below=1_000) == []


def test_the_agency_s_own_register_joins_what_sites_cannot() -> None:
    agency = two_gates(spend("exempt:stranger", 600), spend("exempt:stranger", 600))
    register = OwnerRegister(
        owners={
            "one": Owner(
                owner_id="one",
                name="Stranger Holdings",
                accounts=frozenset({"gate-1/stranger", "gate-2/stranger"}),
            )
        },
        control_share=Fraction(1, 2),
        citation="a test",
    )
    (owner,) = books_of(agency, register).totals(By.OWNER)
    assert owner.flop == 1_200
    (one,) = check_all_books(books_of(agency, register), 1_000, Bounds())
    assert one.kind is FindingKind.STRUCTURING


def test_permits_of_nobody_and_charges_below_the_meters_are_found() -> None:
    agency = two_gates(
        spend("permit-2026-0099", 5),
        [*spend(PERMIT.permit_id, 70), *meters(PERMIT.permit_id, 71, 0)],
    )
    (unknown,) = found(agency, FindingKind.UNKNOWN_PERMIT)
    assert "permit-2026-0099" in unknown.words
    (below,) = found(agency, FindingKind.BELOW_METERS)
    assert below.about == PERMIT.permit_id


def test_gates_that_fork_skip_fall_silent_or_are_late_are_found() -> None:
    agency = ReportedAgency()
    gate = ReportingGate()
    agency.take(gate.close())
    assert check_received(agency.received, NOW + 2 * DAY) == []
    assert [one.kind for one in check_received(agency.received, NOW + 3 * DAY)] == [
        FindingKind.SILENCE
    ]
    other = ReportingGate()
    other.write(Entry(entry_id="x", kind=Kind.ALLOT, book="b", time=NOW, postings={}))
    with pytest.raises(DayBookForked):
        agency.take(other.close())
    gate.close(NOW + DAY)
    third = gate.close(NOW + 2 * DAY)
    agency.take(third, NOW + 2 * DAY)
    assert [one.kind for one in check_received(agency.received, NOW + 2 * DAY)] == [
        FindingKind.FORK,
        FindingKind.GAP,
    ]
    late = ReportingGate("gate-2")
    agency.take(late.close(), NOW + timedelta(days=2, seconds=1))
    kinds = [one.kind for one in check_received(agency.received, NOW)]
    assert kinds == [FindingKind.FORK, FindingKind.GAP, FindingKind.LATE]


def test_groups_that_are_called_alike_are_told_apart() -> None:
    agency = two_gates(spend("exempt:stranger", 6), spend("exempt:stranger", 7))
    assert [total.key for total in books_of(agency).totals(By.OWNER)] == [
        "Stranger",
        "Stranger (gate-2/stranger)",
    ]
    assert OwnerGroups({}, None, date(2026, 6, 1)).of_owner("g", "o") == "g/o"
