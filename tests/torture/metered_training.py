"""A tiny GPT in PyTorch that is trained under a meter, and may be killed at any time.

folder -> a process that trains, saves checkpoints, and tells each step that it begins

Each step is told in `performed.jsonl` right before it is computed, by one write that a
killed process leaves whole or not at all: what the meter signed is held against that.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from tests.metered import BATCH, CONFIG, open_meter
from torch import nn

PERFORMED, CHECKPOINT = "performed.jsonl", "checkpoint.pt"
SAVE_EVERY = 3
WIDTH, VOCABULARY = 64, 256  # of `tests.metered.CONFIG`


class TinyGpt(nn.Module):  # type: ignore[misc] # torch is untyped here
    """Two layers of attention; the shapes of `tests.metered.CONFIG`."""

    def __init__(self) -> None:
        """Make the weights."""
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.place = nn.Embedding(CONFIG["n_positions"], WIDTH)
        layer = nn.TransformerEncoderLayer(
            WIDTH, CONFIG["n_head"], 4 * WIDTH, dropout=0.0, batch_first=True
        )
        self.layers = nn.TransformerEncoder(
            layer, CONFIG["n_layer"], enable_nested_tensor=False
        )
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, tokens: Any) -> Any:  # noqa: ANN401 - tensors
        """Return the loss of the next token."""
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        hidden = self.embed(tokens) + self.place(torch.arange(length))
        logits = self.head(self.layers(hidden, mask=mask, is_causal=True))
        return nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()
        )


def train(folder: Path, steps: int) -> None:
    """Train to a number of steps, from the checkpoint if there is one."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = TinyGpt()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    performed = os.open(folder / PERFORMED, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with open_meter(folder / "meter") as meter:
        if (folder / CHECKPOINT).exists():
            held = torch.load(folder / CHECKPOINT)
            model.load_state_dict(held["model"])
            meter.load_state_dict(held["meter"])
        while meter.step_count < steps:
            # Lengths differ, as in a loader without packing.
            rows, length = BATCH[0], 8 + meter.step_count % 9
            tokens = torch.randint(VOCABULARY, (rows, length))
            if not meter.step(tokens):
                raise SystemExit(str(meter.stop))
            line = json.dumps([meter.step_count, rows, length]) + "\n"
            os.write(performed, line.encode())
            optimizer.zero_grad()
            model(tokens).backward()
            optimizer.step()
            if meter.step_count % SAVE_EVERY == 0:
                held = {"model": model.state_dict(), "meter": meter.state_dict()}
                torch.save(held, folder / "checkpoint.new")
                (folder / "checkpoint.new").replace(folder / CHECKPOINT)
        if meter.problems:
            raise SystemExit(str(meter.problems))
    os.close(performed)


def main() -> None:
    """Fork a trainer for each line on stdin: how long it may live, in microseconds.

    torch is imported once, before, so that hundreds of kills take minutes. A line
    with 0 lets a trainer come to its end. The exit status of each is told on stdout.
    """
    import signal  # noqa: PLC0415 - the trainer that is forked needs none
    import time  # noqa: PLC0415

    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    torch.optim.SGD(TinyGpt().parameters(), lr=0.01)  # imports for a second
    for line in sys.stdin:
        lives_s = int(line) / 1e6
        child = os.fork()
        if child == 0:
            train(folder, steps)
            os._exit(0)
        if lives_s:
            time.sleep(lives_s)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
