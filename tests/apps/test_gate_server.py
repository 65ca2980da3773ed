"""A gate's socket: lines in any pieces, from schedulers and from meters."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate

from assent.supervision.admission import Hold
from assent.supervision.metering import (
    ChainId,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    parse_from_gate,
)
from assent.testing.supervision.metering import METER


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SmallGate]:
    with small_gate(tmp_path, grace_s=1) as found:
        yield found


@pytest.fixture
def line(gate: SmallGate) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(gate.socket))
        yield connection


def heard(connection: socket.socket) -> bytes:
    """Return the next line."""
    said = b""
    while not said.endswith(b"\n"):
        said += connection.recv(1)
    return said


def question(verb: str, **more: Any) -> bytes:  # noqa: ANN401 - any question
    return json.dumps({"verb": verb, **more}).encode() + b"\n"


JOB = {
    "job_id": "c1/1",
    "account": "labs",
    "permit_id": PERMIT.permit_id,
    "chips": {"H100 SXM": 1},
    "time_limit_s": 600,
    "flop_max": None,
    "purpose": "",
}
CHAIN = ChainId(
    run_id=PERMIT.run_id,
    permit_id=PERMIT.permit_id,
    job_id="c1/1",
    meter=METER.key,
)


def test_questions_come_in_any_pieces(line: socket.socket) -> None:
    asked = question("admit", job=JOB)
    for piece in (asked[:1], asked[1:9], asked[9:]):
        line.sendall(piece)
        time.sleep(0.05)
    admission = json.loads(heard(line))["admission"]
    assert admission["flop_reserved"] == str(600 * RATE)
    line.sendall(question("poll", job_id="c1/1") + question("end", job_id="c1/1"))
    assert json.loads(heard(line))["stop"] is None
    assert json.loads(heard(line))["job"]["state"] == "ended"


@pytest.mark.parametrize(
    "asked", [b"\0\n", b"[]\n", b'{"verb":"x"}\n', b'{"verb":["admit"]}\n', b"1e999\n"]
)
def test_what_is_no_question_is_told_so(line: socket.socket, asked: bytes) -> None:
    line.sendall(asked)
    said = json.loads(heard(line))
    assert (said["ok"], said["error"]) == (False, "InputError")
    line.sendall(question("status"))
    assert json.loads(heard(line))["ok"] is True


def test_a_line_that_never_ends_ends_the_connection(line: socket.socket) -> None:
    said = b""
    with suppress(BrokenPipeError, ConnectionResetError):
        line.sendall(b"x" * 3_000_000)
    with suppress(ConnectionResetError):
        while chunk := line.recv(65_536):  # a timeout would fail the test
            said += chunk
    assert said.count(b"\n") <= 1
    assert not said or json.loads(said)["ok"] is False


def test_a_meter_hears_of_an_order_while_it_says_nothing(
    gate: SmallGate, line: socket.socket
) -> None:
    with socket.socket(socket.AF_UNIX) as scheduler:
        scheduler.connect(str(gate.socket))
        scheduler.sendall(question("admit", job=JOB))
        assert json.loads(heard(scheduler))["ok"]
    # Two lines at once: what follows on the hello is not lost.
    line.sendall(Hello(CHAIN).line + b"{}\n")
    assert parse_from_gate(heard(line)) == Head(0)
    first, second = (parse_from_gate(heard(line)) for _ in range(2))
    assert isinstance(first, Permitted)
    assert first.allowance.order is None
    assert isinstance(second, NotBelieved)
    gate.orders.append(Hold(order="1", words="Everything stops."))
    began = time.monotonic()
    said = parse_from_gate(heard(line))
    assert isinstance(said, Permitted)
    assert said.allowance.order == "Everything stops."
    assert time.monotonic() < began + 5
