"""What every store of gates and acknowledgements must do, in memory and on disk."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from assent.adapters.agency.reach import SqliteReachStore
from assent.supervision.pause import GateRecord, ReachStore, read_reach
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import make_ack, make_order
from assent.testing.trust import NOW
from assent.translog.errors import LogDamaged

ORDER = make_order()
GATES = [GateRecord(f"gate-{n}", SeededSigner(f"gate-{n}").key) for n in range(3)]
Reopen = Callable[[], ReachStore]


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the store, again with what it kept."""
    memory = MemoryReachStore()
    opened: list[ReachStore] = []

    def open_() -> ReachStore:
        for store in opened:
            store.close()
        is_memory = request.param == "memory"
        opened[:] = [memory if is_memory else SqliteReachStore(tmp_path / "reach.db")]
        return opened[0]

    yield open_
    for store in opened:
        store.close()


def test_keeps_gates_by_name(reopen: Reopen) -> None:
    store = reopen()
    for gate in reversed(GATES):
        store.put_gates(gate)
    assert store.gates() == GATES
    moved = GateRecord("gate-1", GATES[1].key, "https://gate-1.example/orders")
    store.put_gates(moved)
    assert reopen().gates() == [GATES[0], moved, GATES[2]]
    assert reopen().drop_gate("gate-1")
    assert not reopen().drop_gate("gate-1")
    assert reopen().gates() == [GATES[0], GATES[2]]


def test_keeps_acknowledgements_once_and_in_order(reopen: Reopen) -> None:
    first = (1, "gate-2", make_ack(ORDER, "gate-2"), NOW)
    second = (1, "gate-1", make_ack(ORDER, "gate-1"), NOW + timedelta(microseconds=7))
    other = (2, "gate-1", make_ack(ORDER, "gate-1"), NOW)
    store = reopen()
    store.add_acks([first])
    store.add_acks([(*first[:3], NOW + timedelta(hours=1)), second, other])
    store.add_acks([])
    assert reopen().acks(1) == [first[2:], second[2:]]
    assert reopen().acks(3) == []


def test_keeps_relays_and_which_gates_are_behind_them(reopen: Reopen) -> None:
    store = reopen()
    behind = GateRecord("gate-1", GATES[1].key, relay="relay-1")
    store.put_gates(GATES[0], behind)
    store.put_relay("relay-1", SeededSigner("relay-0").key)
    store.put_relay("relay-1", SeededSigner("relay-1").key)
    assert reopen().gates() == [GATES[0], behind]
    assert reopen().relays() == {"relay-1": SeededSigner("relay-1").key}
    reopen().put_gates(GATES[1])  # behind none any more
    assert reopen().gates() == GATES[:2]


def test_keeps_rolls_once_as_they_were_sent(reopen: Reopen) -> None:
    store = reopen()
    store.add_roll(1, "relay-1", b"one\nline", NOW)
    store.add_roll(1, "relay-1", b"one\nline", NOW + timedelta(hours=1))
    store.add_roll(1, "relay-2", b"one\nline", NOW)
    store.add_roll(2, "relay-1", b"one\nline", NOW)
    assert reopen().rolls(1) == [
        ("relay-1", b"one\nline", NOW),
        ("relay-2", b"one\nline", NOW),
    ]
    assert reopen().acks(1) == []


def test_counts_again_only_what_known_gates_signed(reopen: Reopen) -> None:
    store = reopen()
    for gate in GATES:
        store.put_gates(gate)
    forged = make_ack(ORDER, "gate-1", signer="mallory")
    store.add_acks(
        [
            (1, "gate-0", make_ack(ORDER, "gate-0"), NOW),
            (1, "gate-1", forged, NOW),
            (1, "gate-9", make_ack(ORDER, "gate-9"), NOW),
        ]
    )
    reach = read_reach(reopen(), ORDER)
    assert set(reach.acks) == {"gate-0"}
    assert reach.missing == ("gate-1", "gate-2")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reach.db"
    store = SqliteReachStore(path)
    store.add_acks([(1, "gate-0", make_ack(ORDER, "gate-0"), NOW)])
    store.close()
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(LogDamaged):
        SqliteReachStore(path).acks(1)


def test_a_file_from_before_there_were_relays_is_used_on(tmp_path: Path) -> None:
    path = tmp_path / "reach.db"
    SqliteReachStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        for table in ("relay", "behind", "roll"):
            connection.execute(f"DROP TABLE {table}")
    with closing(SqliteReachStore(path)) as store:
        store.put_gates(*GATES)
        assert store.gates() == GATES
        assert store.relays() == {}
