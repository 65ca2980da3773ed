"""The declared examples say what their sources say, and are judged as we would expect.

examples/*.yaml + rulebook + 2026-11-22 -> the golden figures below
"""

import csv
import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from assent.adapters.files import reader_beside
from assent.adapters.packaged import packaged_accelerators
from assent.authorisation.assessment import Assessment, assess, assess_row
from assent.authorisation.declaration import parse_declaration, parse_form
from assent.compute import ComputeVector, Convention
from assent.compute.hardware import Verdict
from assent.rulebook import Outcome
from assent.vocabulary import Interval, format_interval
from assent.wiring import runs as wiring

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
ON = date(2026, 11, 22)

BINDS = Outcome.BINDS
OPEN = Outcome.UNDETERMINED
NOT = Outcome.DOES_NOT_BIND

SYSTEMIC = "eu_ai_act/systemic_risk"
GENERAL = "eu_gpai_guidelines/general_purpose"
MODIFIER = "eu_gpai_guidelines/modifier"
CALIFORNIA = "us_ca_sb53/frontier"
MIRI_STRICT = "miri_agreement/strict"
MIRI_MONITORED = "miri_agreement/monitored"
MIRI_CLUSTER = "miri_agreement/covered_chip_cluster"
PAUSE = "pause_treaty_2026/major_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """What one example is expected to come to under the world rulebook."""

    flop: str
    outcomes: dict[str, Outcome]
    verdict: Verdict | None = None


GOLDEN = {
    "bloom-176b": Golden(
        flop="3.92e+23",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
        verdict=Verdict.CONSISTENT,
    ),
    "deepseek-r1-distill-llama-70b": Golden(
        flop="6.75e+24 – 6.79e+24",
        outcomes={MODIFIER: NOT, SYSTEMIC: NOT, MIRI_STRICT: NOT, PAUSE: BINDS},
    ),
    "deepseek-v3": Golden(
        flop="3.96e+24",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_STRICT: BINDS, PAUSE: OPEN},
        verdict=Verdict.CONSISTENT,
    ),
    "falcon-180b": Golden(
        flop="3.80e+24",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_STRICT: BINDS, PAUSE: NOT},
        verdict=Verdict.CONSISTENT,
    ),
    "gpt-3-175b": Golden(
        flop="3.19e+23",
        outcomes={
            GENERAL: BINDS,
            SYSTEMIC: NOT,
            CALIFORNIA: NOT,
            MIRI_MONITORED: BINDS,
        },
        verdict=Verdict.CONSISTENT,
    ),
    "kimi-k2": Golden(
        flop="3.29e+24",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_CLUSTER: OPEN, PAUSE: BINDS},
    ),
    "llama-3.1-405b": Golden(
        flop="4.26e+25",
        outcomes={
            GENERAL: BINDS,
            SYSTEMIC: BINDS,
            CALIFORNIA: NOT,
            MIRI_STRICT: BINDS,
            MIRI_CLUSTER: BINDS,
            PAUSE: BINDS,
        },
        verdict=Verdict.CONSISTENT,
    ),
    "llama-3.1-8b": Golden(
        flop="7.72e+23 – 8.03e+23",
        outcomes={
            GENERAL: BINDS,
            SYSTEMIC: NOT,
            MIRI_STRICT: Outcome.MAY_BIND,
            PAUSE: NOT,
        },
        verdict=Verdict.CONSISTENT,
    ),
    "mamba-2.8b": Golden(
        flop="5.00e+21 – 5.04e+21",
        outcomes={GENERAL: NOT, MIRI_MONITORED: NOT, PAUSE: NOT},
    ),
    "olmo-2-13b": Golden(
        flop="4.72e+23",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
    ),
    "opt-175b": Golden(
        flop="3.19e+23",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
        verdict=Verdict.CONSISTENT,
    ),
    "practice-nano": Golden(
        flop="5.52e+15",
        outcomes={GENERAL: NOT, SYSTEMIC: NOT, MIRI_MONITORED: NOT, PAUSE: NOT},
    ),
    "pythia-12b": Golden(
        flop="2.15e+22",
        outcomes={GENERAL: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
        verdict=Verdict.CONSISTENT,
    ),
    "qwen3-235b-a22b": Golden(
        flop="5.22e+24 – 5.61e+24",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_STRICT: BINDS, PAUSE: OPEN},
    ),
    "smollm3-3b": Golden(
        flop="2.36e+23",
        outcomes={GENERAL: BINDS, SYSTEMIC: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
        verdict=Verdict.CONSISTENT,
    ),
    "stable-diffusion-2": Golden(
        flop="3.37e+22 – 1.24e+23",
        outcomes={GENERAL: Outcome.MAY_BIND, SYSTEMIC: NOT, MIRI_MONITORED: BINDS},
    ),
    "vit-base": Golden(
        flop="2.24e+20",
        outcomes={GENERAL: NOT, SYSTEMIC: NOT, MIRI_MONITORED: NOT, PAUSE: NOT},
    ),
    "whisper-large-v3": Golden(
        flop="1.06e+22 – 1.40e+22",
        outcomes={GENERAL: NOT, SYSTEMIC: NOT, MIRI_MONITORED: BINDS, PAUSE: NOT},
    ),
}

# What developers published, for which event, counted how.
PUBLISHED = {
    "falcon-180b": (37584 * 10**20, "pre-training", Convention.WEIGHTS_ONLY),
    "gpt-3-175b": (314 * 10**21, "pre-training", Convention.WEIGHTS_ONLY),
    "llama-3.1-405b": (38 * 10**24, "pre-training", Convention.WEIGHTS_ONLY),
    "opt-175b": (430 * 10**21, "experiment-12", Convention.HARDWARE),
    "vit-base": (224 * 10**18, "pre-training", Convention.MODEL_CAUSAL),
}


@functools.cache
def assessed(name: str, rulebook: str = "world") -> Assessment:
    declaration = wiring.load_declaration(EXAMPLES / f"{name}.yaml")
    return assess(declaration, wiring.load_rulebook_named(rulebook), ON)


def outcome(found: Assessment, key: str) -> Outcome:
    return next(finding.outcome for finding in found.findings if finding.key == key)


def counted(found: Assessment, event_id: str) -> ComputeVector:
    total = ComputeVector.zero()
    for work in found.declaration.lineage.event(event_id).passes:
        total += work.flop
    return total


def is_within(share: float, figure: int, ours: Interval) -> bool:
    return ours.low * (1 - share) <= figure <= ours.high * (1 + share)


def test_every_example_has_its_golden_figures() -> None:
    assert sorted(GOLDEN) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_headline_and_rules_are_as_expected(name: str) -> None:
    found, golden = assessed(name), GOLDEN[name]
    assert format_interval(found.account.total) == golden.flop
    assert {key: outcome(found, key) for key in golden.outcomes} == golden.outcomes


@pytest.mark.parametrize("name", NAMES)
def test_hardware_is_judged_where_chip_hours_are_declared(name: str) -> None:
    found, golden = assessed(name), GOLDEN[name]
    check = found.hardware.reconciliation
    verdict = check.verdict if check else None
    assert verdict is golden.verdict


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_compute_is_ours_under_its_own_convention(name: str) -> None:
    figure, event_id, convention = PUBLISHED[name]
    ours = counted(assessed(name), event_id)
    assert is_within(0.01, figure, ours.of(convention))


@pytest.mark.parametrize("name", sorted(set(PUBLISHED) - {"opt-175b"}))
def test_published_compute_is_near_our_headline(name: str) -> None:
    figure, event_id, _ = PUBLISHED[name]
    ours = counted(assessed(name), event_id)
    assert is_within(0.1, figure, ours.model_causal)


def test_recomputation_sets_a_published_figure_a_third_above_our_headline() -> None:
    figure, event_id, _ = PUBLISHED["opt-175b"]
    ours = counted(assessed("opt-175b"), event_id).model_causal
    assert 1.3 < figure / ours.high < 1.4


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"practice-nano"}))
def test_every_figure_names_its_source(name: str) -> None:
    form = parse_form((EXAMPLES / f"{name}.yaml").read_text())
    assert form.sources
    for event in (*form.training, *form.lineage):
        assert event.evidence.source, event.id


def test_systemic_risk_is_a_matter_of_the_eu() -> None:
    path = EXAMPLES / "llama-3.1-405b.yaml"
    elsewhere = path.read_text().replace("[EU, US, US-CA]", "[US, US-CA]")
    assert elsewhere != path.read_text()
    declaration = parse_declaration(
        elsewhere, packaged_accelerators(), reader_beside(path)
    )
    found = assess(declaration, wiring.load_rulebook_named("world"), ON)
    assert outcome(found, SYSTEMIC) is NOT


def test_a_distillation_stays_far_below_a_third_of_its_original() -> None:
    facts = assessed("deepseek-r1-distill-llama-70b").facts.values
    modification, original = facts["run.flop_modification"], facts["run.flop_original"]
    assert isinstance(modification, Interval)
    assert isinstance(original, Interval)
    assert modification.high * 100 < original.low


def test_the_strictest_counting_reaches_a_distillations_teacher() -> None:
    accounts = assessed("deepseek-r1-distill-llama-70b").accounts
    behind = {"deepseek-v3-base", "r1-zero", "deepseek-r1"}
    reached = {
        name: behind & {line.event_id for line in accounts[name].lines if line.counts}
        for name in ("strict", "eu_gpai")
    }
    assert reached == {"strict": behind, "eu_gpai": set()}
    assert accounts["strict"].total.low > 10**25 > accounts["eu_gpai"].total.high


def test_merged_runs_count_once_each() -> None:
    tokens = 5_001 * 10**9 + (3 * 100 + 300) * 10**9
    total = assessed("olmo-2-13b").accounts["epoch"].total
    assert total == Interval.point(6 * 13_716_198_400 * tokens)


def test_a_failed_attempt_counts_under_the_strictest_counting_only() -> None:
    accounts = assessed("opt-175b").accounts
    counts = {
        name: any(
            line.counts for line in found.lines if line.event_id == "experiment-11"
        )
        for name, found in accounts.items()
    }
    assert counts == {
        "strict": True,
        "eu_gpai": False,
        "operations": False,
        "epoch": False,
    }


def test_the_practice_run_needs_its_rehearsed_permit() -> None:
    found = assessed("practice-nano", "practice")
    assert {finding.key: finding.outcome for finding in found.findings} == {
        "practice/permit": BINDS,
        "practice/approval": BINDS,
        "practice/frontier": BINDS,
        "practice/horizon": NOT,
    }


def test_every_row_of_the_portfolio_is_assessed() -> None:
    table = EXAMPLES / "portfolio.csv"
    rulebook = wiring.load_rulebook_named("world")
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    results = [
        assess_row(row, rulebook, ON, packaged_accelerators(), reader_beside(table))
        for row in rows
    ]
    assert len(results) == 26
    assert [result["error"] for result in results] == [""] * 26
    assert {result["id"] for result in results if SYSTEMIC in result["law_binds"]} == {
        "nemotron-4-340b"
    }


def test_the_readme_lists_every_example_and_no_other() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    listed = {
        line.split("`")[1].removesuffix(".yaml")
        for line in readme.splitlines()
        if line.startswith("| `") and ".yaml`" in line
    }
    assert sorted(listed) == NAMES
