"""Importing the meter stays quick: no torch, no web, no database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import assent

ROOT = Path(__file__).parents[3]
HEAVY = ("torch", "transformers", "lightning", "django", "tuf", "numpy", "pydantic")


@pytest.mark.parametrize("line", ["import assent", "from assent import meter, Meter"])
def test_a_training_script_loads_nothing_heavy(line: str) -> None:
    code = f"{line}\nimport sys\nprint(*[n for n in {HEAVY!r} if n in sys.modules])"
    said = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert said.stdout.split() == []


def test_assent_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="mete"):
        assent.mete  # type: ignore[attr-defined] # noqa: B018 - that is the test
