"""Train a small GPT on letters, under a meter, until it is done or has to stop.

    assent gate run … -- python examples/train_small_gpt.py --permit FILE --to FOLDER

The model is the one that `examples/practice-nano.yaml` declares. Steps are counted
before they are done; the checkpoint holds weights, optimizer, step and the meter's
counters, so that whoever goes on from it goes on bit for bit.
"""

import argparse
import hashlib
import math
import os
import signal
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

import assent
from assent.apps.meter import Rhythm
from assent.compute import Recomputation, Training

CONFIG = {
    "model_type": "gpt2",
    "n_embd": 384,
    "n_head": 6,
    "n_layer": 6,
    "n_positions": 256,
    "vocab_size": 65,
}
ROWS, LENGTH = 8, 64
SHOWN_EVERY = 5
STOPPED = 75
TEXT = (
    "Whereas recognition of the inherent dignity and of the equal and inalienable"
    " rights of all members of the human family is the foundation of freedom,"
    " justice and peace in the world. "
)


class Block(nn.Module):
    """One layer: attention, then a network of two layers, each added to the stream."""

    def __init__(self, width: int, heads: int) -> None:
        """Make the layer."""
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        """Return the stream with what the layer adds, rows × places × width."""
        rows, places, width = stream.shape
        parts = self.mix(self.norm_1(stream)).split(width, dim=2)
        query, key, value = (
            part.view(rows, places, self.heads, -1).transpose(1, 2) for part in parts
        )
        seen = functional.scaled_dot_product_attention(
            query, key, value, is_causal=True
        )
        stream = stream + self.out(seen.transpose(1, 2).reshape(rows, places, width))
        return stream + self.down(functional.gelu(self.up(self.norm_2(stream))))


class SmallGpt(nn.Module):
    """A GPT whose output layer shares its weights with the embedding."""

    def __init__(self) -> None:
        """Make the model that CONFIG describes."""
        super().__init__()
        width = CONFIG["n_embd"]
        self.tokens = nn.Embedding(CONFIG["vocab_size"], width)
        self.places = nn.Embedding(CONFIG["n_positions"], width)
        self.blocks = nn.ModuleList(
            Block(width, CONFIG["n_head"]) for _ in range(CONFIG["n_layer"])
        )
        self.norm = nn.LayerNorm(width)
        for weights in self.parameters():
            if weights.dim() > 1:
                nn.init.normal_(weights, std=0.02 / math.sqrt(2))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return what each place expects next, rows × places × vocabulary."""
        stream = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        for block in self.blocks:
            stream = block(stream)
        return self.norm(stream) @ self.tokens.weight.T


def batch_of(step: int) -> torch.Tensor:
    """Return the letters of a step, rows × places and one: always the same."""
    letters = sorted(set(TEXT))
    text = torch.tensor([letters.index(letter) for letter in TEXT * 2])
    source = torch.Generator().manual_seed(step)
    starts = torch.randint(len(TEXT), (ROWS,), generator=source)
    return torch.stack([text[start : start + LENGTH + 1] for start in starts.tolist()])


def digest_of(model: nn.Module) -> str:
    """Return a digest of all weights, to the last bit."""
    made = hashlib.sha256()
    for weights in model.state_dict().values():
        made.update(weights.numpy().tobytes())
    return made.hexdigest()[:16]


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    meter: assent.Meter,
    checkpoint: Path,
    steps: int,
) -> int:
    """Go on from the checkpoint if there is one, until done or stopped; save."""
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        meter.load_state_dict(saved["meter"])
        step = saved["step"]
        print(f"goes on from step {step}, weights {digest_of(model)}")
    told: list[str] = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(""))
    while step < steps and not told:
        rows = batch_of(step)
        if not meter.step((ROWS, LENGTH)):
            break
        expected = model(rows[:, :-1])
        loss = functional.cross_entropy(
            expected.reshape(-1, expected.shape[2]), rows[:, 1:].reshape(-1)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % SHOWN_EVERY == 0:
            print(
                f"step {step:4}  loss {loss.item():.3f}  {meter.progress}", flush=True
            )
    saved = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "meter": meter.state_dict(),
        "step": step,
    }
    unfinished = checkpoint.with_suffix(".writing")
    torch.save(saved, unfinished)
    unfinished.replace(checkpoint)
    print(f"checkpoint at step {step}, weights {digest_of(model)}")
    if step >= steps:
        return 0
    print(f"stopped: {meter.stop.words if meter.stop else 'told to stop'}")
    return STOPPED


def main() -> int:
    """Train; return 0 when it is done, and 75 when it had to stop."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--permit", help="the permit's file; none for no meter")
    asked.add_argument("--to", type=Path, required=True, help="folder of the run")
    asked.add_argument("--steps", type=int, default=1_000)
    asked.add_argument("--chips", default="practice-cpu")
    given = asked.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    given.to.mkdir(parents=True, exist_ok=True)
    model = SmallGpt()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    if given.permit is None:
        os.environ["ASSENT_METER"] = "off"
    job = os.environ.get("ASSENT_JOB_ID", "job")
    with assent.meter(
        permit=given.permit or "none",
        key=given.to / "meter.key",
        config=CONFIG,
        training=Training(recomputation=Recomputation.NONE),
        folder=given.to / job.replace("/", "-"),
        job=job,
        chips={given.chips: 1},
        gate=os.environ.get("ASSENT_GATE_SOCKET"),
        rhythm=Rhythm(interval_s=1.0, readings_per_batch=1),
    ) as meter:
        return train(model, optimizer, meter, given.to / "checkpoint.pt", given.steps)


if __name__ == "__main__":
    sys.exit(main())
