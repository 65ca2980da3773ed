"""A run that goes on from its checkpoint goes on bit for bit."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "train_small_gpt.py"


def weights_after(folder: Path, steps: int) -> str:
    """Train, or go on training, to so many steps; return the digest of the weights."""
    done = subprocess.run(  # noqa: S603 - our own example
        [sys.executable, str(SCRIPT), "--to", str(folder), "--steps", str(steps)],
        check=True,
        capture_output=True,
        text=True,
    )
    (line,) = [one for one in done.stdout.splitlines() if "checkpoint at" in one]
    assert f"step {steps}," in line
    return line.split()[-1]


def test_going_on_is_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    whole = weights_after(tmp_path / "whole", 4)
    half = weights_after(tmp_path / "halves", 2)
    assert weights_after(tmp_path / "halves", 4) == whole != half
