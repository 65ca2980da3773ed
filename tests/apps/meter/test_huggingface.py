"""A transformers Trainer under a meter: a real one, of a tiny model, on the CPU."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.metered import CONFIG, Clock, chain_in, flop_of, permit_of, spent
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

import assent
from assent.apps.meter import Meter, TrainingMustStop
from assent.compute import Recomputation, Training
from assent.supervision.metering import StopKind
from assent.testing.supervision.metering import METER

LENGTHS = [32, 32, 20, 32, 7, 32, 32, 32] * 4
ROWS = 2
LENGTH = 32
STEP = flop_of(ROWS, LENGTH)


class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg, misc, unused-ignore]
    """Rows of 32 tokens, of which some are padding."""

    def __len__(self) -> int:
        """How many there are."""
        return len(LENGTHS)

    def __getitem__(self, place: int) -> dict[str, Any]:
        """Return one row."""
        mask = (torch.arange(LENGTH) < LENGTHS[place]).long()
        tokens = torch.full((LENGTH,), place + 1)
        return {"input_ids": tokens, "attention_mask": mask, "labels": tokens}


class Listener(TrainerCallback):  # type: ignore[misc] # untyped
    """Keeps what a Trainer shows."""

    def __init__(self, shown: list[dict[str, Any]]) -> None:
        """Keep it here."""
        self.shown = shown

    def on_log(self, *_: Any, logs: dict[str, Any], **__: Any) -> None:  # noqa: ANN401
        """Keep it."""
        self.shown.append(dict(logs))


def trainer_of(folder: Path, meter: Meter, **arguments: Any) -> Trainer:  # noqa: ANN401 - of TrainingArguments
    torch.manual_seed(1)
    model = GPT2LMHeadModel(GPT2Config(**CONFIG))
    given = TrainingArguments(
        output_dir=str(folder / "out"),
        per_device_train_batch_size=ROWS,
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
        logging_steps=1,
        save_steps=1_000,
        dataloader_pin_memory=False,
        **arguments,
    )
    callback = assent.MeterCallback(meter)
    return Trainer(model=model, args=given, train_dataset=Rows(), callbacks=[callback])


def meter_in(folder: Path, flop: int = 10**25) -> Meter:
    return assent.meter(
        permit=permit_of(flop=flop),
        key=METER,
        folder=folder / "meter",
        job="job-7",
        config=GPT2Config(**CONFIG),
        training=Training(recomputation=Recomputation.NONE),
        now=Clock(),
    )


def readings_in(folder: Path) -> list[Any]:
    return [
        reading for batch in chain_in(folder / "meter") for reading in batch.readings
    ]


def test_every_step_is_counted_and_its_padding_told(tmp_path: Path) -> None:
    with meter_in(tmp_path) as meter:
        trainer = trainer_of(tmp_path, meter, max_steps=16)
        shown: list[dict[str, Any]] = []
        trainer.add_callback(Listener(shown))
        trainer.train()
    assert spent(tmp_path / "meter") == 16 * STEP
    assert sum(one.training_tokens for one in readings_in(tmp_path)) == sum(LENGTHS)
    assert sum(
        one.padding_tokens for one in readings_in(tmp_path)
    ) == 32 * LENGTH - sum(LENGTHS)
    assert {"flop_total": 16 * STEP}.items() <= shown[-2].items()
    assert meter.problems == ()


def test_micro_batches_make_one_step(tmp_path: Path) -> None:
    with meter_in(tmp_path) as meter:
        trainer_of(tmp_path, meter, max_steps=4, gradient_accumulation_steps=3).train()
    assert spent(tmp_path / "meter") == 12 * STEP
    assert chain_in(tmp_path / "meter")[-1].head.step_last == 4


def test_stops_before_the_cap_with_a_checkpoint_and_goes_on(tmp_path: Path) -> None:
    with meter_in(tmp_path, flop=5 * STEP + 1) as meter:
        trainer = trainer_of(tmp_path, meter, max_steps=16)
        trainer.train()
        assert trainer.state.global_step == 5
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.CAP
    checkpoint = tmp_path / "out" / "checkpoint-5"
    assert checkpoint.is_dir()
    with meter_in(tmp_path) as meter:  # the permit was varied
        trainer = trainer_of(tmp_path, meter, max_steps=8)
        trainer.train(resume_from_checkpoint=str(checkpoint))
    assert spent(tmp_path / "meter") == 8 * STEP
    last = chain_in(tmp_path / "meter")[-1]
    assert last.head.step_last == 8
    assert last.resumed
    assert not last.rolled_back


def test_going_back_to_an_older_checkpoint_is_told(tmp_path: Path) -> None:
    with meter_in(tmp_path) as meter:
        trainer = trainer_of(tmp_path, meter, max_steps=6)
        trainer.args.save_steps = trainer.state.save_steps = 2
        trainer.train()
    older = tmp_path / "out" / "checkpoint-2"
    with meter_in(tmp_path) as meter:
        trainer_of(tmp_path, meter, max_steps=6).train(
            resume_from_checkpoint=str(older)
        )
    assert spent(tmp_path / "meter") == 10 * STEP
    assert any(batch.rolled_back for batch in chain_in(tmp_path / "meter"))


def test_does_not_begin_where_no_step_may_be_done(tmp_path: Path) -> None:
    with meter_in(tmp_path, flop=STEP) as meter:
        trainer_of(tmp_path, meter, max_steps=3).train()
    with meter_in(tmp_path, flop=STEP) as meter:
        meter.flop_step_max = STEP
        with pytest.raises(TrainingMustStop):
            trainer_of(tmp_path, meter, max_steps=3).train()
    assert spent(tmp_path / "meter") == STEP


def test_evaluation_is_not_counted(tmp_path: Path) -> None:
    with meter_in(tmp_path) as meter:
        trainer = trainer_of(tmp_path, meter, max_steps=2)
        trainer.train()
        trainer.evaluate(Rows())
    assert spent(tmp_path / "meter") == 2 * STEP
