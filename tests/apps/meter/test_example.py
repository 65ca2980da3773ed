"""The example in JAX meters what it trains; only where JAX is installed."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.metered import chain_in

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
