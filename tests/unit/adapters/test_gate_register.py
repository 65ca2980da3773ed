"""A gate knows after a crash what it knew before, and never less is paused."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from assent.adapters.gate.orders import GateRegister
from assent.supervision.pause import FeedItem, OrderFromTheFuture, Outcome, RunFacts
from assent.testing.permits import SimulatedAgency
from assent.testing.states import STATES
from assent.testing.supervision.orders import (
    SITE,
    follow,
    make_order,
    pausing_treaty,
    prove_order,
    resume,
    sign_order,
)
from assent.testing.trust import NOW
from assent.translog.errors import LogDamaged, StoreUnavailable
from assent.vocabulary import NotFound

HERE = RunFacts(run_id="r", site="site-nairobi-1", party="KEN", flop=1)
ONE = make_order(SITE)
TWO = resume(ONE, ONE)
ITEMS = [FeedItem(1, sign_order(ONE)), FeedItem(2, sign_order(TWO))]
PROVED = FeedItem(3, sign_order(TWO), prove_order(TWO, sign_order(TWO)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the register is."""
    made = tmp_path / "orders.db"
    GateRegister(made, create=True).close()
    return made


def held(path: Path) -> list[int]:
    with closing(GateRegister(path)) as register:
        return [order.number for order in register.holds(HERE, NOW)]


def test_remembers_after_every_step(path: Path) -> None:
    assert held(path) == []
    for item, after in ((ITEMS[0], [1]), (ITEMS[1], [1]), (PROVED, [])):
        with closing(GateRegister(path)) as register:
            assert register.receive(item, pausing_treaty(), NOW).is_news
            assert register.position == item.position
        assert held(path) == after


def test_what_is_forged_is_not_kept_and_holds_up_nothing(path: Path) -> None:
    forged = FeedItem(1, sign_order(ONE, STATES[:5]))
    with closing(GateRegister(path)) as register:
        reception = register.receive(forged, pausing_treaty(), NOW)
        assert reception.outcome is Outcome.REFUSED
        assert register.receive(FeedItem(2, sign_order(ONE)), pausing_treaty(), NOW)
        assert register.position == 0  # whoever starts again reads it again
    assert held(path) == [1]


def test_an_order_that_comes_before_its_time_by_a_slow_clock_is_not_lost(
    path: Path,
) -> None:
    slow = ONE.issued - timedelta(minutes=10)
    with closing(GateRegister(path)) as register:
        first = register.receive(ITEMS[0], pausing_treaty(), slow)
        assert isinstance(first.error, OrderFromTheFuture)
    with closing(GateRegister(path)) as register:
        assert register.position == 0
        assert register.receive(ITEMS[0], pausing_treaty(), NOW).is_news
        assert register.position == 1
        register.read_again()
        assert register.position == 0
    assert held(path) == [1]


def test_a_pause_outlives_the_treaty_by_which_it_was_verified(path: Path) -> None:
    with closing(GateRegister(path)) as register:
        register.receive(ITEMS[0], pausing_treaty(), NOW)
    changed = SimulatedAgency()
    changed.form["version"] = 2
    for member in changed.form["members"]:
        member["keys"] = []
    treaty = changed.trusted.treaty
    with closing(GateRegister(path)) as register:
        assert register.holds(HERE, NOW) == (ONE,)
        fresh = FeedItem(2, sign_order(follow(ONE)))
        outcome = register.receive(fresh, treaty, NOW).outcome
        assert outcome is Outcome.REFUSED
        assert register.holds(HERE, NOW) == (ONE,)


def test_a_disk_that_refuses_does_not_keep_a_run_going(path: Path) -> None:
    register = GateRegister(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        register._file._connection.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001
        with pytest.raises(StoreUnavailable):
            register.receive(ITEMS[0], pausing_treaty(), NOW)
    assert register.holds(HERE, NOW) == (ONE,)
    assert register.position == 0
    # It is kept as soon as the disk can, though the order is known by then.
    again = register.receive(ITEMS[0], pausing_treaty(), NOW)
    assert again.outcome is Outcome.REPLAYED
    assert register.position == 1
    register.close()
    assert held(path) == [1]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE known SET content = x'00'",
        "UPDATE known SET digest = 'sha256:other'",
        "DELETE FROM feed",
    ],
)
def test_a_damaged_register_is_no_empty_one(path: Path, damage: str) -> None:
    with closing(GateRegister(path)) as register:
        register.receive(ITEMS[0], pausing_treaty(), NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)
    with pytest.raises(LogDamaged):
        GateRegister(path)


def test_a_file_of_something_else_is_no_register(path: Path) -> None:
    path.write_bytes(b"something else, longer than a header" * 40)
    with pytest.raises(LogDamaged):
        GateRegister(path)


def test_a_register_that_was_lost_is_no_empty_one(path: Path) -> None:
    path.unlink()
    with pytest.raises(NotFound, match="nothing may run"):
        GateRegister(path)


def test_orders_cannot_be_deleted(path: Path) -> None:
    with closing(GateRegister(path)) as register:
        register.receive(ITEMS[0], pausing_treaty(), NOW)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="stays"),
    ):
        connection.execute("DELETE FROM known")
