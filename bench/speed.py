"""How long does it take?

examples -> seconds, the median of many repetitions; never a test, machines differ
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median
from time import perf_counter

from bench.places import example, example_names
from bench.table import WORSE, Table

from assent.adapters.meta_device import count_operations
from assent.adapters.packaged import packaged_accelerators, packaged_rulebook
from assent.authorisation.assessment import assess
from assent.authorisation.declaration import parse_declaration, scaffold
from assent.compute import TokenStream, Training, count_pass, read_config

REPEATS = 300
ASSESSMENTS = 50
ON = date(2027, 3, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds of one thing: the median, the slowest of its kind, and the target."""

    what: str
    seconds: float
    slowest: float
    slowest_name: str
    target: float | None = None

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        mark = WORSE if self.target is not None and self.slowest > self.target else ""
        slowest = f"{spell_time(self.slowest)} ({self.slowest_name}) {mark}".rstrip()
        target = spell_time(self.target) if self.target is not None else "–"
        return (self.what, spell_time(self.seconds), slowest, target)


def speed() -> Table:
    """Time the closed form, reading, a whole assessment and the meta device."""
    timings = (
        closed_form(),
        reading(),
        meta_device(),
        parsing(),
        bench_assessment(),
    )
    return Table(
        title="Time taken",
        columns=("what", "median", "slowest", "target"),
        rows=[timing.row() for timing in timings],
    )


def closed_form() -> Timing:
    """Time counting one pass of a model, over all example configurations."""
    cases = []
    for name in example_names():
        model = read_config(example(name))
        streams = {
            stream: TokenStream(tokens=10**12, length=4096) for stream in model.streams
        }
        cases.append((name, partial(count_pass, model, streams, Training())))
    return _over("closed form of one pass", cases, target=20e-6)


def reading() -> Timing:
    """Time reading a parsed config.json, over all example configurations."""
    cases = [(name, partial(read_config, example(name))) for name in example_names()]
    return _over("reading a config.json", cases)


def meta_device() -> Timing:
    """Time counting the largest example on the meta device, PyTorch imported before."""
    count_operations(example("gpt2"), sequence_length=64)
    seconds = seconds_of(
        lambda: count_operations(example("llama-3.1-405b"), sequence_length=8192), 1
    )
    return Timing(
        what="executing a training pass of Llama-3.1-405B on the meta device",
        seconds=seconds,
        slowest=seconds,
        slowest_name="8,192 tokens, one run",
        target=30.0,
    )


def declarations() -> list[tuple[str, str]]:
    """Return the declarations that are timed, as YAML."""
    text = scaffold("Benchmark run")
    known = [("weight counts", text)]
    for name in ("llama-3.1-405b", "deepseek-v3"):
        config = "\n".join(f"    {line}" for line in _yaml(example(name)))
        start = text.index("  weight_counts:")
        end = text.index("\ntraining:")
        known.append((name, f"{text[:start]}  config:\n{config}\n{text[end:]}"))
    return known


def parsing() -> Timing:
    """Time parsing a YAML declaration with its model's config in it."""
    accelerators = packaged_accelerators()
    cases = [
        (name, partial(parse_declaration, text, accelerators))
        for name, text in declarations()
    ]
    return _over("parsing a declaration", cases, repeats=ASSESSMENTS)


def bench_assessment() -> Timing:
    """Time the whole assessment of a parsed declaration, against every instrument."""
    rulebook, accelerators = packaged_rulebook("world"), packaged_accelerators()
    cases = []
    for name, text in declarations():
        declared = parse_declaration(text, accelerators)
        cases.append((name, partial(assess, declared, rulebook, ON)))
    instruments = len(rulebook.instruments)
    return _over(
        f"assessing a parsed declaration, {instruments} instruments",
        cases,
        target=2e-3,
        repeats=ASSESSMENTS,
    )


def seconds_of(function: Callable[[], object], repeats: int) -> float:
    """Return the median duration of a call."""
    durations = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        durations.append(perf_counter() - start)
    return median(durations)


def spell_time(seconds: float) -> str:
    """Return a duration in the unit that suits it, to three digits."""
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def _over(
    what: str,
    cases: Sequence[tuple[str, Callable[[], object]]],
    *,
    target: float | None = None,
    repeats: int = REPEATS,
) -> Timing:
    found = {name: seconds_of(function, repeats) for name, function in cases}
    slowest = max(found, key=lambda name: found[name])
    return Timing(
        what=what,
        seconds=median(found.values()),
        slowest=found[slowest],
        slowest_name=slowest,
        target=target,
    )


def _yaml(config: dict[str, object]) -> list[str]:
    """Return JSON as YAML's flow style, a line a key."""
    return [f"{key}: {json.dumps(value)}" for key, value in config.items()]
