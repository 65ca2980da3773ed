"""The specification names every reason for which an order is not believed."""

import re
from pathlib import Path

from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.supervision import oversight, pause
from assent.supervision.pause import ACK_BYTES_MAX, PAGE_ITEMS_MAX, errors
from assent.supervision.pause.order import GRACE_S_MAX, ORDER_BYTES_MAX
from assent.testing.supervision.orders import make_ack, make_order
from assent.translog import errors as log_errors
from assent.vocabulary import parse_canonical

SPEC = (Path(__file__).parents[4] / "docs" / "spec" / "pause-order.md").read_text()


def test_every_error_of_this_stage_is_named() -> None:
    own = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert own - {"OrderRefused", "AckRefused"} <= set(re.findall(r"`(\w+)`", SPEC))


def test_every_error_that_is_named_exists() -> None:
    shaped = re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", SPEC)
    known = {name for door in (pause, oversight, log_errors) for name in dir(door)}
    assert not set(shaped) - known - {"SignatureInvalid", "MatterUnknown"}


def test_the_fields_and_the_limits_are_those_of_the_code() -> None:
    fields = {*make_order().plain, *parse_canonical(make_ack(make_order()).payload)}
    assert all(f"`{name}`" in SPEC for name in fields if name != "format")
    for limit in (ORDER_BYTES_MAX, ACK_BYTES_MAX, GRACE_S_MAX, PAGE_ITEMS_MAX):
        assert f"{limit:,}" in SPEC
    assert f"{CLOCK_SKEW_S} seconds" in SPEC
