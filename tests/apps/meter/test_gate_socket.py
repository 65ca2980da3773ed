"""A meter over a Unix socket: to a gate that is there, to none, and to a bad one."""

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.metered import BATCH, BEGAN, STEP, open_meter

from assent.adapters.packaged import packaged_accelerators
from assent.apps.meter import GateSocket
from assent.supervision.metering import LINE_BYTES_MAX, Allowance, StopKind
from assent.testing.supervision.metering import MemoryGate


class SocketGate:
    """The gate in memory, behind a socket."""

    def __init__(self, path: Path) -> None:
        """Listen."""
        self.gate = MemoryGate(packaged_accelerators(), now=BEGAN + timedelta(days=1))
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.connection: socket.socket | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        self.connection, _ = self.listener.accept()
        with self.connection, self.connection.makefile("rb") as lines:
            for line in lines:
                self.gate.send(line)
                for answer in self.gate.receive() or []:
                    self.connection.sendall(answer)

    def say(self, allowance: Allowance) -> None:
        """Tell the meter."""
        self.gate.say(allowance)
        assert self.connection is not None
        for answer in self.gate.receive() or []:
            self.connection.sendall(answer)

    def close(self) -> None:
        """End."""
        self.listener.close()
        self.thread.join(10)


def until(is_so: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.01)


def test_a_gate_takes_readings_and_stops_the_run(tmp_path: Path) -> None:
    gate = SocketGate(tmp_path / "gate.sock")
    with open_meter(tmp_path / "meter", gate=tmp_path / "gate.sock") as meter:
        meter.step(BATCH)
        meter.state_dict()
        until(lambda: gate.gate.flop == STEP)
        gate.say(Allowance(flop_max=10**30, order="order-2026-0001"))
        until(lambda: meter.should_stop)
        assert not meter.step(BATCH)
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.PAUSE_ORDER
    gate.close()


def test_a_gate_gets_the_last_readings_of_a_short_job(tmp_path: Path) -> None:
    gate = SocketGate(tmp_path / "gate.sock")
    with open_meter(tmp_path / "meter", gate=tmp_path / "gate.sock") as meter:
        for _ in range(3):
            meter.step(BATCH)
    until(lambda: gate.gate.flop == 3 * STEP)
    gate.close()


def test_a_meter_does_not_wait_for_a_gate_that_is_not_there(tmp_path: Path) -> None:
    link = GateSocket(tmp_path / "none.sock")
    assert not link.send(b"{}\n")
    assert link.receive() is None
    began_s = time.monotonic()
    with open_meter(tmp_path / "meter", gate=tmp_path / "none.sock") as meter:
        assert meter.step(BATCH)
    assert time.monotonic() - began_s < 5


@pytest.fixture
def ends(tmp_path: Path) -> tuple[GateSocket, socket.socket, socket.socket]:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(tmp_path / "gate.sock"))
    listener.listen()
    link = GateSocket(tmp_path / "gate.sock")
    assert link.send(b"hello\n")
    other, _ = listener.accept()
    return link, other, listener


def test_lines_come_whole_in_any_pieces(
    ends: tuple[GateSocket, socket.socket, socket.socket],
) -> None:
    link, other, listener = ends
    assert other.recv(100) == b"hello\n"
    found: list[bytes] = []
    for piece in (b"on", b"e\ntw", b"o\n", b"thr"):
        other.sendall(piece)
        found += link.receive() or []
    assert found == [b"one", b"two"]
    other.close()
    assert link.receive() is None
    listener.close()


def test_a_gate_that_floods_is_hung_up_on(
    ends: tuple[GateSocket, socket.socket, socket.socket],
) -> None:
    link, other, listener = ends
    other.settimeout(5)
    flood = threading.Thread(target=_flood, args=(other,), daemon=True)
    flood.start()
    until(lambda: link.receive() is None)
    flood.join(10)
    other.close()
    listener.close()


def _flood(other: socket.socket) -> None:
    try:
        other.sendall(b"x" * (3 * LINE_BYTES_MAX))
    except OSError:
        return


def test_a_gate_that_reads_nothing_stops_no_meter(
    ends: tuple[GateSocket, socket.socket, socket.socket],
) -> None:
    link, other, listener = ends
    line = b"x" * 300_000 + b"\n"
    sent = [link.send(line) for _ in range(20)]
    assert sent[0]
    assert not sent[-1]  # it waits its turn, in the file
    link.close()
    other.close()
    listener.close()
