"""Whenever training is killed: the meter signed at least what was computed.

A real model is trained by processes that are killed at random instants and go on from
their checkpoint. It is short here; `make torture` makes it 200 kills.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.metered import chain_in, flop_of
from tests.torture.campaign import ROOT
from tests.torture.metered_training import CHECKPOINT, PERFORMED

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
RUNS = 4 if IS_LONG else 1
KILLS = 50 if IS_LONG else 6  # of each run
LIVES_S_MAX = 0.3
STEPS = 10**6  # further than any killed process gets
SEED = int(os.environ.get("TORTURE_SEED", time.time_ns() % 10**6 if IS_LONG else 1))


class Trainers:
    """Processes of one run, one after the other."""

    def __init__(self, folder: Path, steps: int) -> None:
        """Start what forks them."""
        self._parent = subprocess.Popen(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "tests.torture.metered_training"),
                *(str(folder), str(steps)),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, lives_s: float) -> int:
        """Let one live so long, or to its end if 0; return its exit status."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(f"{int(lives_s * 1e6)}\n".encode())
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        """End what forks them."""
        self._parent.communicate(timeout=60)


def performed_flop(folder: Path) -> int:
    lines = (folder / PERFORMED).read_text().splitlines()
    return sum(flop_of(rows, length) for _, rows, length in map(json.loads, lines))


def signed_flop(folder: Path) -> int:
    return sum(batch.flop for batch in chain_in(folder / "meter"))


def test_an_uninterrupted_run_is_counted_exactly(tmp_path: Path) -> None:
    trainers = Trainers(tmp_path, 30)
    assert trainers.run(0) == 0
    trainers.close()
    assert signed_flop(tmp_path) == performed_flop(tmp_path) > 0
    assert all(batch.flop_charged == 0 for batch in chain_in(tmp_path / "meter"))


def test_a_run_in_pieces_is_counted_exactly(tmp_path: Path) -> None:
    for steps in (12, 24):  # each ends at a checkpoint
        trainers = Trainers(tmp_path, steps)
        assert trainers.run(0) == 0
        trainers.close()
    assert signed_flop(tmp_path) == performed_flop(tmp_path)
    batches = chain_in(tmp_path / "meter")
    assert batches[-1].head.step_last == 24
    assert not any(batch.rolled_back for batch in batches)


@pytest.mark.fuzz
def test_no_flop_is_lost_whenever_training_is_killed(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a test
    print(f"\nTORTURE_SEED={SEED}")  # noqa: T201 - to run it again
    killed = rolled_back = 0
    for number in range(RUNS):
        folder = tmp_path / str(number)
        folder.mkdir()
        trainers = Trainers(folder, STEPS)
        for _ in range(KILLS):
            assert trainers.run(chance.uniform(0.002, LIVES_S_MAX)) == -9
            killed += 1
        trainers.close()
        last = Trainers(folder, 1)  # charges what the last one left, and ends
        assert last.run(0) == 0
        last.close()
        batches = chain_in(folder / "meter")
        rolled_back += sum(len(batch.rolled_back) for batch in batches)
        performed, signed = performed_flop(folder), signed_flop(folder)
        print(f"{performed=:,} {signed=:,} {killed=} {rolled_back=}")  # noqa: T201
        assert signed >= performed > 0
        assert (folder / CHECKPOINT).exists()
        assert batches[-1].head.flop_total == signed
    assert killed == RUNS * KILLS
    assert rolled_back > 0
