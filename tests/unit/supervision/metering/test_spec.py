"""The specification names every field, limit and reason of the code."""

import re
from pathlib import Path

from assent.supervision import metering
from assent.supervision.metering import errors
from assent.supervision.metering.add_up import CLOCK_SKEW_S, WALL_SLACK_MS
from assent.supervision.metering.batch import (
    BATCH_BYTES_MAX,
    CHIP_KINDS_MAX,
    READINGS_MAX,
    READINGS_TYPE,
    WALL_MS_MAX,
)
from assent.supervision.metering.exchange import LINE_BYTES_MAX
from assent.testing.supervision.metering import next_reading

DOCS = Path(__file__).parents[4] / "docs"
SPEC = (DOCS / "spec" / "meter-readings.md").read_text()


def test_every_error_is_named_and_every_name_exists() -> None:
    own = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", SPEC))
    assert own - {"ReadingsRefused"} <= named
    assert named <= set(metering.__all__) | {"SignatureInvalid"}


def test_the_fields_and_the_limits_are_those_of_the_code() -> None:
    plain = next_reading().plain
    assert all(f"`{name}`" in SPEC for name in plain if name != "format")
    assert f"`{READINGS_TYPE}`" in SPEC
    limits = (BATCH_BYTES_MAX, LINE_BYTES_MAX, WALL_MS_MAX, WALL_SLACK_MS)
    assert all(f"{limit:,}" in SPEC for limit in limits)
    small = (READINGS_MAX, CHIP_KINDS_MAX, CLOCK_SKEW_S)
    assert all(f"{limit} " in SPEC for limit in small)


def test_the_steps_are_those_of_the_code() -> None:
    source = Path(metering.verify.__file__).read_text()
    in_code = {int(number) for number in re.findall(r"# \((\d)\)", source)}
    in_words = {
        int(number) for number in re.findall(r"^\| (\d) \|", SPEC, re.MULTILINE)
    }
    assert in_code == in_words == set(range(1, 9))
