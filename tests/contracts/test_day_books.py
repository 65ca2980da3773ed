"""What every place of day books must do, on the fake and on the real one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assent.adapters.ledger.day_books import ReceivedFolder
from assent.supervision.daybook import Received, Standing
from assent.testing.supervision.memory_day_books import MemoryReceived
from assent.translog.errors import StateDamaged
from assent.vocabulary import CaseChanged

T = datetime(2026, 6, 1, 12, tzinfo=UTC)
Reopen = Callable[[], Received]


@pytest.fixture(params=["memory", "folder"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Reopen:
    """Return what opens the same place again, as another process would."""
    if request.param == "memory":
        memory = MemoryReceived()
        return lambda: memory
    return lambda: ReceivedFolder(tmp_path / "day-books")


def test_what_was_put_is_there(reopen: Reopen) -> None:
    days = reopen().of("gate-1")
    assert (days.last(), days.kept(Standing.TAKEN)) == (None, [])
    days.put(1, b"one\n[]\n", T, Standing.TAKEN)
    days.put(2, b"two\n[1]\nx\n", T + timedelta(days=1), Standing.TAKEN)
    days.put(4, b"four\n[]\n", T, Standing.EARLY)
    again = reopen().of("gate-1")
    last = again.last()
    assert last is not None
    assert (last.number, last.arrived) == (2, T + timedelta(days=1))
    assert again.data(last) == b"two\n[1]\nx\n"
    assert again.top(last) == (b"two", b"[1]")
    assert [day.number for day in again.kept(Standing.TAKEN)] == [1, 2]
    assert [day.number for day in again.kept(Standing.EARLY)] == [4]
    assert reopen().gates() == ["gate-1"]
    assert reopen().of("gate-2").last() is None


def test_one_of_each_number_is_taken_and_the_same_again_does_no_harm(
    reopen: Reopen,
) -> None:
    days = reopen().of("gate-1")
    for later in range(2):
        days.put(1, b"one\n[]\n", T + timedelta(days=later), Standing.TAKEN)
    with pytest.raises(CaseChanged):
        days.put(1, b"other\n[]\n", T, Standing.TAKEN)
    (day,) = days.kept(Standing.TAKEN)
    assert (day.arrived, days.data(day)) == (T, b"one\n[]\n")


def test_all_evidence_of_a_number_is_kept(reopen: Reopen) -> None:
    days = reopen().of("gate-1")
    for data in (b"a\n[]\n", b"b\n[]\n", b"a\n[]\n"):
        days.put(1, data, T, Standing.REFUSED)
    kept = reopen().of("gate-1").kept(Standing.REFUSED)
    assert {days.data(day) for day in kept} == {b"a\n[]\n", b"b\n[]\n"}


def test_an_early_one_goes_when_it_is_no_longer_early(reopen: Reopen) -> None:
    days = reopen().of("gate-1")
    days.put(2, b"two\n[]\n", T, Standing.EARLY)
    days.put(3, b"three\n[]\n", T, Standing.EARLY)
    days.drop_early(2)
    assert [day.number for day in reopen().of("gate-1").kept(Standing.EARLY)] == [3]


# The real one.


def test_a_file_that_was_changed_is_noticed(tmp_path: Path) -> None:
    days = ReceivedFolder(tmp_path).of("gate-1")
    days.put(1, b"one\n[]\n", T, Standing.TAKEN)
    (path,) = (tmp_path / "gate-1").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"two\n[]\n")
    (day,) = days.kept(Standing.TAKEN)
    with pytest.raises(StateDamaged):
        days.data(day)


def test_what_a_killed_writer_left_is_passed_over(tmp_path: Path) -> None:
    days = ReceivedFolder(tmp_path).of("gate-1")
    days.put(1, b"one\n[]\n", T, Standing.TAKEN)
    (tmp_path / "gate-1" / ".writing-abc").write_bytes(b"on")
    assert [day.number for day in days.kept(Standing.TAKEN)] == [1]
