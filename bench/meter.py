"""What does a meter cost the loop it is in, and whoever takes its readings in?

a metered loop -> time of a step; signed batches -> readings verified a second

Nothing is simulated but the training: the meter writes, flushes and signs beside the
loop, which hashes for about ten milliseconds a step and, as PyTorch's kernels do, lets
other threads run meanwhile.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import perf_counter

import torch
from bench.race import in_turns
from bench.scratch import scratch
from bench.speed import spell_time
from bench.spread import spreads
from bench.table import WORSE, Table

import assent
from assent.adapters.packaged import packaged_accelerators
from assent.apps.meter import Meter, Rhythm
from assent.compute import read_config
from assent.supervision.metering import READINGS_MAX, sign_readings, verify_readings
from assent.testing.permits import make_permit
from assent.testing.supervision.metering import (
    BEGAN,
    CHAIN,
    METER,
    make_readings,
)
from assent.vocabulary.envelope import parse_envelope

STEPS = 400
STEP_S = 10e-3
TARGET_S = 0.005 * STEP_S
TARGET_READINGS = 20_000
READINGS = 8 * READINGS_MAX  # verified a round
_CONFIG = {"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12}
_NOTES = (
    """\
“A step asked for” is the call before each step: shape, count, lines not to cross,
reserve. Tensors are 8 rows of 2,048 tokens on the CPU with an attention mask, whose sum
is half of it. Targets are half a percent of a step of ten milliseconds. “Added to
a step” is the difference of the medians of {steps} steps of {step} with and without a
meter, in turns, while the meter makes, signs and flushes a reading a second; it can
come out below zero, for two such steps differ by more than a meter takes.""",
    """\
“Taken in” is from the bytes of an envelope to believed readings: signature, canonical
form, digests, chain, totals, times, ceiling of the chips. What a ledger writes comes on
top. No peer is known to us that signs or verifies what a training loop counts.""",
)


def meter() -> Table:
    """Time steps with a meter, and verification of its readings."""
    rows = [*_steps(), *_verifications()]
    steps = f"{STEP_S * 1e3:.0f} ms"
    return Table(
        title="A meter in the loop, and its readings taken in",
        columns=("what", "median", "99 of 100 below", "target"),
        rows=rows,
        notes=(_NOTES[0].format(steps=STEPS, step=steps), _NOTES[1]),
    )


def _open(folder: object) -> Meter:
    return assent.meter(
        permit=make_permit(),
        key=METER,
        folder=f"{folder}",
        job="job-7",
        architecture=read_config(
            {**_CONFIG, "n_positions": 2048, "vocab_size": 50_257}
        ),
        rhythm=Rhythm(interval_s=1.0, readings_per_batch=1),
        now=lambda: BEGAN,
    )


def _steps() -> list[tuple[str, ...]]:
    ids = torch.ones((8, 2048), dtype=torch.long)
    batches = {
        "a step asked for, by numbers": (8, 2048),
        "a step asked for, by tensors": {"input_ids": ids, "attention_mask": ids},
    }
    work = _work()
    with scratch() as folder, _open(folder / "meter") as held:
        asked: dict[str, Callable[[], object]] = {
            what: partial(held.step, batch) for what, batch in batches.items()
        }
        found = spreads(asked, 20 * STEPS)

        def metered() -> None:
            held.step((8, 2048))
            work()

        loops = spreads({"metered": metered, "bare": work}, STEPS)
        if held.problems or held.stop is not None:
            raise ValueError(f"the meter failed: {held.problems} {held.stop}")
    rows = [
        (what, _marked(one.p50), spell_time(one.p99), spell_time(TARGET_S))
        for what, one in found.items()
    ]
    added = loops["metered"].p50 - loops["bare"].p50
    share = added / loops["bare"].p50
    mark = f" {WORSE}" if added > TARGET_S else ""
    said = f"{'−' if added < 0 else ''}{spell_time(abs(added))} ({share:+.2%}){mark}"
    return [*rows, ("added to a step of ten milliseconds", said, "–", "0.50%")]


def _work() -> Callable[[], object]:
    """Return about ten milliseconds of work outside Python's lock."""
    data = bytes(1_000_000)
    start = perf_counter()
    for _ in range(20):
        hashlib.sha256(data)
    size = int(len(data) * STEP_S / ((perf_counter() - start) / 20))
    block = bytes(size)
    return lambda: hashlib.sha256(block)


def _verifications() -> list[tuple[str, ...]]:
    accelerators = packaged_accelerators()
    rows: list[tuple[str, ...]] = []
    readings = make_readings(READINGS)
    now = BEGAN + timedelta(days=1)
    for size in (READINGS_MAX, 6, 1):
        sent = [
            sign_readings(readings[start : start + size], METER).encoded
            for start in range(0, READINGS, size)
        ]

        def take_in(_: int, sent: list[bytes] = sent) -> float:
            start, head, count = perf_counter(), None, 0
            for data in sent:
                envelope = parse_envelope(data)
                found = verify_readings(envelope, CHAIN, head, accelerators, now)
                head, count = found.head, count + len(found.readings)
            return count / (perf_counter() - start)

        rate = in_turns({"ours": take_in})["ours"]
        is_missed = size == READINGS_MAX and rate < TARGET_READINGS
        rows.append(
            (
                f"taken in, {size} a signature",
                f"{rate:,.0f} /s{f' {WORSE}' if is_missed else ''}",
                "–",
                f"{TARGET_READINGS:,} /s" if size == READINGS_MAX else "–",
            )
        )
    return rows


def _marked(seconds: float) -> str:
    return f"{spell_time(seconds)}{f' {WORSE}' if seconds > TARGET_S else ''}"
