"""Lines between a meter and a gate: what one writes the other reads, and no more."""

from decimal import Decimal

import pytest

from assent.supervision.metering import (
    LINE_BYTES_MAX,
    Allowance,
    Batch,
    ExchangeMalformed,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    parse_from_gate,
    parse_from_meter,
    sign_readings,
)
from assent.testing.supervision.metering import BEGAN, CHAIN, METER, make_readings


@pytest.mark.parametrize(
    "said", [Hello(CHAIN), Batch(sign_readings(make_readings(3), METER))]
)
def test_a_gate_reads_what_a_meter_says(said: Hello | Batch) -> None:
    assert said.line.count(b"\n") == 1
    assert parse_from_meter(said.line) == said


@pytest.mark.parametrize(
    "said",
    [
        Head(0),
        Head(41),
        Permitted(Allowance(flop_max=4 * 10**25)),
        Permitted(
            Allowance(
                flop_max=4 * 10**25,
                oversight_flop=10**25,
                evaluations=("cyber-offence",),
                expires=BEGAN,
                order="order-2026-0001",
                weights_max=10**12,
            )
        ),
        Permitted(
            Allowance(
                flop_max=1, oversight_at=BEGAN, oversight_loss=Decimal("0.000000001")
            )
        ),
        NotBelieved(error="ReadingForked", message="…", remedy="…"),
    ],
)
def test_a_meter_reads_what_a_gate_says(said: Head | Permitted | NotBelieved) -> None:
    assert said.line.count(b"\n") == 1
    assert parse_from_gate(said.line) == said


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello\n",
        b"[]\n",
        b'{"say":"hello"}\n',
        b'{"chain":{},"say":"hello"}\n',
        b'{"chain":{"job_id":1,"meter":"","permit_id":"","run_id":""},"say":"hello"}\n',
        b'{"envelope":{},"say":"readings"}\n',
        b'{"envelope":[],"say":"readings"}\n',
        b'{"say":"head","sequence":-1}\n',
        b'{"say":"head","sequence":true}\n',
        b'{"more":1,"say":"head","sequence":1}\n',
        b'{"flop_max":"1","say":"allowance"}\n',
        Permitted(Allowance(flop_max=1)).line.replace(b'"1"', b"null", 1),
        Permitted(Allowance(flop_max=1)).line.replace(b'"1"', b'"-1"', 1),
        Permitted(Allowance(flop_max=1)).line.replace(b"[]", b'"x"'),
        Permitted(Allowance(flop_max=1)).line.replace(b"[]", b"[1]"),
        Permitted(Allowance(flop_max=1, expires=BEGAN)).line.replace(b"T12", b" 12"),
        b'{"error":1,"message":"","remedy":"","say":"refused"}\n',
        b" " * (LINE_BYTES_MAX + 1),
    ],
)
def test_refuses_what_neither_says(line: bytes) -> None:
    with pytest.raises(ExchangeMalformed):
        parse_from_meter(line)
    with pytest.raises(ExchangeMalformed) as raised:
        parse_from_gate(line)
    assert raised.value.remedy
