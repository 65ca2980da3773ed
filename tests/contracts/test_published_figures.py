"""Published figures of training compute come out of our counts by their conventions."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from bench.figures import (
    ATTENTION_TWICE,
    Expect,
    Figure,
    count,
    counted_as,
    read_figures,
    vector,
)
from bench.golden import GOLDEN, Golden, count_sequence
from bench.places import data

from assent.adapters.packaged import packaged_accelerators
from assent.vocabulary import format_count

ROOT = Path(__file__).resolve().parents[2]
FIGURES = read_figures(data("published_flop.csv"))
COUNTED = [figure for figure in FIGURES if figure.chip_time is None]
CONVENTIONS = ("weights_only", "model_causal", "model_full", "chinchilla", "hardware")
COLLECTION = ROOT.parent / "shared" / "data" / "published_compute" / "models.csv"
OUTLIER = 0.05


def _name(figure: Figure) -> str:
    return f"{figure.group}: {figure.model}"


@pytest.mark.parametrize("figure", FIGURES, ids=_name)
def test_a_published_figure_comes_out_as_expected(figure: Figure) -> None:
    ours = count(figure, packaged_accelerators())
    assert figure.is_met(ours), f"published {figure.published}, ours {ours:.4e}"


@pytest.mark.parametrize(
    "figure", [f for f in FIGURES if f.expect is not Expect.UNEXPLAINED], ids=_name
)
def test_twice_a_count_is_not_taken_for_the_published_one(figure: Figure) -> None:
    assert not figure.is_met(2 * count(figure, packaged_accelerators()))


@pytest.mark.parametrize(
    "figure",
    [f for f in COUNTED if f.group == "conventions" and f.shape is not None],
    ids=_name,
)
def test_a_figure_comes_out_of_no_convention_but_its_own(figure: Figure) -> None:
    flop = vector(figure)
    explained = figure.expect is not Expect.UNEXPLAINED
    own = counted_as(figure, flop, figure.convention)
    tolerance = max(figure.tolerance, Fraction(1, 200))
    for convention in CONVENTIONS:
        # Without recomputation, hardware FLOP are those of full attention.
        ours = counted_as(figure, flop, convention)
        agrees = abs(Fraction(figure.published) / ours - 1) <= tolerance
        assert agrees is (explained and ours == own), convention


def test_cerebras_figures_of_today_come_out_of_none_of_the_five_conventions() -> None:
    figures = [f for f in FIGURES if f.convention == ATTENTION_TWICE]
    assert len(figures) == 7
    for convention in CONVENTIONS:
        counts = [counted_as(figure, vector(figure), convention) for figure in figures]
        assert not all(
            figure.prints_as_published(flop)
            for figure, flop in zip(figures, counts, strict=True)
        )


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.config)
def test_megatron_bridges_golden_numbers_come_out_without_the_router(
    case: Golden,
) -> None:
    flop, router = count_sequence(case)
    assert format_count(flop - router) == format_count(int(float(case.printed)))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.config)
def test_the_router_is_under_four_thousandths_and_absent_where_all_is_dense(
    case: Golden,
) -> None:
    flop, router = count_sequence(case)
    mixture = case.config.startswith("qwen3")
    assert (0 < router < flop * 4 // 1000) if mixture else router == 0


def test_every_outlier_of_the_collection_is_in_the_table() -> None:
    if not COLLECTION.exists():
        pytest.skip(f"{COLLECTION} is not here: the collection is not part of assent")
    ours = {_plain(figure.model) for figure in FIGURES}
    with COLLECTION.open(encoding="utf-8", newline="") as rows:
        outliers = [
            row["model"]
            for row in csv.DictReader(rows)
            if row["ratio_pub_over_6ND"]
            and abs(float(row["ratio_pub_over_6ND"]) - 1) > OUTLIER
        ]
    assert outliers
    missing = [model for model in outliers if _plain(model) not in ours]
    assert not missing


def _plain(model: str) -> str:
    """Spell a model's name without what sources spell differently."""
    name = model.lower().replace("megatron-turing nlg", "mt-nlg")
    return "".join(letter for letter in name if letter.isalnum())
