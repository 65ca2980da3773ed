"""FLOP of a batch: those of the closed form, padding included, exactly."""

import pytest

from assent.compute import (
    Recomputation,
    TokenStream,
    Training,
    count_pass,
    read_config,
)
from assent.supervision.metering import BatchShape, FlopPerBatch, ShapeUnknown
from assent.supervision.metering.count import SHAPES_KEPT_MAX
from assent.vocabulary import FactsMissing

GPT2 = read_config(
    {
        "model_type": "gpt2",
        "n_layer": 2,
        "n_embd": 64,
        "n_head": 4,
        "n_positions": 128,
        "vocab_size": 256,
    }
)
ONCE = Training(recomputation=Recomputation.NONE)


def test_a_batch_is_what_the_closed_form_counts() -> None:
    count = FlopPerBatch(GPT2, ONCE)
    stream = TokenStream(tokens=8 * 32, length=32)
    expected = count_pass(GPT2, {"text": stream}, ONCE).hardware.high
    assert count(BatchShape.of_rows(8, 32)) == expected > 0


def test_two_layers_by_hand() -> None:
    """6 FLOP a multiplied weight and token, and 12·d·L² a row and layer of scores."""
    width, vocabulary, rows, length = 64, 256, 8, 32
    products = 6 * rows * length * (2 * 12 * width * width + width * vocabulary)
    scores = 2 * rows * 12 * width * length * length
    assert FlopPerBatch(GPT2, ONCE)(BatchShape.of_rows(8, 32)) == products + scores


def test_recomputation_that_is_not_declared_is_counted_in_full() -> None:
    full = Training(recomputation=Recomputation.FULL)
    shape = BatchShape.of_rows(8, 32)
    assert FlopPerBatch(GPT2)(shape) == FlopPerBatch(GPT2, full)(shape)
    assert FlopPerBatch(GPT2)(shape) > FlopPerBatch(GPT2, ONCE)(shape)


def test_padding_costs_as_much_as_tokens() -> None:
    count = FlopPerBatch(GPT2, ONCE)
    padded = BatchShape.of_rows(8, 32, padding_tokens=100)
    assert count(padded) == count(BatchShape.of_rows(8, 32))
    assert (padded.training_tokens, padded.padding_tokens) == (156, 100)


def test_longer_rows_cost_more_than_more_rows() -> None:
    count = FlopPerBatch(GPT2, ONCE)
    assert count(BatchShape.of_rows(1, 64)) > count(BatchShape.of_rows(2, 32))
    assert count(BatchShape.of_rows(2, 32)) == 2 * count(BatchShape.of_rows(1, 32))


def test_many_shapes_are_counted_alike() -> None:
    count, fresh = FlopPerBatch(GPT2, ONCE), FlopPerBatch(GPT2, ONCE)
    first = count(BatchShape.of_rows(1, 1))
    for length in range(1, SHAPES_KEPT_MAX + 3):  # more than it remembers
        count(BatchShape.of_rows(1, length))
    for length in (1, 2, SHAPES_KEPT_MAX, SHAPES_KEPT_MAX + 2):
        shape = BatchShape.of_rows(1, length)
        assert count(shape) == FlopPerBatch(GPT2, ONCE)(shape)
    assert count(BatchShape.of_rows(1, 1)) == first
    assert fresh == count  # what is remembered is no part of what it is


@pytest.mark.parametrize(
    ("rows", "length", "padding"), [(-1, 8, 0), (1, 0, 0), (10**10, 8, 0), (1, 8, 9)]
)
def test_refuses_shapes_that_no_batch_has(rows: int, length: int, padding: int) -> None:
    with pytest.raises(ShapeUnknown):
        BatchShape.of_rows(rows, length, padding)


def test_refuses_a_model_whose_stream_is_not_given() -> None:
    image = BatchShape(streams={"image": (1, 16)}, training_tokens=16)
    with pytest.raises(FactsMissing):
        FlopPerBatch(GPT2, ONCE)(image)
