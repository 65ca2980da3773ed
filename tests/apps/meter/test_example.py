"""The words run: the loop in the documentation, and, where JAX is, its example."""

import importlib.util
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.metered import BATCH, CONFIG, chain_in

from assent.testing.permits import make_bundle, make_caps, make_permit

ROOT = Path(__file__).parents[3]


def test_every_step_in_jax_is_counted(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    place = ROOT / "examples" / "meter_jax.py"
    spec = importlib.util.spec_from_file_location("meter_jax", place)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    permit = tmp_path / "permit.json"
    caps = make_caps(not_after=datetime(2100, 1, 1, tzinfo=UTC))
    permit.write_bytes(make_bundle(make_permit(caps=caps)))
    meter = example.train(permit, tmp_path, steps=5)
    assert meter.stop is None
    assert meter.step_count == 5
    assert meter.training_tokens == 5 * 4 * 32
    key = meter.keeper.signer.key
    batches = chain_in(tmp_path / "job-1", "job-1", key)
    assert sum(batch.flop for batch in batches) == meter.flop_total > 0


def test_the_loop_in_the_documentation_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "metering.md").read_text()
    # Run here, since it needs a permit of its own: `py` keeps it from being run bare.
    (block,) = re.findall(r"```py\n(.*?)```", text, re.DOTALL)
    caps = make_caps(not_after=datetime(2100, 1, 1, tzinfo=UTC))
    (tmp_path / "permit.json").write_bytes(make_bundle(make_permit(caps=caps)))
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    for place in ("permit.json", "meter.key", "config.json", "/data/meter/job-7"):
        assert f'"{place}"' in block
        block = block.replace(place, str(tmp_path / Path(place).name))
    saved: dict[str, Any] = {}

    class Model:
        """Whatever has weights."""

        def state_dict(self) -> dict[str, object]:
            """Return them."""
            return {}

    trained: list[object] = []
    exec(  # noqa: S102 - our own words
        block,
        {
            "loader": [BATCH] * 3,
            "train_on": trained.append,
            "model": Model(),
            "save": lambda weights, meter: saved.update(weights, meter=meter),
        },
    )
    assert trained == [BATCH] * 3
    assert saved["meter"]["step"] == 3
