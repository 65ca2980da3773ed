"""Meter a training loop in JAX: a two-layer language model on made-up text.

    pip install jax
    python examples/meter_jax.py permit.json out/meter

JAX compiles a step once a shape; the meter is asked before each call, outside of what
is compiled, and needs no more than the shape of the tokens.
"""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp

import assent

CONFIG = {  # as a config.json would say it
    "model_type": "gpt2",
    "n_layer": 1,
    "n_embd": 32,
    "n_head": 1,
    "n_positions": 64,
    "vocab_size": 64,
}
WIDTH, WORDS, RATE = 32, 64, 0.1


def loss(weights: dict[str, jax.Array], tokens: jax.Array) -> jax.Array:
    """Return the mean loss of the next token."""
    hidden = weights["embed"][tokens]
    scores = hidden @ weights["mix"] @ hidden.swapaxes(1, 2)
    mask = jnp.tril(jnp.ones(scores.shape[1:], bool))
    attended = jax.nn.softmax(jnp.where(mask, scores, -1e9)) @ hidden
    logits = (hidden + attended) @ weights["embed"].T
    chosen = jnp.take_along_axis(
        jax.nn.log_softmax(logits[:, :-1]), tokens[:, 1:, None], axis=2
    )
    return -chosen.mean()


@jax.jit
def step(weights: dict[str, jax.Array], tokens: jax.Array) -> dict[str, jax.Array]:
    """Return the weights after one step."""
    slopes = jax.grad(loss)(weights, tokens)
    return jax.tree.map(lambda held, slope: held - RATE * slope, weights, slopes)


def train(permit: Path, folder: Path, steps: int = 20) -> assent.Meter:
    """Train for so many steps, or until the meter stops it."""
    keys = jax.random.split(jax.random.key(1), 3)
    weights = {
        "embed": jax.random.normal(keys[0], (WORDS, WIDTH)) / WIDTH,
        "mix": jnp.eye(WIDTH),
    }
    with assent.meter(
        permit=permit,
        key=folder / "meter.key",
        config=CONFIG,
        folder=folder / "job-1",
        job="job-1",
    ) as meter:
        for number in range(steps):
            key = jax.random.fold_in(keys[2], number)
            tokens = jax.random.randint(key, (4, 32), 0, WORDS)
            if not meter.step(tokens):
                print(meter.stop)
                break
            weights = step(weights, tokens)
        print(meter.progress)
    return meter


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]))
