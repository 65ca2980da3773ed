"""The bytes of a batch: one spelling, every limit kept."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.metering import (
    READINGS_MAX,
    Carried,
    Hardware,
    ReadingsMalformed,
    chain_of,
    parse_readings,
    sign_readings,
)
from assent.supervision.metering.batch import (
    BATCH_BYTES_MAX,
    CHIP_KINDS_MAX,
    CHIPS_MAX,
    WALL_MS_MAX,
)
from assent.testing.supervision.metering import (
    CHAIN,
    METER,
    make_readings,
    next_reading,
)
from assent.vocabulary import AssentError, canonical_bytes
from assent.vocabulary.envelope import parse_envelope

READING = next_reading(carried=Carried(digest=f"sha256:{'ab' * 32}", flop_total=0))


def payload(*rows: Mapping[str, object]) -> bytes:
    value = {"format": "assent-meter-readings/1", "readings": list(rows)}
    return canonical_bytes(value)  # type: ignore[arg-type] # also what is not plain


def malformed(data: bytes) -> None:
    with pytest.raises(ReadingsMalformed) as raised:
        parse_readings(data)
    assert raised.value.remedy


def test_a_batch_comes_back_as_it_was() -> None:
    readings = [*make_readings(3), READING]
    envelope = parse_envelope(sign_readings(readings, METER).encoded)
    parsed = parse_readings(envelope.payload)
    assert [reading for reading, _ in parsed] == readings
    assert [made for _, made in parsed] == [reading.digest for reading in readings]
    assert chain_of(envelope) == CHAIN


def test_flop_are_decimal_strings_whatever_their_size() -> None:
    huge = 3 * 10**35 + 1
    reading = next_reading(flop=huge, flop_total=huge)
    data = sign_readings([reading], METER).payload
    assert f'"flop":"{huge}"'.encode() in data
    assert parse_readings(data)[0][0] == reading


def test_the_largest_batch_fits_an_envelope() -> None:
    chips = {f"{'x' * 190}{kind:02}": CHIPS_MAX for kind in range(CHIP_KINDS_MAX)}
    one = next_reading(hardware=Hardware(chips={"H100 SXM": 8}, wall_ms=1))
    full = [one] * READINGS_MAX
    assert parse_envelope(sign_readings(full, METER).encoded)
    wide = [replace(one, hardware=Hardware(chips=chips, wall_ms=1))] * READINGS_MAX
    malformed(sign_readings(wide, METER).payload)  # nobody's; beyond BATCH_BYTES_MAX


@pytest.mark.parametrize("count", [0, READINGS_MAX + 1])
def test_refuses_to_sign_none_or_too_many(count: int) -> None:
    with pytest.raises(ReadingsMalformed):
        sign_readings([READING] * count, METER)


def test_refuses_what_is_too_long_before_reading_it() -> None:
    malformed(b"[" * (BATCH_BYTES_MAX + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"format":"assent-meter-readings/1","readings":[]}',
        b'{"format":"assent-meter-readings/2","readings":[{}]}',
        b'{"format":"assent-meter-readings/1","readings":{}}',
        b'{"format":"assent-meter-readings/1","readings":[1]}',
        b'{"format":"assent-meter-readings/1", "readings":[1]}',
    ],
)
def test_refuses_what_is_no_batch(data: bytes) -> None:
    malformed(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sequence", 0),
        ("sequence", True),
        ("sequence", "1"),
        ("step_first", 0),
        ("step_last", -1),
        ("flop", 5),
        ("flop", "05"),
        ("flop", "-5"),
        ("flop", "1e5"),
        ("flop", "9" * 38),
        ("flop_charged", None),
        ("flop_total", "٣"),
        ("training_tokens", -1),
        ("padding_tokens", 2**53),
        ("previous", "sha256:" + "A" * 64),
        ("previous", None),
        ("time_from", "2026-06-01T12:00:00+00:00"),
        ("time_to", "2026-02-30T12:00:00Z"),
        ("time_to", 7),
        ("meter", "d75a"),
        ("meter", ["d75a"]),
        ("run_id", ""),
        ("run_id", "a\nb"),
        ("run_id", {}),
        ("permit_id", "permit-1"),
        ("job_id", "x" * 201),
        ("format", "assent-meter-reading/2"),
        ("carried", {}),
        ("carried", {"digest": "sha256:00", "flop_total": "0"}),
        ("carried", {"digest": f"sha256:{'0' * 64}", "flop_total": 0}),
        ("hardware", None),
        ("hardware", {"chips": {}, "wall_ms": -1}),
        ("hardware", {"chips": {}, "wall_ms": WALL_MS_MAX + 1}),
        ("hardware", {"chips": [], "wall_ms": 1}),
        ("hardware", {"chips": {"H100": 0}, "wall_ms": 1}),
        ("hardware", {"chips": {"H100": CHIPS_MAX + 1}, "wall_ms": 1}),
        ("hardware", {"chips": {"": 1}, "wall_ms": 1}),
        (
            "hardware",
            {
                "chips": {str(kind): 1 for kind in range(CHIP_KINDS_MAX + 1)},
                "wall_ms": 1,
            },
        ),
    ],
)
def test_refuses_a_field_of_another_form(name: str, value: object) -> None:
    malformed(payload({**READING.plain, name: value}))


@pytest.mark.parametrize("name", sorted(READING.plain))
def test_refuses_a_missing_field_and_one_too_many(name: str) -> None:
    row = dict(READING.plain)
    del row[name]
    malformed(payload(row))
    malformed(payload({**READING.plain, f"{name}_2": 1}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(sorted(READING.plain)), inner, max_size=9)
        ),
        max_leaves=20,
    )
)
def test_no_foreign_error_leaves_the_parser(value: object) -> None:
    data = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    try:
        rows = payload({**READING.plain, **(value if isinstance(value, dict) else {})})
    except AssentError:
        rows = data
    for attempt in (data, rows):
        try:
            parsed = parse_readings(attempt)
        except ReadingsMalformed:
            continue
        assert parsed[0][1] == parsed[0][0].digest
