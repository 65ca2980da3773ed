"""A Lightning Trainer under a meter: a real one, of a tiny model, on the CPU."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.metered import BATCH, STEP, chain_in, open_meter, permit_of, spent

import assent

lightning = pytest.importorskip(
    "lightning.pytorch", reason="Lightning is not installed"
)


def module() -> Any:  # noqa: ANN401 - of Lightning
    class Tiny(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.nn.Embedding(256, 4)

        def training_step(self, batch: Any, _: int) -> Any:  # noqa: ANN401
            return self.table(batch).square().mean()

        def configure_optimizers(self) -> Any:  # noqa: ANN401
            return torch.optim.SGD(self.parameters(), lr=0.1)

    return Tiny()


def batches() -> Any:  # noqa: ANN401 - of torch
    rows = torch.zeros((8 * BATCH[0], BATCH[1]), dtype=torch.long)
    return torch.utils.data.DataLoader(rows, batch_size=BATCH[0])


def trainer_of(folder: Path, callback: Any, max_epochs: int) -> Any:  # noqa: ANN401
    return lightning.Trainer(
        max_epochs=max_epochs,
        accelerator="cpu",
        logger=False,
        default_root_dir=folder,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[callback],
    )


@pytest.mark.filterwarnings("ignore")
def test_stops_before_the_cap_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    saved = tmp_path / "stopped.ckpt"
    with open_meter(tmp_path / "meter", permit_of(flop=5 * STEP)) as meter:
        callback = assent.MeterLightningCallback(meter, save_to=saved)
        trainer = trainer_of(tmp_path, callback, 2)
        trainer.fit(module(), batches())
        assert trainer.global_step == 5
    assert spent(tmp_path / "meter") == 5 * STEP
    with open_meter(tmp_path / "meter") as meter:
        callback = assent.MeterLightningCallback(meter)
        trainer_of(tmp_path, callback, 1).fit(module(), batches(), ckpt_path=str(saved))
        assert meter.step_count > 5
    assert chain_in(tmp_path / "meter")[-1].resumed
    assert spent(tmp_path / "meter") == meter.flop_total
