"""A report opens something only if an inspector without an interest signed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.treaty import treaty_of
from assent.supervision.oversight import (
    REPORT_TYPE,
    Evaluation,
    EvaluationReport,
    InspectorConflicted,
    ReportMalformed,
    ReportOfAnother,
    ReportUnsigned,
    ReportUntimely,
    parse_report,
    verify_report,
)
from assent.testing.permits import DIGEST, SimulatedAgency, make_permit
from assent.testing.states import SeededSigner, key_form
from assent.testing.trust import NOW
from assent.vocabulary import AssentError, canonical_bytes
from assent.vocabulary.envelope import Envelope

PERMIT = make_permit()
(POINT,) = PERMIT.oversight_points
RECIPIENT = f"age1{'q' * 58}"


def inspector(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "name": name,
        "title": name,
        "recipient": RECIPIENT,
        "keys": [key_form(name)],
        "since": "2026-01-01T00:00:00Z",
        **more,
    }


TREATY = treaty_of(
    {
        **SimulatedAgency().form,
        "inspectors": [
            inspector("inspector-1"),
            inspector("inspector-2", until="2026-05-01T00:00:00Z"),
        ],
    }
)


def report(**changes: Any) -> EvaluationReport:  # noqa: ANN401 - any field
    given = {
        "permit_id": PERMIT.permit_id,
        "permit_digest": PERMIT.digest,
        "run_id": PERMIT.run_id,
        "mark": POINT.mark,
        "checkpoint": DIGEST,
        "evaluations": (
            Evaluation(name="cyber-offence", passed=True, evidence=DIGEST),
        ),
        "inspector": "inspector-1",
        "interests": "none",
        "words": "Evaluated as the permit asks.",
        "reported": NOW,
    }
    return EvaluationReport(**{**given, **changes})


def verify(made: EvaluationReport, signer: str = "inspector-1") -> EvaluationReport:
    envelope = made.signed_by(SeededSigner(signer))
    return verify_report(envelope, PERMIT, [POINT], TREATY, {}, NOW)


def test_what_an_inspector_signed_is_believed() -> None:
    assert verify(report()) == report()
    assert parse_report(canonical_bytes(report().plain)) == report()


@pytest.mark.parametrize(
    ("changes", "signer", "error"),
    [
        ({}, "labs", ReportUnsigned),
        ({"inspector": "labs"}, "labs", ReportUnsigned),
        ({"inspector": "inspector-2"}, "inspector-2", ReportUnsigned),
        ({"inspector": "inspector-2"}, "inspector-1", ReportUnsigned),
        ({"interests": "worked there until 2024"}, "inspector-1", InspectorConflicted),
        ({"permit_id": "permit-2026-0002"}, "inspector-1", ReportOfAnother),
        ({"permit_digest": f"sha256:{'0' * 64}"}, "inspector-1", ReportOfAnother),
        ({"run_id": "another"}, "inspector-1", ReportOfAnother),
        ({"mark": {"at_flop": str(10**25 + 1)}}, "inspector-1", ReportOfAnother),
        (
            {"reported": PERMIT.caps.not_before - timedelta(seconds=1)},
            "inspector-1",
            ReportUntimely,
        ),
        ({"reported": NOW + timedelta(seconds=301)}, "inspector-1", ReportUntimely),
    ],
    ids=str,
)
def test_what_opens_nothing(
    changes: dict[str, Any], signer: str, error: type[AssentError]
) -> None:
    with pytest.raises(error) as refusal:
        verify(report(**changes), signer)
    assert type(refusal.value) is error
    assert refusal.value.remedy


def test_who_has_a_declared_interest_stands_aside() -> None:
    envelope = report().signed_by(SeededSigner("inspector-1"))
    excluded = {"inspector-1": "holds shares"}
    with pytest.raises(InspectorConflicted, match="holds shares"):
        verify_report(envelope, PERMIT, [POINT], TREATY, excluded, NOW)


def test_another_paper_is_no_report() -> None:
    envelope = report().signed_by(SeededSigner("inspector-1"))
    other = replace(envelope, payload_type="application/x")
    with pytest.raises(ReportMalformed, match="of type application/x"):
        verify_report(other, PERMIT, [POINT], TREATY, {}, NOW)


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda plain: plain.pop(name)


@pytest.mark.parametrize(
    "spoil",
    [
        *[pytest.param(_without(name), id=f"no {name}") for name in report().plain],
        pytest.param(lambda plain: plain.update(more=1), id="more"),
        pytest.param(lambda plain: plain.update(format="x"), id="format"),
        pytest.param(lambda plain: plain.update(evaluations=[]), id="none"),
        pytest.param(lambda plain: plain.update(at_flop="0"), id="zero"),
        pytest.param(lambda plain: plain["evaluations"].append({}), id="empty"),
        pytest.param(
            lambda plain: plain["evaluations"].append(plain["evaluations"][0]),
            id="twice",
        ),
        pytest.param(
            lambda plain: plain["evaluations"][0].update(passed="yes"), id="a text"
        ),
    ],
)
def test_reports_that_are_none(spoil: Callable[[dict[str, Any]], object]) -> None:
    plain = dict(report().plain)
    plain["evaluations"] = [one.plain for one in report().evaluations]
    spoil(plain)
    with pytest.raises(ReportMalformed):
        parse_report(canonical_bytes(plain))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(ReportMalformed):
        parse_report(data)
    with pytest.raises(ReportMalformed):
        verify_report(Envelope(data, REPORT_TYPE), PERMIT, [POINT], TREATY, {}, NOW)
