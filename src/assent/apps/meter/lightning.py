"""The meter in a Lightning Trainer.

    Trainer(callbacks=[assent.MeterLightningCallback(meter), ModelCheckpoint(…)])

Each batch is a step of the meter, asked for before it is done; where it may not be
done, it is skipped and the Trainer stops. The counters are in Lightning's checkpoints.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback

from assent.apps.meter.meter import Meter

_SKIP = -1  # what Lightning takes for: do not do this batch, nor the rest of the epoch


class MeterLightningCallback(Callback):  # type: ignore[misc] # untyped
    """Asks a meter before each batch; give it a meter that is open."""

    def __init__(self, meter: Meter, *, save_to: Path | None = None) -> None:
        """Use a meter; write a checkpoint to `save_to` when it stops the run."""
        super().__init__()
        self.meter = meter
        self._save_to = save_to

    def on_train_batch_start(
        self,
        trainer: Any,  # noqa: ANN401 - of Lightning
        pl_module: Any,  # noqa: ANN401, ARG002
        batch: Any,  # noqa: ANN401
        batch_idx: int,  # noqa: ARG002
    ) -> int | None:
        """Count a batch, or have it skipped and the run stopped."""
        if self.meter.step(batch):
            return None
        if not trainer.should_stop:
            trainer.should_stop = True
            if self._save_to is not None:
                trainer.save_checkpoint(self._save_to)
        return _SKIP

    def state_dict(self) -> dict[str, object]:
        """Return the counters, for Lightning's checkpoint."""
        return self.meter.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take the counters from Lightning's checkpoint."""
        self.meter.load_state_dict(state_dict)
