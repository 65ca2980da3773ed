"""A permit's payload is read in one spelling only."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.permit import (
    Condition,
    Limit,
    PermitMalformed,
    parse_permit,
)
from assent.authorisation.permit.parse import PERMIT_BYTES_MAX
from assent.authorisation.terms import OversightDate, OversightLoss
from assent.authorisation.treaty import Matter
from assent.testing.permits import DIGEST, make_caps, make_permit
from assent.testing.trust import NOW
from assent.vocabulary import canonical_bytes

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
PERMIT = make_permit(
    conditions=(
        Condition(id="rl-share", text="A tenth.", limit=Limit(quantity="x", at_most=0)),
        Condition(id="no-release", text="Weights stay in — until evaluated."),
    ),
    excluded=frozenset({"NOR", "GHA"}),
)


def change(*path: str | int, to: object) -> Callable[[Any], None]:
    def apply(value: Any) -> None:  # noqa: ANN401 - any plain value
        for step in path[:-1]:
            value = value[step]
        if to is DROP:
            del value[path[-1]]
        else:
            value[path[-1]] = to

    return apply


DROP = object()
BAD = {
    "another format": change("format", to="assent-permit/2"),
    "a field more": change("colour", to="red"),
    "a field less": change("run_id", to=DROP),
    "an identifier of another kind": change("permit_id", to="lease-2026-0001"),
    "a decision without a year": change("decision_id", to="decision-1"),
    "a decision on a day": change("decide_by", to="2026-05-24"),
    "a decision at no time": change("decide_by", to=None),
    "a case that is none": change("case_id", to="../etc"),
    "a digest in capitals": change("application_digest", to=DIGEST.upper()),
    "a count as a number": change("caps", "flop", to=40),
    "a count with a zero in front": change("caps", "flop", to="040"),
    "a count with an exponent": change("caps", "flop", to="4e25"),
    "a count beyond all bounds": change("caps", "flop", to="1" + "0" * 37),
    "digits of another script": change("caps", "flop", to="٤٠"),
    "a cap of nothing": change("caps", "flop", to="0"),
    "no site": change("caps", "sites", to=[]),
    "a site twice": change("caps", "sites", to=["a", "a"]),
    "no chips": change("caps", "chips", to={}),
    "chips that are none": change("caps", "chips", "H100 SXM", to="0"),
    "dates in the wrong order": change("caps", "not_after", to="2026-05-01T00:00:00Z"),
    "a date without a time": change("caps", "not_after", to="2027-05-01"),
    "a date that does not exist": change(
        "caps", "not_after", to="2027-02-30T00:00:00Z"
    ),
    "points that do not ascend": change(
        "oversight", "points", to=[{"at_flop": "9", "evaluations": []}] * 2
    ),
    "a point beyond the cap": change("oversight", "points", 0, "at_flop", to="9" * 30),
    "dates that do not ascend": change(
        "oversight",
        "dates",
        to=[{"at": "2026-09-01T00:00:00Z", "evaluations": []}] * 2,
    ),
    "a date of oversight beyond the permit": change(
        "oversight", "dates", to=[{"at": "2028-09-01T00:00:00Z", "evaluations": []}]
    ),
    "no dates of oversight, said twice": change("oversight", "dates", to=[]),
    "losses that do not descend": change(
        "oversight",
        "losses",
        to=[{"at_loss": text, "evaluations": []} for text in ("1.5", "2")],
    ),
    "a loss in another spelling": change(
        "oversight", "losses", to=[{"at_loss": "2.50", "evaluations": []}]
    ),
    "a loss as a number": change(
        "oversight", "losses", to=[{"at_loss": 2, "evaluations": []}]
    ),
    "a point of another kind": change("oversight", "steps", to=[]),
    "more oversight than compute": change("oversight", "flop_share_ppm", to=1_000_001),
    "a condition twice": change(
        "conditions", 1, to={"id": "rl-share", "text": "x", "limit": None}
    ),
    "a condition that turns its letters around": change(
        "conditions", 0, "text", to="\u202eevil"
    ),
    "an evaluation due twice": change("evaluations_due", to=["autonomy", "autonomy"]),
    "an evaluation twice at a point": change(
        "oversight", "points", 0, "evaluations", to=["autonomy", "autonomy"]
    ),
    "a member excluded twice": change("excluded", to=["GHA", "GHA"]),
    "excluded members out of order": change("excluded", to=["NOR", "GHA"]),
    "an index below zero": change("status", "index", to=-1),
    "an index that is true": change("status", "index", to=True),
    "a status list elsewhere": change("status", "uri", to="file:///etc/passwd"),
    "no staleness": change("max_staleness_s", to=0),
    "a lease for ever": change("lease_s", to=10**9),
    "a key that is none": change("developer", "key", to="00"),
    "a matter that grants nothing": change("matter", to="revocation"),
    "an unknown matter": change("matter", to="whim"),
    "a matter that is a list": change("matter", to=["permit"]),
    "a second version of nothing": change("version", to=2),
    "a first version that supersedes": change("supersedes", to=DIGEST),
    "a first version that varies": change("matter", to="variation"),
    "a list in place of the caps": change("caps", to=[]),
    "a text in place of a list": change("conditions", to="none"),
    "a developer in two lines": change("developer", "name", to="A\nB"),
    "too many sites": change("caps", "sites", to=[str(i) for i in range(4_097)]),
}


def test_reads_dates_and_losses_of_oversight() -> None:
    permit = replace(
        PERMIT,
        oversight_dates=(OversightDate(at=SEPTEMBER, evaluations=("autonomy",)),),
        oversight_losses=(
            OversightLoss(at_loss=Decimal("2.5"), evaluations=("autonomy",)),
            OversightLoss(at_loss=Decimal("0.000000001"), evaluations=()),
        ),
    )
    assert parse_permit(canonical_bytes(permit.plain)) == permit


def test_a_permit_without_them_says_what_permits_said_before() -> None:
    assert PERMIT.plain["oversight"].keys() == {"flop_share_ppm", "points"}  # type: ignore[union-attr]


def test_reads_what_a_permit_writes() -> None:
    data = canonical_bytes(PERMIT.plain)
    assert parse_permit(data) == PERMIT
    assert canonical_bytes(parse_permit(data).plain) == data


def test_reads_a_later_version_and_one_by_exception() -> None:
    varied = make_permit(version=2, supersedes=PERMIT.digest, matter=Matter.VARIATION)
    assert parse_permit(canonical_bytes(varied.plain)) == varied
    large = make_permit(matter=Matter.HORIZON_EXCEPTION, caps=make_caps(flop=10**36))
    assert parse_permit(canonical_bytes(large.plain)) == large


@pytest.mark.parametrize("apply", BAD.values(), ids=BAD.keys())
def test_refuses(apply: Callable[[Any], None]) -> None:
    value = copy.deepcopy(_lists(PERMIT.plain))
    apply(value)
    with pytest.raises(PermitMalformed, match="This is no permit"):
        parse_permit(canonical_bytes(value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b" " + canonical_bytes(PERMIT.plain),
        canonical_bytes(PERMIT.plain)[:-1],
        b'"' + b"a" * PERMIT_BYTES_MAX + b'"',
    ],
)
def test_refuses_what_is_no_permit_at_all(data: bytes) -> None:
    with pytest.raises(PermitMalformed):
        parse_permit(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from(sorted(PERMIT.plain)),
)
def test_no_value_of_any_field_leaks_a_foreign_error(value: Any, name: str) -> None:  # noqa: ANN401 - any plain value
    try:
        permit = parse_permit(canonical_bytes({**PERMIT.plain, name: value}))
    except PermitMalformed:
        return
    assert canonical_bytes(permit.plain) == canonical_bytes(
        {**PERMIT.plain, name: value}
    )


def test_parts_of_a_second_are_dropped_before_dates_are_compared() -> None:
    caps = make_caps(not_before=NOW, not_after=NOW + timedelta(milliseconds=5))
    with pytest.raises(PermitMalformed, match="not before"):
        parse_permit(canonical_bytes(make_permit(caps=caps).plain))


def _lists(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """Return plain values with lists and dicts that can be changed."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_lists(item) for item in value]
    return value
