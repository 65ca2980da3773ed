"""What every store of gates and acknowledgements must do, in memory and on disk."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.postgresql_server import postgresql_url, server

from assent.adapters.agency.reach import (
    SqliteReachStore,
    export_reach,
    import_reach,
    open_reach_store,
)
from assent.supervision.pause import GateRecord, ReachStore, read_reach
from assent.testing.states import SeededSigner
from assent.testing.supervision.memory_reach import MemoryReachStore
from assent.testing.supervision.orders import make_ack, make_order
from assent.testing.trust import NOW
from assent.translog.errors import LogDamaged

__all__ = ["postgresql_url", "server"]  # fixtures
ORDER = make_order()
GATES = [GateRecord(f"gate-{n}", SeededSigner(f"gate-{n}").key) for n in range(3)]
Reopen = Callable[[], ReachStore]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what opens the store, again with what it kept."""
    memory = MemoryReachStore()
    opened: list[ReachStore] = []

    def open_() -> ReachStore:
        for store in opened:
            store.close()
        opened[:] = [make[request.param]()]
        return opened[0]

    make: dict[str, Callable[[], ReachStore]] = {
        "memory": lambda: memory,
        "sqlite": lambda: open_reach_store(tmp_path / "reach.db"),
        "postgresql": lambda: open_reach_store(
            str(request.getfixturevalue("postgresql_url"))
        ),
    }

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


def test_what_is_written_as_lines_is_kept_again_the_same(reopen: Reopen) -> None:
    store = reopen()
    store.put_gates(*GATES)
    store.put_relay("relay-1", SeededSigner("relay-1").key)
    store.add_acks([(2, "gate-0", make_ack(make_order(number=2), "gate-0"), NOW)])
    store.add_acks([(1, "gate-1", make_ack(ORDER, "gate-1"), NOW)])
    store.add_roll(3, "relay-1", b"\x00roll", NOW)
    lines = list(export_reach(store))
    other = MemoryReachStore()
    assert import_reach(other, lines) == len(lines) == 7
    assert list(export_reach(other)) == lines
    assert import_reach(store, lines) == 7
    assert list(export_reach(reopen())) == lines
    assert reopen().acknowledged() == [1, 2, 3]


def test_an_acknowledgement_may_be_long(reopen: Reopen) -> None:
    store = reopen()
    long = make_ack(ORDER, "gate-0")
    for number in range(30):  # longer than what PostgreSQL takes into an index
        long = long.signed_by(SeededSigner(f"signer-{number}"))
    assert len(long.encoded) > 4_000
    store.add_acks([(1, "gate-0", long, NOW), (1, "gate-0", long, NOW)])
    assert reopen().acks(1) == [(long, NOW)]


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
