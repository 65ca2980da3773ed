"""The meter in a Lightning Trainer.

    Trainer(callbacks=[assent.MeterLightningCallback(meter), ModelCheckpoint(…)])

Each batch is a step of the meter. Lightning lets no callback skip one, so the meter
looks ahead by the largest so far; where the next may not be done, the Trainer stops.
The counters are in Lightning's checkpoints.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback

from assent.apps.meter.meter import Meter
from assent.apps.meter.stops import TrainingMustStop


class MeterLightningCallback(Callback):  # type: ignore[misc] # untyped
    """Counts each batch before it is done; give it a meter that is open."""

    def __init__(self, meter: Meter, *, save_to: Path | None = None) -> None:
        """Use a meter; write a checkpoint to `save_to` when it stops the run."""
        super().__init__()
        self.meter = meter
        self._save_to = save_to

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ANN401, ARG002 - of Lightning
        """See that there is a step that may be done.

        Raises:
            TrainingMustStop: if not even the first.

        """
        if self.meter.should_stop and self.meter.stop is not None:
            stop = self.meter.stop
            raise TrainingMustStop(stop.words, remedy=stop.remedy)

    def on_train_batch_start(
        self,
        trainer: Any,  # noqa: ANN401, ARG002 - of Lightning
        pl_module: Any,  # noqa: ANN401, ARG002
        batch: Any,  # noqa: ANN401
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Count a batch."""
        self.meter.add(batch)

    def on_train_batch_end(self, trainer: Any, *_: Any, **__: Any) -> None:  # noqa: ANN401 - of Lightning
        """Stop with a checkpoint, if the next may not be done."""
        if not self.meter.end_step() and not trainer.should_stop:
            trainer.should_stop = True
            if self._save_to is not None:
                trainer.save_checkpoint(self._save_to)

    def state_dict(self) -> dict[str, object]:
        """Return the counters, for Lightning's checkpoint."""
        return self.meter.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take the counters from Lightning's checkpoint."""
        self.meter.load_state_dict(state_dict)
