"""An application begins with all that the assessment knows, and nothing else."""

from datetime import date
from pathlib import Path

import pytest
from tests.unit.authorisation.application.cases import NOW, TREATY

from assent.authorisation.application import (
    Application,
    check_completeness,
    draft_from_assessment,
)
from assent.authorisation.assessment import Assessment, assess, to_document
from assent.authorisation.declaration import parse_declaration
from assent.compute.hardware import parse_accelerators
from assent.rulebook import load_rulebook
from assent.testing.states import SeededSigner
from assent.vocabulary import digest, parse_instant

PACKAGE = Path(__file__).parents[4] / "src" / "assent"
ACCELERATORS = parse_accelerators(
    (PACKAGE / "compute/hardware/accelerators.csv").read_text()
)
WORLD = load_rulebook(
    {
        path.name: path.read_text()
        for path in (PACKAGE / "rulebook/instruments").glob("*.yaml")
    },
    title="The world",
)

RUN = """\
assent: declaration/1
run: {id: a-run, title: A run, purpose: To see}
developer: {name: Someone}
model:
  weight_counts: {total: 1e11, layers: 100, width: 10000}
training:
  - {id: pretraining, kind: published, flop: FLOP}
hardware:
  - {accelerator: h100-sxm, count: 512, hours: 1000, site: Nairobi}
  - {accelerator: h100-sxm, count: 1024, hours: 1000, site: Oslo}
  - {accelerator: h100-sxm, count: 8, hours: 10, site: Nairobi}
facts:
  run: {jurisdictions: [EU]}
  model: {outputs: [text], narrow: false}
"""


def assessment(flop: str) -> Assessment:
    declaration = parse_declaration(RUN.replace("FLOP", flop), ACCELERATORS)
    return assess(declaration, WORLD, date(2026, 3, 1))


def drafted(flop: str) -> Application:
    return draft_from_assessment(
        assessment(flop),
        key=SeededSigner("developer").key,
        not_before=parse_instant("2026-06-01T00:00:00Z"),
        not_after=parse_instant("2027-06-01T00:00:00Z"),
    )


def test_fills_in_what_is_known() -> None:
    made = drafted("{low: 1.1e25, high: 3.81e25}")
    assert made.developer.name == "Someone"
    assert (made.run_id, made.title, made.purpose) == ("a-run", "A run", "To see")
    assert made.assessment is not None
    assert made.assessment.flop_low == 11 * 10**24
    assert made.assessment.flop_high == 381 * 10**23
    assert "eu_ai_act/systemic_risk" in made.assessment.rules
    assert made.assessment.digest == digest(
        to_document(assessment("{low: 1.1e25, high: 3.81e25}"))
    )
    assert made.requested is not None
    assert made.requested.weights == 10**11
    assert made.requested.sites == ("Nairobi", "Oslo")
    assert list(made.requested.chips.values()) == [1024]


@pytest.mark.parametrize(
    ("flop", "cap"),
    [
        ("38000000000000000000000000", 38 * 10**24),
        ("38000000000000000000000001", 39 * 10**24),
        ("99000000000000000000000001", 10**26),
        ("99", 99),
        ("7", 7),
        ("101", 110),
    ],
)
def test_the_cap_is_rounded_up_to_two_digits(flop: str, cap: int) -> None:
    requested = drafted(flop).requested
    assert requested is not None
    assert requested.flop == cap


def test_no_cap_is_made_up_where_the_compute_is_open() -> None:
    declaration = RUN.replace(
        "kind: published, flop: FLOP", "kind: published, flop: 1e25"
    ).replace("training:\n", "training:\n  - {id: secret, kind: undisclosed}\n")
    made = draft_from_assessment(
        assess(parse_declaration(declaration, ACCELERATORS), WORLD, date(2026, 3, 1)),
        key=SeededSigner("developer").key,
        not_before=NOW,
        not_after=NOW,
    )
    assert made.requested is None
    assert made.assessment is not None
    assert made.assessment.flop_high is None


def test_only_what_the_developer_alone_can_say_is_left_to_fill_in() -> None:
    lacks = check_completeness(drafted("3.8e25"), TREATY, NOW)
    assert [lack.path for lack in lacks] == [
        "practices",
        "run_properties",
        "safety_case",
        "oversight",
    ]
