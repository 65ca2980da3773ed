"""The meter in a transformers Trainer.

    with assent.meter(permit=…, key=…, config=model.config, folder=…, job=…) as meter:
        Trainer(model, args, …, callbacks=[assent.MeterCallback(meter)]).train()

Every batch is counted as it enters the model for training, with its real length and its
attention mask. Where the next step may not be done, the Trainer is asked to save a
checkpoint and stop. The counters are kept in the checkpoint's `trainer_state.json`, and
taken from there when training resumes.
"""

from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from assent.apps.meter.meter import Meter
from assent.apps.meter.stops import TrainingMustStop
from assent.apps.meter.torch_loop import count_forward_passes


class MeterCallback(TrainerCallback, ExportableState):  # type: ignore[misc] # untyped
    """Counts each step of a Trainer; give it a meter that is open."""

    def __init__(self, meter: Meter | None = None, **held: Any) -> None:  # noqa: ANN401 - as ExportableState makes it
        """Use a meter; `held` is what a checkpoint held."""
        self.meter = meter
        self.held = held
        self._hook: Any = None

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint is to hold."""
        state = {} if self.meter is None else self.meter.state_dict()
        return {"args": {}, "attributes": {"held": state}}

    def on_train_begin(
        self,
        args: Any,  # noqa: ANN401, ARG002 - of transformers
        state: Any,  # noqa: ANN401
        control: Any,  # noqa: ANN401, ARG002
        model: Any = None,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Take the checkpoint's counters, and count from now on.

        Raises:
            TrainingMustStop: if not even the first step may be done.

        """
        meter = self._open_meter()
        saved = state.stateful_callbacks.get(type(self).__name__)
        if state.global_step and saved and saved["attributes"].get("held"):
            meter.load_state_dict(saved["attributes"]["held"])
        if meter.should_stop and meter.stop is not None:
            raise TrainingMustStop(meter.stop.words, remedy=meter.stop.remedy)
        self._hook = count_forward_passes(model, meter)

    def on_step_end(
        self,
        args: Any,  # noqa: ANN401, ARG002 - of transformers
        state: Any,  # noqa: ANN401, ARG002
        control: Any,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Ask for a checkpoint and the end, if the next step may not be done."""
        if not self._open_meter().end_step():
            control.should_save = control.should_training_stop = True

    def on_log(
        self,
        args: Any,  # noqa: ANN401, ARG002 - of transformers
        state: Any,  # noqa: ANN401, ARG002
        control: Any,  # noqa: ANN401, ARG002
        logs: dict[str, Any] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Report the loss of training, and show what was used beside it."""
        if logs is not None:
            meter = self._open_meter()
            if isinstance(logs.get("loss"), float):
                meter.report_loss(logs["loss"])
            logs["flop_total"] = float(meter.flop_total)

    def on_train_end(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - of transformers
        """Count no more."""
        if self._hook is not None:
            self._hook.remove()

    def _open_meter(self) -> Meter:
        if self.meter is None:
            raise TrainingMustStop(
                "The callback has no meter.",
                remedy="Give it one: MeterCallback(meter); and leave"
                " restore_callback_states_from_checkpoint off.",
            )
        return self.meter
