"""The specification names every reason for which a permit is not believed."""

import re
from pathlib import Path

from assent.authorisation import permit, trust
from assent.authorisation.permit import LOGGING_MAX, errors
from assent.authorisation.permit.bundle import BUNDLE_BYTES_MAX
from assent.authorisation.permit.fields import LIST_MAX
from assent.authorisation.permit.parse import PERMIT_BYTES_MAX
from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.testing.permits import make_permit
from assent.translog import errors as log_errors
from assent.vocabulary import AssentError

SPEC = (Path(__file__).parents[4] / "docs" / "spec" / "permit.md").read_text()


def test_every_error_of_this_stage_is_named() -> None:
    own = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert own - {"PermitRefused"} <= set(re.findall(r"`(\w+)`", SPEC))


def test_every_error_that_is_named_exists() -> None:
    shaped = re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", SPEC)
    doors = (permit, trust, log_errors)
    known = {name for door in doors for name in dir(door)}
    unknown = set(shaped) - known - {"SignatureInvalid", "MatterUnknown"}
    assert not unknown
    assert issubclass(permit.PermitRefused, AssentError)


def test_the_fields_and_the_limits_are_those_of_the_code() -> None:
    assert all(f"`{name}`" in SPEC for name in make_permit().plain if name != "format")
    for limit in (BUNDLE_BYTES_MAX, PERMIT_BYTES_MAX, LIST_MAX, CLOCK_SKEW_S):
        assert f"{limit:,} " in SPEC
    assert f"{LOGGING_MAX.days} days after `decide_by`" in SPEC
