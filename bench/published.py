"""Do published figures of training compute come out of our conventions?

bench/data -> our count of each figure by its own convention; utilisation of whole runs
"""

import csv
from collections.abc import Sequence
from statistics import quantiles

from bench.figures import (
    Expect,
    Figure,
    count,
    counted_as,
    read_figures,
    vector,
)
from bench.places import data
from bench.table import WORSE, Table

from assent.adapters.packaged import packaged_accelerators
from assent.compute import Convention
from assent.compute.hardware import ChipUse, reconcile
from assent.vocabulary import Interval, format_count, parse_count

_CONVENTIONS = {
    "weights_only": Convention.WEIGHTS_ONLY,
    "model_causal": Convention.MODEL_CAUSAL,
    "model_full": Convention.MODEL_FULL,
    "chinchilla": Convention.CHINCHILLA,
    "hardware": Convention.HARDWARE,
}
_VERDICT = {
    Expect.DIGITS: "printed digits",
    Expect.FIT: "printed digits, by a fit",
    Expect.UNEXPLAINED: f"not explained {WORSE}",
}


def arithmetic() -> Table:
    """Count the tables that follow from arithmetic alone."""
    figures = _of("gpt3-d1", "eu-annex")
    return Table(
        title="GPT-3's table D.1 and the EU guidelines' worked examples",
        columns=("training", "published", "assent", "published ÷ ours", "agrees to"),
        rows=[_row(figure, with_6nd=False) for figure in figures],
        notes=_notes(figures),
    )


def conventions() -> Table:
    """Count the figures that 6·N·D misses by more than 5 %, by their conventions."""
    figures = _of("conventions")
    return Table(
        title="Figures that 6·N·D misses, each counted by its own convention",
        columns=(
            "training",
            "published",
            "÷ 6·N·D",
            "counted as",
            "assent",
            "published ÷ ours",
            "agrees to",
        ),
        rows=[_row(figure, with_6nd=True) for figure in figures],
        notes=_notes(figures),
    )


def cerebras() -> Table:
    """Show what the two sets of Cerebras-GPT figures agree with, and what remains."""
    accelerators = packaged_accelerators()
    rows = []
    for first, since in zip(_of("cerebras-first"), _of("cerebras"), strict=True):
        chinchilla, fit = count(first, accelerators), count(since, accelerators)
        rows.append(
            (
                since.model,
                f"{first.published}",
                f"{float(first.published) / chinchilla:.3f}",
                f"{since.published}",
                f"{float(since.published) / chinchilla:.3f}",
                f"{float(since.published) / fit:.3f}",
                "yes" if since.prints_as_published(fit) else f"no {WORSE}",
            )
        )
    return Table(
        title="Cerebras-GPT: two sets of published figures",
        columns=(
            "model",
            "first card",
            "÷ Chinchilla",
            "card since",
            "÷ Chinchilla",
            "÷ fit",
            "fit: same digits",
        ),
        rows=rows,
    )


def utilisation() -> Table:
    """Return what share of their chips' peak whole public runs reached."""
    accelerators = packaged_accelerators()
    rows, shares = [], []
    for run in csv.DictReader(data("chip_hours.csv").splitlines()):
        weights, tokens = (
            parse_count(run[name]) for name in ("weights_active", "training_tokens")
        )
        flop = 6 * weights * tokens
        chip = accelerators.find(run["accelerator"])
        use = ChipUse.of_chip_hours(chip, run["chip_hours"])
        found = reconcile(Interval.point(flop), [use])
        share = float(found.mfu_16_bit.low)
        shares.append(share)
        rows.append(
            (
                run["model"],
                format_count(flop),
                f"{float(run['chip_hours']):,.0f} {run['accelerator']}",
                f"{share:.3f}",
                found.verdict.value,
            )
        )
    deciles = quantiles(shares, n=10, method="inclusive")
    spread = " ".join(f"{decile:.2f}" for decile in deciles)
    return Table(
        title="Utilisation of whole public runs: 6·N·D ÷ (chip-hours × 16-bit peak)",
        columns=("run", "6·N·D", "chip-hours", "utilisation", "assent says"),
        rows=rows,
        notes=[
            f"Least {min(shares):.3f}, deciles {spread}, most {max(shares):.3f}.",
        ],
    )


def _of(*groups: str) -> list[Figure]:
    figures = read_figures(data("published_flop.csv"))
    return [figure for figure in figures if figure.group in groups]


def _row(figure: Figure, *, with_6nd: bool) -> tuple[str, ...]:
    ours = count(figure, packaged_accelerators())
    theirs = float(figure.published)
    against = f"{theirs / figure.flop_6nd:.2f}" if figure.flop_6nd else "–"
    agrees = _VERDICT.get(figure.expect, f"within {float(figure.tolerance):.2%}")
    if not figure.is_met(ours):
        agrees = f"misses what was expected {WORSE}"
    middle = (against, _counted_as(figure)) if with_6nd else ()
    return (
        figure.model,
        f"{figure.published}",
        *middle,
        format_count(ours, 4),
        f"{theirs / ours:.4f}",
        agrees,
    )


def _counted_as(figure: Figure) -> str:
    if figure.chip_time is not None:
        return "chip time × utilisation"
    return str(_CONVENTIONS[figure.convention])


def _notes(figures: Sequence[Figure]) -> list[str]:
    notes = [f"{figure.model}: {figure.note}." for figure in figures if figure.note]
    merged = list(dict.fromkeys(note.split(": ", 1)[1] for note in notes))
    lines = []
    for text in merged:
        models = [note.split(": ", 1)[0] for note in notes if note.endswith(text)]
        lines.append(f"- {', '.join(models)}: {text}")
    for figure in figures:
        if figure.expect is Expect.UNEXPLAINED:
            counts = vector(figure)
            ratios = ", ".join(
                f"{float(figure.published) / ours:.2f} of {name}"
                for field, name in _CONVENTIONS.items()
                if (ours := counted_as(figure, counts, field))
            )
            lines.append(f"- {figure.model} as published is {ratios}.")
    sources = dict.fromkeys(figure.source for figure in figures)
    return ["\n".join(lines), "Sources: " + "; ".join(sources) + "."]
